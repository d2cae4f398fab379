import { encodeTone } from './light.mjs';
import { createPlainKernel } from './plain-kernel.mjs';

/** Luma 16..235 in 1/64 levels for each linear value 0..65535. */
export const TONE = Int16Array.from({ length: 65536 }, (_, i) => Math.round(encodeTone(i / 65535) * 64));

/**
 * Half the width of the footprint of pixel and lens blur, pixels. A box two pixels wide has the blur of a usual lens (standard
 * deviation 0.58 px), and being a whole number of pixels wide it keeps the energy of the smallest thing wherever it lies.
 */
const SPREAD_PX = 1;

/** Change is kept account of in pieces of a row this wide, pixels: wide enough to be few, small enough for a bird. */
const PIECE_PX = 64;
const DRAWN = 1;
const UNSEEN = 2;

/**
 * One picture in linear light, on which moving things are drawn. A drawing is a coverage (0..1 a pixel), gathered from
 * shapes at several instants of the exposure, then laid over the picture at once: that is motion blur.
 *
 * @typedef {{lin: number, u: number, v: number}} Colour linear luma 0..1, chroma 16..240
 * @typedef {{weight: number, contrast: number, x1: number, y1: number, x2: number, y2: number} | null} Drawn
 *   `weight` the sum of coverage, `contrast` mean signed change of luma where the thing is densest, levels, and the box
 *   of pixels that changed visibly; null when nothing fell inside the picture
 */
export class Canvas {
  /**
   * @param {number} width @param {number} height both even
   * @param {import('./plain-kernel.mjs').PixelKernel} [kernel] holds the picture
   */
  constructor(width, height, kernel = createPlainKernel(width, height)) {
    this.width = width;
    this.height = height;
    this.kernel = kernel;
    this.linear = kernel.linear;
    this.u = kernel.u;
    this.v = kernel.v;
    this.coverage = new Float32Array(64 * 64);
    this.clip = { x1: 0, y1: 0, x2: 0, y2: 0, w: 0 };
    this.background = null;
    this.piecesPerRow = Math.ceil(width / PIECE_PX);
    /** For each piece of a row: has something been drawn there, has the sensor not seen its change yet. */
    this.pieces = new Uint8Array(this.piecesPerRow * height).fill(UNSEEN);
  }

  /** Starts from the still picture: only what was drawn on is put back. */
  reset(background) {
    const { pieces, piecesPerRow, width, height } = this;
    if (this.background !== background) {
      this.background = background;
      this.linear.set(background.linear);
      this.u.set(background.u);
      this.v.set(background.v);
      pieces.fill(UNSEEN);
      return;
    }
    const halfW = width >> 1;
    for (let y = 0, i = 0; y < height; y++) {
      for (let p = 0; p < piecesPerRow; p++, i++) {
        if ((pieces[i] & DRAWN) === 0) continue;
        pieces[i] = UNSEEN;
        const x1 = p * PIECE_PX;
        const x2 = Math.min(width, x1 + PIECE_PX);
        const row = y * width;
        for (let k = row + x1; k < row + x2; k++) this.linear[k] = background.linear[k];
        const chroma = (y >> 1) * halfW;
        for (let k = chroma + (x1 >> 1); k < chroma + (x2 >> 1); k++) {
          this.u[k] = background.u[k];
          this.v[k] = background.v[k];
        }
      }
    }
  }

  /** Says that pixels `x1` to `x2` (excluded) of a row were drawn on. */
  touch(y, x1, x2) {
    const row = y * this.piecesPerRow;
    for (let p = x1 >> 6; p <= (x2 - 1) >> 6; p++) this.pieces[row + p] = DRAWN | UNSEEN;
  }

