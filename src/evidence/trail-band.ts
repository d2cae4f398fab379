import type { Caption } from './caption.js';
import { escapeXml, wrapText } from './svg-text.js';

/**
 * Sizes as fractions of the picture's width, because a phone shows the whole width: at 390 px the text of the band is
 * then 9 px high (27 device pixels on a usual phone), which is about the least that can be read.
 */
export const scale = {
  bodyFont: 0.0235,
  titleFont: 0.03,
  labelFont: 0.0265,
  line: 0.0021,
  padding: 0.018,
  insetSide: 0.205,
  /** Least distance of the path's two lines from its centre. */
  sleeve: 0.0105,
  /** Radius of the rings at origin and landing. */
  ring: 0.017,
} as const;

/** Red where the agent is sure, amber where a person should look first. */
export const verdictColours = { confirmed: '#ff4438', suspected: '#ffb000' } as const;
/** Background of the band below the picture. */
export const bandColour = '#14171c';
export const bandRgb = [0x14, 0x17, 0x1c] as const;
export const textColour = '#ffffff';
const softTextColour = '#c3cad4';

/** Where everything of a trail picture goes. Pixels; the band with text and insets lies below the untouched picture. */
export interface TrailLayout {
  readonly width: number;
  /** Height of the scene's picture. */
  readonly height: number;
  readonly bandHeight: number;
  readonly insets: { readonly side: number; readonly originX: number; readonly objectX: number; readonly y: number };
  readonly lines: readonly { readonly text: string; readonly y: number; readonly fontPx: number; readonly title: boolean }[];
}

/** What a trail picture was made of, to be said in the band. */
export interface TrailContent {
  /** How many times the insets are larger than the scene. */
  readonly originMagnification: number;
  readonly objectMagnification: number;
  /** Positions of the object that were painted into the scene. */
  readonly instances: number;
}

/** Side of the square insets in the band below a picture, pixels. */
export function insetSidePx(width: number): number {
  return Math.round(scale.insetSide * width);
}

/** @param caption its lines are broken to what stands beside the insets. */
export function layoutTrail(width: number, height: number, caption: Caption): TrailLayout {
  const pad = Math.round(scale.padding * width);
  const side = insetSidePx(width);
  const objectX = width - pad - side;
  const originX = objectX - pad - side;
  const textWidth = originX - 2 * pad;
  const bodyPx = scale.bodyFont * width;
  const titlePx = scale.titleFont * width;

  const lines: TrailLayout['lines'][number][] = [];
  let y = height + pad;
  for (const text of wrapText(caption.title, textWidth, titlePx, true)) {
    y += titlePx * 1.22;
    lines.push({ text, y: Math.round(y - titlePx * 0.25), fontPx: titlePx, title: true });
  }
  y += bodyPx * 0.25;
  for (const text of caption.lines.flatMap((line) => wrapText(line, textWidth, bodyPx))) {
    y += bodyPx * 1.34;
    lines.push({ text, y: Math.round(y - bodyPx * 0.3), fontPx: bodyPx, title: false });
  }
  const insetBottom = height + pad + side + bodyPx * 3.6;
  const bandHeight = Math.ceil(Math.max(y, insetBottom) + pad - height);
  return { width, height, bandHeight, insets: { side, originX, objectX, y: height + pad }, lines };
}

const n = (value: number): string => value.toFixed(1);

/** The band below the picture, as SVG: what happened in words, frames for the insets, and what the picture is. */
export function trailBand(layout: TrailLayout, colour: string, shown: TrailContent): string {
  const { width, height, insets } = layout;
  const pad = scale.padding * width;
  const smallPx = 0.82 * scale.bodyFont * width;
  const rule = Math.max(2, 0.004 * width);
  const small = (text: string, x: number, line: number): string =>
    `<text x="${n(x)}" y="${n(insets.y + insets.side + (0.1 + 1.3 * line) * smallPx)}" font-size="${n(smallPx)}" fill="${softTextColour}" ` +
    `text-anchor="middle">${escapeXml(text)}</text>`;
  const inset = (x: number, text: string): string =>
    `<rect x="${x}" y="${insets.y}" width="${insets.side}" height="${insets.side}" fill="none" stroke="${colour}" stroke-width="${n(rule / 2)}"/>` +
    small(text, x + insets.side / 2, 1);
  const insetsCentre = (insets.originX + insets.objectX + insets.side) / 2;
  return [
    `<rect x="0" y="${height}" width="${width}" height="${n(rule)}" fill="${colour}"/>`,
    ...layout.lines.map(
      (line) =>
        `<text x="${n(pad)}" y="${line.y}" font-size="${n(line.fontPx)}" ${line.title ? 'font-weight="bold" ' : ''}` +
        `fill="${line.title ? colour : textColour}">${escapeXml(line.text)}</text>`,
    ),
    inset(insets.originX, `Start, ×${shown.originMagnification.toFixed(1)}`),
    inset(insets.objectX, `Object, ×${shown.objectMagnification.toFixed(1)}`),
    small(`${shown.instances} pictures laid into one;`, insetsCentre, 2.2),
    small('lines and words are drawn in', insetsCentre, 3.2),
  ].join('\n');
}
