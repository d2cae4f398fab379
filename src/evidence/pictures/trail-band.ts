import type { Caption } from '../drawing/caption.js';
import { bandColour, scale, softTextColour, textColour } from '../drawing/look.js';
import { cornerMarks } from '../drawing/marks.js';
import { escapeXml, fittingPx, n, textWidthPx, wrapText } from '../drawing/svg-text.js';

/** A line of text; `x`, `y` are the start of its base line, pixels. */
export interface TextLine {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly fontPx: number;
  readonly bold: boolean;
  readonly colour: string;
}

/** Where everything of a trail picture goes. Pixels; the band with text and insets lies below the untouched picture. */
export interface TrailLayout {
  readonly width: number;
  /** Height of the scene's picture. */
  readonly height: number;
  readonly bandHeight: number;
  readonly insets: { readonly side: number; readonly originX: number; readonly objectX: number; readonly y: number };
  /** Behind the verdict. */
  readonly badge: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly lines: readonly TextLine[];
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

/**
 * Verdict, place and figures large, the rest below them in reading size.
 *
 * @param caption its lines are broken to what stands beside the insets.
 */
export function layoutTrail(width: number, height: number, caption: Caption): TrailLayout {
  const pad = Math.round(scale.padding * width);
  const side = insetSidePx(width);
  const objectX = width - pad - side;
  const originX = objectX - pad - side;
  const textWidth = originX - 2 * pad;
  const bodyPx = scale.bodyFont * width;
  const lines: TextLine[] = [];
  const add = (text: string, x: number, y: number, fontPx: number, bold: boolean, colour: string): number =>
    lines.push({ text, x: Math.round(x), y: Math.round(y), fontPx, bold, colour });

  const badgeWidth = textWidthPx(caption.verdict, bodyPx, true) + bodyPx;
  const badge = { x: pad, y: height + pad, width: badgeWidth, height: 1.6 * bodyPx };
  add(caption.verdict, pad + bodyPx / 2, badge.y + 1.15 * bodyPx, bodyPx, true, bandColour);
  add(caption.confidence, pad + badgeWidth + 0.5 * bodyPx, badge.y + 1.15 * bodyPx, bodyPx, false, softTextColour);
  let y = badge.y + badge.height + 0.5 * bodyPx;
  const placePx = fittingPx(caption.place, textWidth, scale.placeFont * width);
  y += 0.95 * placePx;
  add(caption.place, pad, y, placePx, true, textColour);
  y += 0.55 * placePx;
  const figurePx = scale.figureFont * width;
  for (const [i, figure] of caption.figures.entries()) {
    const x = pad + (i % 2) * (textWidth / 2);
    const columnWidth = textWidth / 2 - 0.4 * bodyPx;
    add(figure.value, x, y + figurePx, fittingPx(figure.value, columnWidth, figurePx), true, textColour);
    add(figure.note, x, y + figurePx + 1.2 * bodyPx, bodyPx, false, softTextColour);
    if (i % 2 === 1 || i === caption.figures.length - 1) y += figurePx + 1.75 * bodyPx;
  }
  y += 0.2 * bodyPx;
  for (const text of caption.notes.flatMap((line) => wrapText(line, textWidth, bodyPx))) {
    y += 1.34 * bodyPx;
    add(text, pad, y - 0.1 * bodyPx, bodyPx, false, textColour);
  }
  const insetBottom = height + pad + side + bodyPx * 3.8;
  const bandHeight = Math.ceil(Math.max(y, insetBottom) + pad - height);
  return { width, height, bandHeight, insets: { side, originX, objectX, y: height + pad }, badge, lines };
}

/** The band below the picture, as SVG: what happened in words, frames for the insets, and what the picture is. */
export function trailBand(layout: TrailLayout, colour: string, shown: TrailContent): string {
  const { width, height, insets, badge } = layout;
  const smallPx = scale.bodyFont * width;
  const rule = Math.max(2, 0.004 * width);
  const small = (text: string, x: number, line: number): string =>
    `<text x="${n(x)}" y="${n(insets.y + insets.side + (0.1 + 1.2 * line) * smallPx)}" font-size="${n(smallPx)}" fill="${softTextColour}" ` +
    `text-anchor="middle">${escapeXml(text)}</text>`;
  const inset = (x: number, text: string): string =>
    `<rect x="${x}" y="${insets.y}" width="${insets.side}" height="${insets.side}" fill="none" stroke="${colour}" stroke-width="${n(rule / 2)}"/>` +
    small(text, x + insets.side / 2, 1);
  const insetsCentre = (insets.originX + insets.objectX + insets.side) / 2;
  return [
    `<rect x="0" y="${height}" width="${width}" height="${n(rule)}" fill="${colour}"/>`,
    `<rect x="${n(badge.x)}" y="${n(badge.y)}" width="${n(badge.width)}" height="${n(badge.height)}" rx="${n(0.18 * badge.height)}" fill="${colour}"/>`,
    ...layout.lines.map(drawLine),
    inset(insets.originX, `Start, ×${shown.originMagnification.toFixed(1)}`),
    inset(insets.objectX, `Object, ×${shown.objectMagnification.toFixed(1)}`),
    // The object is in there.
    cornerMarks(
      { x: insets.objectX + insets.side / 2, y: insets.y + insets.side / 2 },
      0.3 * insets.side,
      0.08 * insets.side,
      colour,
      rule / 2,
    ),
    small(`${shown.instances} pictures laid into one;`, insetsCentre, 2.1),
    small('lines and words are drawn in', insetsCentre, 3.1),
  ].join('\n');
}

/** One line of text as SVG. */
export function drawLine(line: TextLine): string {
  const bold = line.bold ? ' font-weight="bold"' : '';
  return `<text x="${n(line.x)}" y="${n(line.y)}" font-size="${n(line.fontPx)}"${bold} fill="${line.colour}">${escapeXml(line.text)}</text>`;
}