  /**
   * Calls for each run of pixels that has changed since this was last called.
   *
   * @param {(from: number, to: number) => void} each first index and last (excluded) in `linear`
   */
  forEachChange(each) {
    const { pieces, piecesPerRow, width, height } = this;
    for (let y = 0, i = 0; y < height; y++) {
      for (let p = 0; p < piecesPerRow; p++, i++) {
        if ((pieces[i] & UNSEEN) === 0) continue;
        pieces[i] &= ~UNSEEN;
        each(y * width + p * PIECE_PX, y * width + Math.min(width, (p + 1) * PIECE_PX));
      }
    }
  }

  /** Opens a drawing that stays inside this box (pixels, may overhang the picture). False when it lies wholly outside. */
  begin(x1, y1, x2, y2) {
    const c = this.clip;
    c.x1 = Math.max(0, Math.floor(x1));
    c.y1 = Math.max(0, Math.floor(y1));
    c.x2 = Math.min(this.width, Math.ceil(x2));
    c.y2 = Math.min(this.height, Math.ceil(y2));
    if (!(c.x2 > c.x1 && c.y2 > c.y1)) return false;
    c.w = c.x2 - c.x1;
    const size = c.w * (c.y2 - c.y1);
    if (this.coverage.length < size) this.coverage = new Float32Array(size);
    this.coverage.fill(0, 0, size);
    return true;
  }

  /**
   * Adds a rectangle with its centre, half sides, direction and weight. Coverage is the exact overlap of the rectangle
   * with a square footprint turned with it, so that thin and tiny things keep their energy.
   */
  addRect(cx, cy, halfW, halfH, cos, sin, weight, spread = SPREAD_PX) {
    const c = this.clip;
    const reachX = Math.abs(cos) * (halfW + spread) + Math.abs(sin) * (halfH + spread) + 1;
    const reachY = Math.abs(sin) * (halfW + spread) + Math.abs(cos) * (halfH + spread) + 1;
    const xa = Math.max(c.x1, Math.floor(cx - reachX));
    const xb = Math.min(c.x2, Math.ceil(cx + reachX));
    const ya = Math.max(c.y1, Math.floor(cy - reachY));
    const yb = Math.min(c.y2, Math.ceil(cy + reachY));
    for (let y = ya; y < yb; y++) {
      const row = (y - c.y1) * c.w - c.x1;
      for (let x = xa; x < xb; x++) {
        const px = x + 0.5 - cx;
        const py = y + 0.5 - cy;
        const a = px * cos + py * sin;
        const b = py * cos - px * sin;
        const ow = Math.min(a + spread, halfW) - Math.max(a - spread, -halfW);
        if (ow <= 0) continue;
        const oh = Math.min(b + spread, halfH) - Math.max(b - spread, -halfH);
        if (oh <= 0) continue;
        this.coverage[row + x] += (weight * ow * oh) / (4 * spread * spread);
      }
    }
  }

