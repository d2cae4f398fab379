import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import { bandColour, scale, textColour } from '../drawing/look.js';
import { drawLabel, landingMark, originMark, outlinedText, type PlacedLabel, placeLabel, stroked } from '../drawing/marks.js';
import type { Region, Size } from '../drawing/sprite.js';
import { n, textWidthPx } from '../drawing/svg-text.js';
import type { FacadeRuler, FallMoment } from './overlay-timeline.js';

/** An SVG fragment in the picture's pixels, and where it draws. */
export interface Drawing {
  readonly svg: string;
  readonly region: Region;
}

/** Font of the floors' numbers, as a fraction of the picture's width: there when looked for, quiet otherwise. */
const floorFont = 0.0125;

/** Outline of the facade with the numbers of its floors along its left edge, as many as have room. */
export function facadeDrawing(facade: Facade, ruler: FacadeRuler, size: Size): Drawing {
  const { first, last, heightM } = facade.floors;
  const line = Math.max(1, 0.0009 * size.width);
  const fontPx = floorFont * size.width;
  const corners = facade.corners.map((p) => `${n(p.x * size.width)} ${n(p.y * size.height)}`);
  const parts = [
    `<path d="M${corners.join('L')}Z" fill="none" stroke="#000" stroke-opacity="0.25" stroke-width="${n(2.4 * line)}"/>`,
    `<path d="M${corners.join('L')}Z" fill="none" stroke="#fff" stroke-opacity="0.5" stroke-width="${n(line)}"/>`,
  ];
  let takenY = Number.POSITIVE_INFINITY;
  for (let floor = first; floor <= last; floor++) {
    const edge = ruler.toPixels({ x: 0, y: (floor - first + 0.5) * heightM });
    if (takenY - edge.y < 1.5 * fontPx || edge.y < fontPx || edge.y > size.height - fontPx) continue;
    takenY = edge.y;
    parts.push(`<g opacity="0.75">${outlinedText(String(floor), edge.x - 0.6 * fontPx, edge.y + 0.36 * fontPx, fontPx, 'end')}</g>`);
  }
  return { svg: parts.join(''), region: { left: 0, top: 0, ...size } };
}

/** What a fall looks like at one moment. */
export interface FallPicture {
  readonly path: readonly Point[];
  readonly moment: FallMoment;
  /** Pixels. */
  readonly origin: Point;
  readonly originLabel: string;
  /** On which side of the path labels are to stand. */
  readonly side: 'left' | 'right';
  /** First and last column that labels may take at a height, all in pixels: cards are in their way. */
  readonly roomAt: (y: number) => readonly [number, number];
  readonly colour: string;
  /** Pixels; `null` while it falls. */
  readonly landing: { readonly at: Point; readonly extrapolated: boolean; readonly label: string } | null;
}

/** A ring where something is going to come from: who knows where to look sees a fall of two seconds. */
export function cueDrawing(origin: Point, colour: string, size: Size): Drawing {
  const r = 1.6 * scale.ring * size.width;
  const ring = `<circle cx="${n(origin.x)}" cy="${n(origin.y)}" r="${n(r)}" stroke-dasharray="${n(0.45 * r)} ${n(0.34 * r)}"/>`;
  return { svg: stroked(ring, colour, size.width), region: around([origin], 1.5 * r) };
}

