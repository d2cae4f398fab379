import type { Point } from '../../domain/geometry.js';
import { bandColour, scale, textColour } from './look.js';
import { clamp } from './picture.js';
import { escapeXml, n, textWidthPx } from './svg-text.js';

/** Marks on a picture of a fall, as SVG. Pixels; sizes follow the picture's width. */

export function originMark(at: Point, colour: string, width: number): string {
  return stroked(`<circle cx="${n(at.x)}" cy="${n(at.y)}" r="${n(scale.ring * width)}"/>`, colour, width, 1.5);
}

/** A ring with a cross outside it; dashed where it is extrapolated, with a dashed line from the last position seen. */
export function landingMark(at: Point, extrapolated: boolean, last: Point, colour: string, width: number, height: number): string {
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
export function stroked(shape: string, colour: string, width: number, weight = 1): string {
  const line = Math.max(1.2, scale.line * width * weight);
  return (
    `<g fill="none" stroke-linejoin="round" stroke-linecap="round">` +
    `<g stroke="#000" stroke-opacity="0.55" stroke-width="${n(line * 2)}">${shape}</g>` +
    `<g stroke="${colour}" stroke-width="${n(line)}">${shape}</g></g>`
  );
}

export interface PlacedLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fontPx: number;
}

/**
 * Where a label goes: beside a ring, on the side asked for unless it fits only on the other, inside the picture.
 *
 * @param room first and last column that it may take, pixels; the whole picture where it is not given.
 */
export function placeLabel(
  text: string,
  at: Point,
  side: 'left' | 'right',
  width: number,
  height: number,
  room: readonly [number, number] = [0, width],
): PlacedLabel {
  const fontPx = scale.labelFont * width;
  const boxW = textWidthPx(text, fontPx, true) + fontPx;
  const boxH = 1.6 * fontPx;
  const gap = 1.75 * scale.ring * width;
  const margin = 0.3 * fontPx;
  const [least, most] = [room[0] + margin, room[1] - margin];
  const leftX = at.x - gap - boxW;
  const rightX = at.x + gap;
  const fitsLeft = leftX >= least && leftX + boxW <= most;
  const fitsRight = rightX >= least && rightX + boxW <= most;
  const onLeft = side === 'left' ? fitsLeft || !fitsRight : fitsLeft && !fitsRight;
  return {
    text,
    x: clamp(onLeft ? leftX : rightX, least, Math.max(least, most - boxW)),
    y: clamp(at.y - boxH / 2, margin, height - margin - boxH),
    width: boxW,
    height: boxH,
    fontPx,
  };
}

export function drawLabel({ text, x, y, width, height, fontPx }: PlacedLabel, colour: string): string {
  return (
    `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" rx="${n(0.3 * fontPx)}" fill="${bandColour}" fill-opacity="0.82"/>` +
    `<rect x="${n(x + 0.25 * fontPx)}" y="${n(y + 0.3 * fontPx)}" width="${n(0.14 * fontPx)}" height="${n(height - 0.6 * fontPx)}" fill="${colour}"/>` +
    `<text x="${n(x + 0.65 * fontPx)}" y="${n(y + 0.69 * height)}" font-size="${n(fontPx)}" font-weight="bold" fill="${textColour}">${escapeXml(text)}</text>`
  );
}

/** Words without a plate, readable on bright and dark ground; `x`, `y` are their anchor on the base line. */
export function outlinedText(text: string, x: number, y: number, fontPx: number, anchor: 'start' | 'middle' | 'end'): string {
  const attributes = `x="${n(x)}" y="${n(y)}" font-size="${n(fontPx)}" font-weight="bold" text-anchor="${anchor}"`;
  const words = escapeXml(text);
  return (
    `<text ${attributes} fill="none" stroke="#000" stroke-opacity="0.7" stroke-width="${n(0.22 * fontPx)}" stroke-linejoin="round">${words}</text>` +
    `<text ${attributes} fill="${textColour}">${words}</text>`
  );
}

/** Four corners of a square around a thing that nothing is to be drawn on. @param half of the square's side. @param arm length of a line. */
export function cornerMarks(centre: Point, half: number, arm: number, colour: string, linePx: number): string {
  const corner = (sx: number, sy: number): string =>
    `M${n(centre.x + sx * half)} ${n(centre.y + sy * (half - arm))}v${n(sy * arm)}h${n(-sx * arm)}`;
  return `<path d="${corner(-1, -1)}${corner(1, -1)}${corner(1, 1)}${corner(-1, 1)}" fill="none" stroke="${colour}" stroke-width="${n(linePx)}"/>`;
}
