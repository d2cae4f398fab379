import { createFacadePlane } from '../../core/geometry/facade-plane.js';
import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import { n, outlinedText, textWidthPx } from '../../evidence/drawing/index.js';

/** Sizes as fractions of the picture's width, as in the pictures of evidence. */
const LINE = 0.0012;
const FONT = 0.012;
/** Least distance between two floor numbers, font heights: numbers that would overlap are left out, each fifth stays longest. */
const NUMBER_GAP = 1.1;
const LINE_COLOUR = '#ffb000';
const SIDE_COLOUR = '#22d3ee';

/**
 * A facade's corners, a line a floor with the floor's number beside it, and the units' borders, as the content of an SVG of the picture's size: through the engine's
 * own plane, so that it shows what the engine will see.
 */
export function facadeDrawing({ width, height }: { readonly width: number; readonly height: number }, facade: Facade): string {
  const plane = createFacadePlane(facade, width, height);
  const { first, last, heightM } = facade.floors;
  const at = (share: number, floors: number): Point => plane.toPixels({ x: share * plane.widthM, y: floors * heightM });
  const count = last - first + 1;
  const parts: string[] = [];
  for (let k = 0; k <= count; k++) parts.push(line(at(0, k), at(1, k), LINE_COLOUR, width, k === 0 || k === count ? 2 : 1));
  for (let i = 0; i <= Math.max(1, facade.units.length); i++) {
    const share = i / Math.max(1, facade.units.length);
    parts.push(line(at(share, 0), at(share, count), SIDE_COLOUR, width, share === 0 || share === 1 ? 2 : 1));
  }
  parts.push(...floorNumbers(first, count, at, width), ...unitNames(facade.units, at, width, height));
  for (const corner of facade.corners) {
    parts.push(
      `<circle cx="${n(corner.x * width)}" cy="${n(corner.y * height)}" r="${n(4 * LINE * width)}" fill="${SIDE_COLOUR}" stroke="#000"/>`,
    );
  }
  return parts.join('');
}

function floorNumbers(first: number, count: number, at: (share: number, floors: number) => Point, width: number): string[] {
  const fontPx = FONT * width;
  const parts: string[] = [];
  for (const [share, anchor, shift] of [
    [0, 'end', -0.4],
    [1, 'start', 0.4],
  ] as const) {
    const storeyPx = Math.abs(at(share, 0).y - at(share, count).y) / count;
    const every = storeyPx >= NUMBER_GAP * fontPx ? 1 : 5;
    for (let k = 0; k < count; k++) {
      if (every > 1 && k !== 0 && k !== count - 1 && (first + k) % every !== 0) continue;
      const { x, y } = at(share, k + 0.5);
      parts.push(outlinedText(String(first + k), x + shift * fontPx, y + 0.36 * fontPx, fontPx, anchor));
    }
  }
  return parts;
}

function unitNames(units: readonly string[], at: (share: number, floors: number) => Point, width: number, height: number): string[] {
  return units.map((unit, i) => {
    const { x, y } = at((i + 0.5) / units.length, 0.5);
    const right = width - textWidthPx(unit, FONT * width);
    return outlinedText(unit, Math.min(right, x), Math.min(height - FONT * width, y), 1.3 * FONT * width, 'middle');
  });
}

function line(a: Point, b: Point, colour: string, width: number, weight: number): string {
  const path = `<path d="M${n(a.x)} ${n(a.y)}L${n(b.x)} ${n(b.y)}"`;
  const px = Math.max(1, LINE * width * weight);
  return `${path} stroke="#000" stroke-opacity="0.5" stroke-width="${n(2 * px)}"/>${path} stroke="${colour}" stroke-width="${n(px)}"/>`;
}
