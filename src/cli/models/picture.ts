import type { Detection } from '../../core/detection/detection.js';
import type { ColourPicture } from '../../core/detection/fill-input.js';
import { escapeXml, fontFamily, n, textWidthPx } from '../../evidence/drawing/index.js';
import { encodeJpeg, type RgbPicture, renderSvg } from '../../media/image.js';

/** Colours of boxes that stand out from streets by day and by night, one a label in their order. */
const COLOURS = ['#ffd400', '#00e5ff', '#ff5cf4', '#7dff5c', '#ff8a00', '#b9a3ff'] as const;

/**
 * A picture as a camera's decoder gives it: luma for each pixel, both differences of colour for two by two of them (BT.601, 16..235). What a model is asked
 * here is what it is asked of a camera, and takes as long.
 */
export function asCamerasGive({ width, height, data }: RgbPicture): ColourPicture {
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const out = new Uint8Array(width * height + 2 * halfWidth * halfHeight);
  const weighted = (at: number, [r, g, b]: readonly [number, number, number]): number =>
    r * (data[at] as number) + g * (data[at + 1] as number) + b * (data[at + 2] as number);
  for (let i = 0; i < width * height; i++) out[i] = Math.round(16 + weighted(3 * i, LUMA));
  for (let y = 0; y < halfHeight; y++)
    for (let x = 0; x < halfWidth; x++) {
      const [right, below] = [Math.min(2 * x + 1, width - 1), Math.min(2 * y + 1, height - 1)];
      const around = [2 * y, below].flatMap((row) => [2 * x, right].map((column) => 3 * (row * width + column)));
      const mean = (of: readonly [number, number, number]): number => around.reduce((sum, at) => sum + weighted(at, of), 0) / 4;
      const u = width * height + y * halfWidth + x;
      out[u] = Math.round(128 + mean(BLUE));
      out[u + halfWidth * halfHeight] = Math.round(128 + mean(RED));
    }
  return { width, height, format: 'yuv420p', data: out };
}

/** Shares of red, green and blue in luma and in the differences of blue and of red. @source ITU-R BT.601 */
const LUMA = [0.256788, 0.504129, 0.097906] as const;
const BLUE = [-0.148223, -0.290993, 0.439216] as const;
const RED = [0.439216, -0.367788, -0.071427] as const;

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
