import type { Box, Point } from '../../domain/geometry.js';
import { bandColour, scale, softTextColour, textColour } from '../drawing/look.js';
import { stroked } from '../drawing/marks.js';
import { clamp } from '../drawing/picture.js';
import type { StreetCaption } from '../drawing/street-caption.js';
import { escapeXml, fittingPx, n, textWidthPx, wrapText } from '../drawing/svg-text.js';
import { drawLine, insetSidePx, type TextLine } from './trail-band.js';

/** What a rule's place looks like: a zone's outline, or a line. Points normalised to 0..1 of the full frame. */
export interface PlaceOutline {
  readonly closed: boolean;
  readonly points: readonly Point[];
}

/** A pane of the band: a part of a picture, enlarged, and what stands below it. */
export interface Pane {
  readonly title: string;
  readonly time: string;
}

/** Where everything goes. Pixels. */
export interface StreetLayout {
  readonly width: number;
  readonly height: number;
  readonly bandHeight: number;
  readonly side: number;
  /** Left edges of the panes, in their order. */
  readonly panes: readonly number[];
  readonly panesTop: number;
  readonly badge: Box;
  readonly lines: readonly TextLine[];
}

/** Lays out the band below the picture: words on the left, panes on the right. */
export function layoutStreet(width: number, height: number, caption: StreetCaption, panes: number): StreetLayout {
  const pad = Math.round(scale.padding * width);
  const side = insetSidePx(width);
  const lefts = Array.from({ length: panes }, (_, i) => width - (panes - i) * (pad + side));
  const textWidth = (lefts[0] ?? width - pad) - 2 * pad;
  const bodyPx = scale.bodyFont * width;
  const lines: TextLine[] = [];
  const add = (text: string, x: number, y: number, fontPx: number, bold: boolean, colour: string): number =>
    lines.push({ text, x: Math.round(x), y: Math.round(y), fontPx, bold, colour });
  const badgeWidth = textWidthPx(caption.verdict, bodyPx, true) + bodyPx;
  const badge = { x1: pad, y1: height + pad, x2: pad + badgeWidth, y2: height + pad + 1.6 * bodyPx };
  add(caption.verdict, pad + bodyPx / 2, badge.y1 + 1.15 * bodyPx, bodyPx, true, bandColour);
  const besideBadge = badge.x2 + 0.5 * bodyPx;
  const confidencePx = fittingPx(caption.confidence, pad + textWidth - besideBadge, bodyPx);
  add(caption.confidence, besideBadge, badge.y1 + 1.15 * bodyPx, confidencePx, false, softTextColour);
  const titlePx = fittingPx(caption.title, textWidth, scale.placeFont * width);
  let y = badge.y2 + 0.5 * bodyPx + 0.95 * titlePx;
  add(caption.title, pad, y, titlePx, true, textColour);
  y += 0.4 * titlePx;
  for (const text of caption.notes.flatMap((line) => wrapText(line, textWidth, bodyPx))) {
    y += 1.34 * bodyPx;
    add(text, pad, y, bodyPx, false, textColour);
  }
  const panesBottom = height + pad + side + 2.9 * bodyPx;
  return {
    width,
    height,
    bandHeight: Math.ceil(Math.max(y, panesBottom) + pad - height),
    side,
    panes: lefts,
    panesTop: height + pad,
    badge,
    lines,
  };
}

/** The drawing over picture and band: the place that the rule is about, the box, the words, and frames for the panes. */
export function drawStreet(
  layout: StreetLayout,
  {
    box,
    place,
    colour,
    panes,
  }: { readonly box: Box; readonly place: PlaceOutline | null; readonly colour: string; readonly panes: readonly Pane[] },
): string {
  const { width, height, badge } = layout;
  const rule = Math.max(2, 0.004 * width);
  return [
    `<svg x="0" y="0" width="${width}" height="${height}">${place === null ? '' : outline(place, width, height)}${boxAround(box, colour, width, height)}</svg>`,
    `<rect x="0" y="${height}" width="${width}" height="${n(rule)}" fill="${colour}"/>`,
    `<rect x="${n(badge.x1)}" y="${n(badge.y1)}" width="${n(badge.x2 - badge.x1)}" height="${n(badge.y2 - badge.y1)}" rx="${n(0.18 * (badge.y2 - badge.y1))}" fill="${colour}"/>`,
    ...layout.lines.map(drawLine),
    ...panes.map((pane, i) => drawPane(layout, pane, layout.panes[i] as number, colour, rule / 2)),
  ].join('\n');
}

function drawPane({ side, panesTop, width }: StreetLayout, { title, time }: Pane, left: number, colour: string, linePx: number): string {
  const fontPx = scale.bodyFont * width;
  const text = (words: string, line: number, fill: string): string =>
    `<text x="${n(left + side / 2)}" y="${n(panesTop + side + (0.1 + 1.2 * line) * fontPx)}" font-size="${n(fittingPx(words, side, fontPx))}" fill="${fill}" ` +
    `text-anchor="middle">${escapeXml(words)}</text>`;
  const frame = `<rect x="${left}" y="${panesTop}" width="${side}" height="${side}" fill="none" stroke="${colour}" stroke-width="${n(linePx)}"/>`;
  return frame + text(title, 1, textColour) + text(time, 2.1, softTextColour);
}

/** A little clear of what it marks. */
export function boxAround(box: Box, colour: string, width: number, height: number): string {
  const clearPx = 0.004 * width;
  const x1 = clamp(box.x1 * width - clearPx, 1, width - 1);
  const y1 = clamp(box.y1 * height - clearPx, 1, height - 1);
  const [x2, y2] = [clamp(box.x2 * width + clearPx, 1, width - 1), clamp(box.y2 * height + clearPx, 1, height - 1)];
  return stroked(`<rect x="${n(x1)}" y="${n(y1)}" width="${n(x2 - x1)}" height="${n(y2 - y1)}"/>`, colour, width);
}

/** Dashed and white: it was drawn by people, and found by nobody. */
export function outline({ closed, points }: PlaceOutline, width: number, height: number): string {
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${n(x * width)} ${n(y * height)}`).join('');
  return stroked(`<path d="${path}${closed ? 'Z' : ''}" stroke-dasharray="${n(0.012 * width)} ${n(0.008 * width)}"/>`, '#fff', width, 0.7);
}
