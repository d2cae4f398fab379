import type { Point } from '../../domain/geometry.js';
import type { Incident, ThrowDetails, TrajectoryPoint } from '../../domain/incident.js';
import type { Caption } from '../drawing/caption.js';
import { scale, textColour, verdictColours } from '../drawing/look.js';
import { drawLabel, landingMark, originMark, outlinedText, type PlacedLabel, placeLabel, stroked } from '../drawing/marks.js';
import { n, textWidthPx } from '../drawing/svg-text.js';
import { type TrailContent, type TrailLayout, trailBand } from './trail-band.js';

/** The drawing over a trail picture, as the content of an SVG of the size of picture and band together. */
export function trailOverlay(
  layout: TrailLayout,
  incident: Incident,
  details: ThrowDetails,
  caption: Caption,
  shown: TrailContent,
): string {
  const { width, height } = layout;
  const colour = verdictColours[incident.verdict];
  const path = details.trajectory.map((p) => ({ x: p.x * width, y: p.y * height, half: objectRadius(p, width, height), t: p.t }));
  const origin = toPixels(details.origin.point, width, height);
  const landing = toPixels(details.landing.point, width, height);
  const side = landing.x >= origin.x ? 'left' : 'right';
  const labels = [placeLabel(caption.origin, origin, side, width, height), placeLabel(caption.landing, landing, side, width, height)];
  const marks = [
    ...sleevePaths(path, [origin, landing], width).map((d) => stroked(`<path d="${d}"/>`, colour, width, 0.8)),
    ...timeMarks(path, labels, width, height),
    originMark(origin, colour, width),
    landingMark(landing, details.landing.extrapolated, path.at(-1) ?? origin, colour, width, height),
  ];
  return [...marks, ...labels.map((label) => drawLabel(label, colour)), trailBand(layout, colour, shown)].join('\n');
}

/** A position of the object, pixels; `half` is half the diagonal of its box, `t` seconds on the stream's clock. */
interface PathPoint extends Point {
  readonly half: number;
  readonly t: number;
}

const toPixels = (p: Point, width: number, height: number): Point => ({ x: p.x * width, y: p.y * height });
const objectRadius = (p: TrajectoryPoint, width: number, height: number): number => Math.hypot(p.w * width, p.h * height) / 2;

/**
 * Two lines, one either side of the path, so that nothing is drawn on the object itself. They stop outside the rings:
 * what is inside a ring is what a person wants to see.
 */
function sleevePaths(path: readonly PathPoint[], rings: readonly Point[], width: number): string[] {
  if (path.length < 2) return [];
  const reach = 2 * scale.sleeve * width;
  const sides: [string[], string[]] = [[], []];
  for (let i = 0; i < path.length; i++) {
    const p = path[i] as PathPoint;
    const before = neighbour(path, i, -1, reach);
    const after = neighbour(path, i, 1, reach);
    const length = Math.hypot(after.x - before.x, after.y - before.y);
    if (length < 1 || rings.some((ring) => Math.hypot(p.x - ring.x, p.y - ring.y) < 1.15 * scale.ring * width)) continue;
    const offset = Math.max(scale.sleeve * width, 1.5 * p.half);
    const normal = { x: (-(after.y - before.y) / length) * offset, y: ((after.x - before.x) / length) * offset };
    sides[0].push(`${n(p.x + normal.x)} ${n(p.y + normal.y)}`);
    sides[1].push(`${n(p.x - normal.x)} ${n(p.y - normal.y)}`);
  }
  return sides.filter((side) => side.length > 1).map((side) => `M${side.join('L')}`);
}

/** The first point at least `reach` away along the path, or its end: steps of a pixel have no direction to speak of. */
function neighbour(path: readonly PathPoint[], from: number, step: 1 | -1, reach: number): PathPoint {
  const start = path[from] as PathPoint;
  let at = start;
  for (let i = from + step; i >= 0 && i < path.length; i += step) {
    at = path[i] as PathPoint;
    if (Math.hypot(at.x - start.x, at.y - start.y) >= reach) break;
  }
  return at;
}

/** Small labels `+0.5 s`, … beside the path, at the first position of each half second; left out where another label stands. */
function timeMarks(path: readonly PathPoint[], labels: readonly PlacedLabel[], width: number, height: number): string[] {
  const first = path[0];
  if (first === undefined) return [];
  const fontPx = 0.72 * scale.labelFont * width;
  const marks: string[] = [];
  let nextS = 0.5;
  let lastY = Number.NEGATIVE_INFINITY;
  for (const at of path) {
    const elapsedS = at.t - first.t;
    if (elapsedS < nextS) continue;
    nextS = 0.5 * (Math.floor(elapsedS / 0.5) + 1);
    const text = `+${elapsedS.toFixed(1)} s`;
    const gap = Math.max(scale.sleeve * width, 1.5 * at.half);
    const reach = gap + 0.8 * fontPx + textWidthPx(text, fontPx, true);
    const direction = at.x + reach < width ? 1 : -1;
    const hidden = labels.some(
      (l) =>
        Math.min(at.x, at.x + direction * reach) < l.x + l.width &&
        Math.max(at.x, at.x + direction * reach) > l.x &&
        at.y + fontPx > l.y &&
        at.y - fontPx < l.y + l.height,
    );
    if (hidden || Math.abs(at.y - lastY) < 1.4 * fontPx || at.y < fontPx || at.y > height - fontPx) continue;
    lastY = at.y;
    const edge = at.x + direction * gap;
    const tip = edge + direction * 0.6 * fontPx;
    marks.push(
      stroked(`<path d="M${n(edge)} ${n(at.y)}L${n(tip)} ${n(at.y)}"/>`, textColour, width),
      outlinedText(text, tip + direction * 0.2 * fontPx, at.y + 0.36 * fontPx, fontPx, direction === 1 ? 'start' : 'end'),
    );
  }
  return marks;
}
