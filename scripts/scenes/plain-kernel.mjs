/**
 * The loops over all pixels, in integers and plain JavaScript. `pixel-kernel.as` holds the same sums for vectors of eight; a
 * test holds the two to the same bytes.
 *
 * @typedef {object} PixelKernel
 * @property {number} width
 * @property {number} height
 * @property {Uint16Array} linear luma in linear light, 65535 = white
 * @property {Uint8Array} u quarter-size chroma
 * @property {Uint8Array} v
 * @property {Int16Array} tone luma in 1/64 levels for each linear value
 * @property {Uint8Array} strengths standard deviation of the noise for each luma level, 1/32 level
 * @property {Int8Array} noise a stretch of noise, 1/32 of its standard deviation, {@link NOISE_LENGTH} + width long
 * @property {Uint8Array} out luma of the picture
 * @property {(type: Int16ArrayConstructor, length: number) => Int16Array} allocate a plane that `overlay` can read
 * @property {(from: number, to: number) => void} develop brings pixels from `linear` through the tone curve
 * @property {(row: number, noiseAt: number, shaken: boolean) => void} addNoise writes one row of `out`
 * @property {(row: number, rowA: number, rowB: number, dx: number, wx: number, wy: number) => void} shiftRow makes a shaken row
 *   from two developed ones: `dx` whole pixels, weights of the second row and of the next pixel in 1/32768
 * @property {(cutOut: CutOut, from: number, wx: number, wy: number, x: number, y: number, cols: number, rows: number) => void}
 *   overlay lays a piece of a cut-out, from an index and fractions of a pixel on, over the picture at x, y (even; at most 8 columns)
 *
 * @typedef {object} CutOut
 * @property {Int16Array} alpha 32767 hides all
 * @property {Int16Array} light half of its linear light, already multiplied by alpha
 * @property {number} stride pixels a row
 * @property {number} u
 * @property {number} v
 */

/** Samples of noise before they come round; rows begin anywhere among them. */
export const NOISE_LENGTH = 1 << 18;

/**
 * @param {number} width @param {number} height
 * @returns {PixelKernel}
 */
export function createPlainKernel(width, height) {
  const pixels = width * height;
  const linear = new Uint16Array(pixels);
  const u = new Uint8Array(pixels / 4);
  const v = new Uint8Array(pixels / 4);
  const tone = new Int16Array(65536);
  const strengths = new Uint8Array(256);
  const noise = new Int8Array(NOISE_LENGTH + width);
  const toned = new Int16Array(pixels);
  const moved = new Int16Array(pixels);
  const sigma = new Uint8Array(pixels);
  const out = new Uint8Array(pixels);
  const clamped = new Uint8ClampedArray(out.buffer);
  return {
    width,
    height,
    linear,
    u,
    v,
    tone,
    strengths,
    noise,
    out,
    allocate: (type, length) => new type(length),
    develop(from, to) {
      for (let i = from; i < to; i++) {
        const level = tone[linear[i]];
        toned[i] = level;
        sigma[i] = strengths[level >> 6];
      }
    },
    addNoise(row, noiseAt, shaken) {
      const from = shaken ? moved : toned;
      for (let i = row * width, end = i + width, k = noiseAt; i < end; i++, k++) {
        clamped[i] = (from[i] + ((sigma[i] * noise[k] + 8) >> 4) + 32) >> 6;
      }
    },
    shiftRow(row, rowA, rowB, dx, wx, wy) {
      const last = width - 1;
      const column = (x) => {
        const c = Math.min(last, Math.max(0, x));
        return between(toned[rowA * width + c], toned[rowB * width + c], wy);
      };
      for (let x = 0; x < width; x++) moved[row * width + x] = between(column(x + dx), column(x + dx + 1), wx);
    },
    overlay(cutOut, from, wx, wy, x, y, cols, rows) {
      const { alpha, light, stride } = cutOut;
      const corner = (plane, i) => between(between(plane[i], plane[i + stride], wy), between(plane[i + 1], plane[i + stride + 1], wy), wx);
      for (let r = 0; r < rows; r++) {
        for (let c = 0; c < cols; c++) {
          const i = from + r * stride + c;
          const k = (y + r) * width + x + c;
          const half = linear[k] >> 1;
          const now = half - ((half * corner(alpha, i) + 0x4000) >> 15) + corner(light, i);
          linear[k] = (Math.min(32767, Math.max(0, now)) << 1) | (linear[k] & 1);
        }
      }
      for (let r = 0; r < rows >> 1; r++) {
        for (let c = 0; c < cols >> 1; c++) {
          const a = (alpha[from + 2 * r * stride + 2 * c] * 3) >> 2;
          const k = ((y >> 1) + r) * (width >> 1) + (x >> 1) + c;
          u[k] += ((cutOut.u - u[k]) * a + 0x4000) >> 15;
          v[k] += ((cutOut.v - v[k]) * a + 0x4000) >> 15;
        }
      }
    },
  };
}

/** From `a` to `b` by a weight in 1/32768, rounded as the vector instruction does. */
const between = (a, b, weight) => a + (((b - a) * weight + 0x4000) >> 15);
