import type { ScenePicture } from '../../domain/street.js';
import type { RgbPicture } from '../../media/image.js';

/** Width of the small pictures that incidents are looked at again by, pixels: as wide as those that street rules work on, at most. */
const LOOK_WIDTH = 640;
/** Their JPEG quality, 1..100: they are compared, and below 90 blocks are. */
export const LOOK_QUALITY = 92;

/** A smaller copy of a picture, each pixel the mean of what it covers; the picture itself copied where it is small enough. */
export function shrink(picture: RgbPicture, mostWidth = LOOK_WIDTH): RgbPicture {
  const { width, height, data } = picture;
  if (width <= mostWidth) return { width, height, data: new Uint8Array(data.subarray(0, 3 * width * height)) };
  const small = { width: mostWidth, height: Math.max(1, Math.round((height * mostWidth) / width)) };
  const out = new Uint8Array(3 * small.width * small.height);
  const columns = Array.from({ length: small.width + 1 }, (_, i) => Math.floor((i * width) / small.width));
  for (let row = 0; row < small.height; row++) {
    const top = Math.floor((row * height) / small.height);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / small.height));
    for (let column = 0; column < small.width; column++) {
      const left = columns[column] as number;
      const right = Math.max(left + 1, columns[column + 1] as number);
      let [r, g, b] = [0, 0, 0];
      for (let y = top; y < bottom; y++) {
        for (let at = 3 * (y * width + left); at < 3 * (y * width + right); at += 3) {
          r += data[at] as number;
          g += data[at + 1] as number;
          b += data[at + 2] as number;
        }
      }
      const count = (bottom - top) * (right - left);
      out.set([Math.round(r / count), Math.round(g / count), Math.round(b / count)], 3 * (row * small.width + column));
    }
  }
  return { ...small, data: out };
}

/**
 * The scene without what passes through it: of each pixel the middle of its values.
 *
 * @param pictures at least one, all of one size.
 */
export function middleOf(pictures: readonly RgbPicture[]): RgbPicture {
  const [first] = pictures;
  if (first === undefined) throw new RangeError('there is no middle of no pictures');
  if (pictures.length === 1) return first;
  const data = new Uint8Array(3 * first.width * first.height);
  const values = new Uint8Array(pictures.length);
  for (let i = 0; i < data.length; i++) {
    for (const [p, { data: bytes }] of pictures.entries()) values[p] = bytes[i] as number;
    data[i] = values.sort()[values.length >> 1] as number;
  }
  return { width: first.width, height: first.height, data };
}

/** A picture in luma and chroma (BT.601, full range), as rules see scenes. */
export function toScenePicture({ width, height, data }: RgbPicture): ScenePicture {
  const luma = new Uint8Array(width * height);
  for (let i = 0; i < luma.length; i++) luma[i] = Math.round(lumaOf(data, 3 * i));
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const cb = new Uint8Array(halfWidth * halfHeight);
  const cr = new Uint8Array(halfWidth * halfHeight);
  for (let y = 0; y < halfHeight; y++) {
    for (let x = 0; x < halfWidth; x++) {
      const at = 3 * (2 * y * width + 2 * x);
      const grey = lumaOf(data, at);
      cb[y * halfWidth + x] = clampByte(128 + 0.564 * ((data[at + 2] as number) - grey));
      cr[y * halfWidth + x] = clampByte(128 + 0.713 * ((data[at] as number) - grey));
    }
  }
  return { width, height, luma, cb, cr };
}

const lumaOf = (rgb: Uint8Array, at: number): number =>
  0.299 * (rgb[at] as number) + 0.587 * (rgb[at + 1] as number) + 0.114 * (rgb[at + 2] as number);
const clampByte = (value: number): number => Math.max(0, Math.min(255, Math.round(value)));
