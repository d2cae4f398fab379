import type { MediaTools } from '../../media/footage-tools.js';

/** Text in SVG overlays. librsvg draws it with the system's fonts; its extent is estimated, for lines are broken before. */

/** A number as SVG has it. @example n(1.26) // '1.3' */
export const n = (value: number): string => value.toFixed(1);

/** First family found is used. DejaVu is what `fonts-dejavu-core` brings; the CJK ones serve names in Chinese. */
export const fontFamily = 'DejaVu Sans, Noto Sans, Liberation Sans, Noto Sans CJK SC, WenQuanYi Micro Hei, sans-serif';

/** What to do when {@link canDrawText} says no. */
export const fontMend = 'pictures of evidence will show boxes in place of words; install one (apt-get install fonts-dejavu-core)';

/** Whether the system has a font at all: without one, every character is drawn as the same box. */
export async function canDrawText(tools: Pick<MediaTools, 'renderSvg'>): Promise<boolean> {
  const draw = async (char: string): Promise<Uint8Array> =>
    await tools.renderSvg(
      `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" font-family="${fontFamily}"><text x="2" y="20" font-size="20">${char}</text></svg>`,
      24,
      24,
    );
  return Buffer.compare(await draw('M'), await draw('i')) !== 0;
}

/**
 * Width of a text in DejaVu Sans, pixels, to about ±5 %; on the wide side, so that what is laid out with it fits.
 *
 * @param fontPx font size, pixels.
 */
export function textWidthPx(text: string, fontPx: number, bold = false): number {
  let em = 0;
  for (const char of text) em += charWidthEm(char);
  return em * fontPx * (bold ? 1.13 : 1);
}

/** By the font's own table, in groups. */
function charWidthEm(char: string): number {
  if (/[\u2e80-\uffef]/u.test(char)) return 1;
  if (/[ijlIJ]/.test(char)) return 0.3;
  if (/[ .,:;·'|!]/.test(char)) return 0.34;
  if (/[frt()[\]\-/]/.test(char)) return 0.41;
  if (/[mwMW%@+×]/.test(char)) return 0.97;
  if (/[A-Z]/.test(char)) return 0.73;
  return 0.64;
}

/** The wanted font size, or as much less as a text in bold needs to fit into a width. */
export function fittingPx(text: string, maxPx: number, wantedPx: number): number {
  return Math.min(wantedPx, (wantedPx * maxPx) / textWidthPx(text, wantedPx, true));
}

/** Breaks a text at spaces so that each line is at most `maxPx` wide; a single longer word stands alone. */
export function wrapText(text: string, maxPx: number, fontPx: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidthPx(longer, fontPx) > maxPx) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** Text as SVG content: names from a config may hold anything. */
export function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are not allowed in XML at all.
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
