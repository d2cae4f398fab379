import { kilometresAnHour } from '../../domain/incident-words.js';
import { type Caption, metres } from '../drawing/caption.js';
import { bandColour, softTextColour, textColour } from '../drawing/look.js';
import { cornerMarks } from '../drawing/marks.js';
import type { Region, Size } from '../drawing/sprite.js';
import { escapeXml, fittingPx, n, textWidthPx } from '../drawing/svg-text.js';
import type { Drawing } from './overlay-marks.js';
import type { FallMoment } from './overlay-timeline.js';

/** Sizes as fractions of the picture's width, like the trail's: at 390 px the read-outs are 9 px high. */
const card = { width: 0.27, margin: 0.012, padding: 0.008, bigFont: 0.036, bodyFont: 0.0235, zoomAspect: 0.62 } as const;

/** Where a fall's card and its parts go; whole pixels, even where chroma must fit. */
export interface CardLayout {
  readonly card: Region;
  readonly zoom: Region;
  readonly text: Region;
}

/** @param side of the picture. */
export function layoutCard(side: 'left' | 'right', size: Size): CardLayout {
  const width = even(card.width * size.width);
  const margin = even(card.margin * size.width);
  const padding = even(card.padding * size.width);
  const zoom = { width: width - 2 * padding, height: even(card.zoomAspect * (width - 2 * padding)) };
  const left = side === 'left' ? margin : even(size.width) - margin - width;
  const textHeight = Math.ceil((1.9 * card.bodyFont + 1.35 * card.bigFont + 3 * 1.38 * card.bodyFont) * size.width);
  return {
    card: { left, top: margin, width, height: padding + zoom.height + textHeight + padding },
    zoom: { left: left + padding, top: margin + padding, ...zoom },
    text: { left: left + padding, top: margin + padding + zoom.height, width: zoom.width, height: textHeight },
  };
}

/** Chroma samples are two pixels apart. */
const even = (value: number): number => Math.max(2, 2 * Math.round(value / 2));

/** What a card says: a badge with a word beside it, one line large, and up to three more. */
export interface CardText {
  readonly badge: string;
  readonly aside: string;
  readonly headline: string;
  readonly lines: readonly string[];
}

/** While the object falls. */
export function fallingText(moment: FallMoment): CardText {
  const time = `${moment.elapsedS.toFixed(2)} s`;
  if (moment.floor === null) return { badge: 'FALLING', aside: '', headline: time, lines: ['no facade drawn:', 'no floor, no height'] };
  return {
    badge: 'FALLING',
    aside: '',
    headline: `Floor ${moment.floor}`,
    lines: [
      `${moment.dropM === null ? '–' : metres(moment.dropM)} fallen`,
      moment.speedMps === null ? '–' : `${kilometresAnHour(moment.speedMps)} km/h, ${Math.round(moment.speedMps)} m/s`,
      time,
    ],
  };
}

/** Once it has landed: what it was. */
export function landedText(caption: Caption): CardText {
  return { badge: caption.verdict, aside: caption.confidence.split(',')[0] ?? '', headline: caption.place, lines: cardLines(caption) };
}

function cardLines({ figures }: Caption): string[] {
  const lines = figures.map(({ value, note }) => (note === 'weight class' ? `Weight: ${value}` : `${value} ${note.split(/,| \(/)[0]}`));
  // Four figures on three lines: how long it fell stands with how deep.
  if (lines.length < 4) return [...lines, 'no facade drawn'];
  const impact = lines[1] ?? '';
  return [`Fell ${figures[0]?.value} in ${figures[2]?.value}`, impact.charAt(0).toUpperCase() + impact.slice(1), lines[3] ?? ''];
}

/** The ground of a card, which stays as it is, and marks around the object in its magnified picture. */
export function cardGround(
  { card: { left, top, width, height }, zoom }: CardLayout,
  colour: string,
  size: Size,
): readonly [Drawing, Drawing] {
  const rule = Math.max(1, 0.0018 * size.width);
  const ground =
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="${n(0.006 * size.width)}" fill="${bandColour}" fill-opacity="0.86"/>` +
    `<rect x="${n(zoom.left - rule / 2)}" y="${n(zoom.top - rule / 2)}" width="${n(zoom.width + rule)}" height="${n(zoom.height + rule)}" fill="none" stroke="${colour}" stroke-width="${n(rule)}"/>`;
  const centre = { x: zoom.left + zoom.width / 2, y: zoom.top + zoom.height / 2 };
  const corners = cornerMarks(centre, 0.3 * zoom.height, 0.1 * zoom.height, colour, rule);
  return [
    { svg: ground, region: { left: left - 1, top: top - 1, width: width + 2, height: height + 2 } },
    { svg: corners, region: zoom },
  ];
}

/** The words of a card. */
export function cardWords(text: CardText, { text: region }: CardLayout, colour: string, size: Size): Drawing {
  const bodyPx = card.bodyFont * size.width;
  const bigPx = fittingPx(text.headline, region.width, card.bigFont * size.width);
  const badgePx = 0.9 * bodyPx;
  let y = region.top + 0.45 * bodyPx;
  const badgeWidth = textWidthPx(text.badge, badgePx, true) + badgePx;
  const parts = [
    `<rect x="${region.left}" y="${n(y)}" width="${n(badgeWidth)}" height="${n(1.5 * badgePx)}" rx="${n(0.25 * badgePx)}" fill="${colour}"/>`,
    words(text.badge, region.left + badgePx / 2, y + 1.1 * badgePx, badgePx, true, bandColour),
    words(text.aside, region.left + badgeWidth + 0.5 * badgePx, y + 1.1 * badgePx, badgePx, false, softTextColour),
  ];
  y = region.top + 1.9 * bodyPx + 1.05 * card.bigFont * size.width;
  parts.push(words(text.headline, region.left, y, bigPx, true, textColour));
  y += 0.3 * card.bigFont * size.width;
  for (const line of text.lines) {
    y += 1.38 * bodyPx;
    const fontPx = fittingPx(line, region.width * 1.12, bodyPx);
    parts.push(words(line, region.left, y - 0.3 * bodyPx, fontPx, false, line.startsWith('no ') ? softTextColour : textColour));
  }
  return { svg: parts.join(''), region };
}

/** One line in a lower corner: which camera, and when. */
export function plateDrawing(text: string, side: 'left' | 'right', size: Size): Drawing {
  const fontPx = 0.019 * size.width;
  const height = Math.ceil(1.7 * fontPx);
  const width = Math.ceil(Math.min(size.width, textWidthPx(text, fontPx) + 1.2 * fontPx));
  const left = side === 'left' ? 0 : size.width - width;
  const top = size.height - height;
  return {
    svg:
      `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${bandColour}" fill-opacity="0.7"/>` +
      words(text, left + 0.6 * fontPx, size.height - 0.55 * fontPx, fontPx, false, textColour),
    region: { left, top, width, height },
  };
}

function words(text: string, x: number, y: number, fontPx: number, bold: boolean, colour: string): string {
  return `<text x="${n(x)}" y="${n(y)}" font-size="${n(fontPx)}"${bold ? ' font-weight="bold"' : ''} fill="${colour}">${escapeXml(text)}</text>`;
}
