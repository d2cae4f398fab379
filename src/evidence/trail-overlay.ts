import type { Point } from '../domain/geometry.js';
import type { Incident, ThrowDetails, TrajectoryPoint } from '../domain/incident.js';
import type { Caption } from './caption.js';
import { clamp } from './picture.js';
import { escapeXml, textWidthPx } from './svg-text.js';
import { bandColour, scale, type TrailContent, type TrailLayout, textColour, trailBand, verdictColours } from './trail-band.js';

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
const n = (value: number): string => value.toFixed(1);

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

function originMark(at: Point, colour: string, width: number): string {
  return stroked(`<circle cx="${n(at.x)}" cy="${n(at.y)}" r="${n(scale.ring * width)}"/>`, colour, width, 1.5);
}

/** A ring with a cross outside it; dashed where it is extrapolated, with a dashed line from the last position seen. */
function landingMark(at: Point, extrapolated: boolean, last: Point, colour: string, width: number, height: number): string {
  const r = scale.ring * width;
  const inside = at.x >= 0 && at.x < width && at.y >= 0 && at.y < height;
  const dash = extrapolated ? ` stroke-dasharray="${n(0.5 * r)} ${n(0.32 * r)}"` : '';
  const way = extrapolated && Math.hypot(at.x - last.x, at.y - last.y) > 3 * r ? wayLine(last, at, r, dash) : '';
  if (!inside) return way === '' ? '' : clipped(stroked(way, colour, width), width, height);
  const ticks = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ].map(([dx, dy]) => `M${n(at.x + (dx ?? 0) * r)} ${n(at.y + (dy ?? 0) * r)}l${n((dx ?? 0) * 0.5 * r)} ${n((dy ?? 0) * 0.5 * r)}`);
  const ring = `<circle cx="${n(at.x)}" cy="${n(at.y)}" r="${n(r)}"${dash}/><path d="${ticks.join('')}"/>`;
  return clipped(stroked(way + ring, colour, width, 1.5), width, height);
}

function wayLine(from: Point, to: Point, r: number, dash: string): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const ux = (to.x - from.x) / length;
  const uy = (to.y - from.y) / length;
  return `<path d="M${n(from.x + ux * r)} ${n(from.y + uy * r)}L${n(to.x - ux * r)} ${n(to.y - uy * r)}"${dash}/>`;
}

/** Keeps a drawing off the band below the picture. */
function clipped(content: string, width: number, height: number): string {
  return `<svg x="0" y="0" width="${width}" height="${height}">${content}</svg>`;
}

/** A shape in colour over a wider dark line, so that it stands out on bright and dark ground. */
function stroked(shape: string, colour: string, width: number, weight = 1): string {
  const line = Math.max(1.2, scale.line * width * weight);
  return (
    `<g fill="none" stroke-linejoin="round" stroke-linecap="round">` +
    `<g stroke="#000" stroke-opacity="0.55" stroke-width="${n(line * 2)}">${shape}</g>` +
    `<g stroke="${colour}" stroke-width="${n(line)}">${shape}</g></g>`
  );
}

interface PlacedLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fontPx: number;
}

/** Where a label goes: beside a ring, on the side asked for unless it fits only on the other, inside the picture. */
function placeLabel(text: string, at: Point, side: 'left' | 'right', width: number, height: number): PlacedLabel {
  const fontPx = scale.labelFont * width;
  const boxW = textWidthPx(text, fontPx, true) + fontPx;
  const boxH = 1.6 * fontPx;
  const gap = 1.75 * scale.ring * width;
  const margin = 0.3 * fontPx;
  const leftX = at.x - gap - boxW;
  const rightX = at.x + gap;
  const onLeft = side === 'left' ? leftX >= margin || rightX + boxW > width - margin : rightX + boxW > width - margin && leftX >= margin;
  return {
    text,
    x: clamp(onLeft ? leftX : rightX, margin, Math.max(margin, width - margin - boxW)),
    y: clamp(at.y - boxH / 2, margin, height - margin - boxH),
    width: boxW,
    height: boxH,
    fontPx,
  };
}

function drawLabel({ text, x, y, width, height, fontPx }: PlacedLabel, colour: string): string {
  return (
    `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(0.3 * fontPx)}" fill="${bandColour}" fill-opacity="0.82"/>` +
    `<rect x="${n(x + 0.25 * fontPx)}" y="${n(y + 0.3 * fontPx)}" width="${n(0.14 * fontPx)}" height="${n(height - 0.6 * fontPx)}" fill="${colour}"/>` +
    `<text x="${n(x + 0.65 * fontPx)}" y="${n(y + 0.69 * height)}" font-size="${n(fontPx)}" font-weight="bold" fill="${textColour}">${escapeXml(text)}</text>`
  );
}

function outlinedText(text: string, x: number, y: number, fontPx: number, anchor: 'start' | 'end'): string {
  const attributes = `x="${n(x)}" y="${n(y)}" font-size="${n(fontPx)}" font-weight="bold" text-anchor="${anchor}"`;
  return (
    `<text ${attributes} fill="none" stroke="#000" stroke-opacity="0.7" stroke-width="${n(0.22 * fontPx)}" stroke-linejoin="round">${text}</text>` +
    `<text ${attributes} fill="${textColour}">${text}</text>`
  );
}
