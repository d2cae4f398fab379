import type { Sharp } from 'sharp';

/** One decoded colour picture: rows of red, green, blue bytes without padding. */
export interface RgbPicture {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** `3 × width × height` bytes. */
  readonly data: Uint8Array;
}

/**
 * Draws an SVG.
 *
 * @param width of the result, pixels; the drawing is stretched to it.
 * @param height of the result, pixels.
 * @returns RGBA, not premultiplied, `4 × width × height` bytes.
 */
export async function renderSvg(svg: string, width: number, height: number): Promise<Uint8Array> {
  const { default: sharp } = await loadSharp();
  return await sharp(Buffer.from(svg)).resize(width, height, { fit: 'fill' }).ensureAlpha().raw().toBuffer();
}

/** Scales a picture to a size, proportions aside. Cubic: edges stay, and nothing is made up. */
export async function resizePicture(picture: RgbPicture, width: number, height: number): Promise<RgbPicture> {
  const sharp = await open(picture);
  return { width, height, data: await sharp.resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer() };
}

/**
 * Encodes a picture as JPEG with full colour resolution. The same picture gives the same bytes. Huffman tables are the usual ones: tables
 * of its own would save a few percent and keep the whole picture's coefficients in memory.
 *
 * @param quality 1..100.
 */
export async function encodeJpeg(picture: RgbPicture, quality: number): Promise<Uint8Array> {
  const sharp = await open(picture);
  return await sharp.jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding: false }).toBuffer();
}

async function open({ width, height, data }: RgbPicture): Promise<Sharp> {
  if (data.length !== 3 * width * height) throw new RangeError(`${data.length} bytes for a picture of ${width} × ${height}`);
  const { default: sharp } = await loadSharp();
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Loaded with the first picture: the library takes some 30 MB that an agent without incidents does not need. */
async function loadSharp(): Promise<typeof import('sharp')> {
  const library = await import('sharp');
  // libvips would keep operations in a cache and start a thread a core: memory and processors belong to the cameras.
  library.default.cache(false);
  library.default.concurrency(1);
  return library;
}
