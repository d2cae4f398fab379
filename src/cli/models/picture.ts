import type { Detection } from '../../core/detection/detection.js';
import { escapeXml, fontFamily, n, textWidthPx } from '../../evidence/svg-text.js';
import { encodeJpeg, type RgbPicture, renderSvg } from '../../media/image.js';

/** Colours of boxes that stand out from streets by day and by night, one a label in their order. */
const COLOURS = ['#ffd400', '#00e5ff', '#ff5cf4', '#7dff5c', '#ff8a00', '#b9a3ff'] as const;

/** A picture with a box and a word for each detection, as JPEG. */
export async function drawDetections(picture: RgbPicture, detections: readonly Detection[]): Promise<Uint8Array> {
  const { width, height } = picture;
  const linePx = Math.max(2, Math.round(Math.min(width, height) / 300));
  const fontPx = Math.max(12, Math.round(Math.min(width, height) / 40));
  const labels = [...new Set(detections.map(({ label }) => label))];
  const marks = detections.map(({ box, label, score }) => {
    const colour = COLOURS[labels.indexOf(label) % COLOURS.length];
    const [x, y] = [box.x1 * width, box.y1 * height];
    const words = `${label} ${Math.round(100 * score)} %`;
    const wordsPx = textWidthPx(words, fontPx, true) + fontPx / 2;
    const [left, top] = [Math.min(x, width - wordsPx), y >= 1.3 * fontPx ? y - 1.3 * fontPx : y];
    return (
      `<rect x="${n(x)}" y="${n(y)}" width="${n((box.x2 - box.x1) * width)}" height="${n((box.y2 - box.y1) * height)}" fill="none" stroke="${colour}" stroke-width="${linePx}"/>` +
      `<rect x="${n(left)}" y="${n(top)}" width="${n(wordsPx)}" height="${n(1.3 * fontPx)}" fill="${colour}"/>` +
      `<text x="${n(left + fontPx / 4)}" y="${n(top + fontPx)}" font-size="${fontPx}" font-weight="bold" fill="#000">${escapeXml(words)}</text>`
    );
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}">${marks.join('')}</svg>`;
  const over = await renderSvg(svg, width, height);
  const data = Uint8Array.from(picture.data);
  for (let i = 0; i < width * height; i++) {
    const alpha = (over[4 * i + 3] as number) / 255;
    if (alpha === 0) continue;
    for (let c = 0; c < 3; c++) {
      const under = data[3 * i + c] as number;
      data[3 * i + c] = Math.round(under + alpha * ((over[4 * i + c] as number) - under));
    }
  }
  return await encodeJpeg({ width, height, data }, JPEG_QUALITY);
}

/** Of pictures that people look at once. */
const JPEG_QUALITY = 90;