  /** Adds a disc without a sharp edge (something far out of focus). */
  addSoftDisc(cx, cy, radius, weight) {
    const c = this.clip;
    const xa = Math.max(c.x1, Math.floor(cx - radius));
    const xb = Math.min(c.x2, Math.ceil(cx + radius));
    const ya = Math.max(c.y1, Math.floor(cy - radius));
    const yb = Math.min(c.y2, Math.ceil(cy + radius));
    for (let y = ya; y < yb; y++) {
      for (let x = xa; x < xb; x++) {
        const d = ((x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2) / (radius * radius);
        if (d < 1) this.coverage[(y - c.y1) * c.w + x - c.x1] += weight * (1 - d) ** 2;
      }
    }
  }

  /**
   * Lays the drawing over the picture.
   *
   * @param {Colour} colour
   * @param {number} [opacity] 0..1
   * @param {Uint8Array} [mask] whole-picture mask, 255 = drawn fully (reflections stay inside glass)
   * @returns {Drawn}
   */
  composite(colour, opacity = 1, mask) {
    const { clip: c, coverage, linear, width } = this;
    const halfW = width >> 1;
    const target = Math.min(65535, colour.lin * 65535);
    // Dark things hardly carry colour: chroma shrinks with the encoded brightness.
    const vivid = Math.min(1, 2 * colour.lin ** 0.4545);
    const tintU = 128 + (colour.u - 128) * vivid;
    const tintV = 128 + (colour.v - 128) * vivid;
    let weight = 0;
    let peak = 0;
    for (let i = 0, n = c.w * (c.y2 - c.y1); i < n; i++) if (coverage[i] > peak) peak = coverage[i];
    if (peak < 1e-4) return null;
    const dense = Math.min(1, peak) * opacity * 0.5;
    let contrast = 0;
    let pixels = 0;
    let [x1, y1, x2, y2] = [c.x2, c.y2, c.x1, c.y1];
    for (let y = c.y1; y < c.y2; y++) {
      const row = (y - c.y1) * c.w - c.x1;
      this.touch(y, c.x1, c.x2);
      for (let x = c.x1; x < c.x2; x++) {
        let a = coverage[row + x];
        if (a <= 0) continue;
        a = Math.min(1, a) * opacity;
        if (mask !== undefined) a *= mask[y * width + x] / 255;
        const i = y * width + x;
        const before = linear[i];
        const after = before + (target - before) * a;
        linear[i] = after;
        weight += a;
        if (a > dense * 0.5) {
          if (x < x1) x1 = x;
          if (x >= x2) x2 = x + 1;
          if (y < y1) y1 = y;
          if (y >= y2) y2 = y + 1;
        }
        if (a >= dense) {
          contrast += (TONE[after | 0] - TONE[before]) / 64;
          pixels++;
        }
        const k = (y >> 1) * halfW + (x >> 1);
        this.u[k] += (tintU - this.u[k]) * a * 0.25;
        this.v[k] += (tintV - this.v[k]) * a * 0.25;
      }
    }
    return { weight, contrast: pixels === 0 ? 0 : contrast / pixels, x1, y1, x2, y2 };
  }

  /**
   * Multiplies light along a band that crosses the whole picture: the shadow of a cloud.
   *
   * @param {{nx: number, ny: number, front: number}} band how far, in pixels, a point lies behind its front:
   *   `front` − (x − width/2)·nx − (y − height/2)·ny
   * @param {number} depthPx of the band
   * @param {Float32Array} profile factors from the front to the end
   * @param {Uint8Array} mask 0 where nothing changes
   */
  relightBand({ nx, ny, front }, depthPx, profile, mask) {
    const { linear, width, height } = this;
    const scale = profile.length / depthPx;
    for (let y = 0; y < height; y++) {
      const base = front - (y + 0.5 - height / 2) * ny + (width / 2 - 0.5) * nx;
      // 0 ≤ base − x·nx < depth, solved for x.
      const [a, b] = nx === 0 ? [0, base >= 0 && base < depthPx ? width : 0] : [(base - depthPx) / nx, base / nx].sort((p, q) => p - q);
      const xa = Math.max(0, Math.ceil(a));
      const xb = Math.min(width, Math.floor(b) + 1);
      if (xb <= xa) continue;
      this.touch(y, xa, xb);
      for (let x = xa, i = y * width + xa; x < xb; x++, i++) {
        if (mask[i] === 0) continue;
        const k = ((base - x * nx) * scale) | 0;
        if (k >= 0 && k < profile.length) linear[i] = Math.min(65535, linear[i] * profile[k]);
      }
    }
  }

  /** Multiplies light inside a box by `factor(x, y)`: shadows and patches of light. */
  relight(x1, y1, x2, y2, factor) {
    const { linear, width } = this;
    const xa = Math.max(0, Math.floor(x1));
    const xb = Math.min(width, Math.ceil(x2));
    const ya = Math.max(0, Math.floor(y1));
    const yb = Math.min(this.height, Math.ceil(y2));
    for (let y = ya; y < yb; y++) {
      if (xb > xa) this.touch(y, xa, xb);
      for (let x = xa; x < xb; x++) {
        const f = factor(x, y);
        if (f !== 1) linear[y * width + x] = Math.min(65535, linear[y * width + x] * f);
      }
    }
  }
}
