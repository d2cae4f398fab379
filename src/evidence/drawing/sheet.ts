import type { MediaTools } from '../../media/footage-tools.js';
import type { RgbPicture } from '../../media/image.js';
import { fontFamily } from './svg-text.js';

/**
 * Rows that are drawn at a time. One drawing over a whole 1080p picture takes 13 MB of native memory, which the C library
 * keeps for every thread that ever made one: the process grew by 60 MB an incident, to 460 MB. A strip takes 1 MB.
 */
const stripRows = 128;
/** JPEG quality, 1..100. At 90 an object of 3 px keeps its shape; 95 takes half as much again and shows no more. */
const jpegQuality = 90;

/** A small picture set into a larger one, scaled to a square. */
export interface Inset {
  readonly picture: RgbPicture;
  readonly left: number;
  readonly top: number;
  /** Pixels after scaling. */
  readonly side: number;
}

/** A picture to be written: the scene, a band of one colour below it, insets, and a drawing over all. */
export interface PictureSheet {
  readonly scene: RgbPicture;
  /** `colour` is red, green and blue, 0..255. */
  readonly band?: { readonly heightPx: number; readonly colour: readonly [number, number, number] };
  readonly insets?: readonly Inset[];
  /** What stands inside an `<svg>` element of the size of scene and band together. */
  readonly drawing: string;
}

/** Puts a sheet together and encodes it as JPEG with full colour resolution. The same sheet gives the same bytes. */
export async function encodeSheet(
  tools: Pick<MediaTools, 'renderSvg' | 'resizePicture' | 'encodeJpeg'>,
  sheet: PictureSheet,
): Promise<Uint8Array> {
  const { scene, band, insets = [] } = sheet;
  const { width } = scene;
  const height = scene.height + (band?.heightPx ?? 0);
  const canvas = { width, height, data: new Uint8Array(3 * width * height) };
  canvas.data.set(scene.data.subarray(0, 3 * width * scene.height));
  if (band !== undefined) {
    for (let i = 3 * width * scene.height; i < canvas.data.length; i += 3) canvas.data.set(band.colour, i);
  }
  for (const inset of insets) place(canvas, await tools.resizePicture(inset.picture, inset.side, inset.side), inset.left, inset.top);
  for (let top = 0; top < height; top += stripRows) {
    const rows = Math.min(stripRows, height - top);
    const strip = await tools.renderSvg(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${rows}" viewBox="0 ${top} ${width} ${rows}" font-family="${fontFamily}">` +
        `${sheet.drawing}</svg>`,
      width,
      rows,
    );
    drawOver(canvas.data, 3 * width * top, strip);
  }
  return await tools.encodeJpeg(canvas, jpegQuality);
}

function place(canvas: RgbPicture, picture: RgbPicture, left: number, top: number): void {
  for (let row = 0; row < picture.height; row++) {
    const bytes = picture.data.subarray(3 * row * picture.width, 3 * (row + 1) * picture.width);
    canvas.data.set(bytes, 3 * ((top + row) * canvas.width + left));
  }
}

/** Draws RGBA pixels (not premultiplied) over RGB ones that begin at a byte offset. */
function drawOver(rgb: Uint8Array, offset: number, rgba: Uint8Array): void {
  for (let from = 0, to = offset; from < rgba.length; from += 4, to += 3) {
    const opacity = rgba[from + 3] ?? 0;
    if (opacity === 0) continue;
    for (let c = 0; c < 3; c++) {
      const under = rgb[to + c] ?? 0;
      rgb[to + c] = Math.round(under + (((rgba[from + c] ?? 0) - under) * opacity) / 255);
    }
  }
}