/** The path so far, a ring around the object now, and where it came from; once it has landed, where. */
export function fallDrawings(fall: FallPicture, size: Size): readonly Drawing[] {
  const { width, height } = size;
  const ringPx = ringRadiusPx(fall.moment, width);
  const label = (text: string, at: Point): PlacedLabel => placeLabel(text, at, fall.side, width, height, fall.roomAt(at.y));
  const parts = [stroked(`<path d="${pathData(fall.path, fall.landing === null ? ringPx : 0)}"/>`, fall.colour, width)];
  const reach = [...fall.path, fall.origin];
  if (fall.landing === null) {
    parts.push(stroked(`<circle cx="${n(fall.moment.at.x)}" cy="${n(fall.moment.at.y)}" r="${n(ringPx)}"/>`, fall.colour, width, 1.5));
  } else {
    const last = fall.path.at(-1) ?? fall.origin;
    parts.push(landingMark(fall.landing.at, fall.landing.extrapolated, last, fall.colour, width, height));
    reach.push(fall.landing.at);
  }
  parts.push(originMark(fall.origin, fall.colour, width));
  const labels = [label(fall.originLabel, fall.origin), ...(fall.landing === null ? [] : [label(fall.landing.label, fall.landing.at)])];
  return [
    { svg: parts.join(''), region: around(reach, 2.2 * Math.max(ringPx, scale.ring * width)) },
    ...labels.map((l) => ({ svg: drawLabel(l, fall.colour), region: around([l, { x: l.x + l.width, y: l.y + l.height }], 2) })),
  ];
}

/** The ring is clear of the object: what is inside is what a person wants to see. Pixels. */
function ringRadiusPx(moment: FallMoment, width: number): number {
  return Math.max(0.9 * scale.ring * width, 2 * moment.radiusPx);
}

/** The floor that the object passes, at the facade's edge, and a line from there to it. */
export function floorDrawing(moment: FallMoment, ruler: FacadeRuler, side: 'left' | 'right', size: Size): Drawing | null {
  if (moment.floor === null || moment.heightM === null) return null;
  const direction = side === 'left' ? -1 : 1;
  const edge = ruler.toPixels({ x: side === 'left' ? 0 : ruler.widthM, y: moment.heightM });
  const fontPx = 0.021 * size.width;
  const text = String(moment.floor);
  const plateW = textWidthPx(text, fontPx, true) + 0.7 * fontPx;
  const from = { x: edge.x + direction * 0.35 * fontPx, y: edge.y };
  const plateX = direction === 1 ? from.x : from.x - plateW;
  const ringPx = ringRadiusPx(moment, size.width);
  const toRing = Math.sign(moment.at.x - edge.x) * ringPx;
  const line = `<path d="M${n(edge.x)} ${n(edge.y)}L${n(moment.at.x - toRing)} ${n(moment.at.y)}" stroke="#fff" stroke-opacity="0.6" stroke-width="${n(Math.max(1, 0.001 * size.width))}" stroke-dasharray="${n(0.4 * fontPx)} ${n(0.3 * fontPx)}"/>`;
  const plate =
    `<rect x="${n(plateX)}" y="${n(edge.y - 0.72 * fontPx)}" width="${n(plateW)}" height="${n(1.44 * fontPx)}" rx="${n(0.25 * fontPx)}" fill="${bandColour}" fill-opacity="0.85"/>` +
    `<text x="${n(plateX + plateW / 2)}" y="${n(edge.y + 0.36 * fontPx)}" font-size="${n(fontPx)}" font-weight="bold" text-anchor="middle" fill="${textColour}">${text}</text>`;
  return { svg: line + plate, region: around([edge, moment.at, { x: plateX, y: edge.y }, { x: plateX + plateW, y: edge.y }], fontPx) };
}

/** A line through all points that ends `clearPx` before the last one. */
function pathData(points: readonly Point[], clearPx: number): string {
  const end = points.at(-1);
  if (end === undefined) return '';
  const clear = points.filter((p) => Math.hypot(p.x - end.x, p.y - end.y) >= clearPx);
  return clear.length === 0 ? '' : `M${clear.map((p) => `${n(p.x)} ${n(p.y)}`).join('L')}`;
}

/** The whole pixels around some points, a margin included. */
function around(points: readonly Point[], marginPx: number): Region {
  const left = Math.floor(Math.min(...points.map((p) => p.x)) - marginPx);
  const top = Math.floor(Math.min(...points.map((p) => p.y)) - marginPx);
  return {
    left,
    top,
    width: Math.ceil(Math.max(...points.map((p) => p.x)) + marginPx) - left,
    height: Math.ceil(Math.max(...points.map((p) => p.y)) + marginPx) - top,
  };
}
