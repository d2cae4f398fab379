import type { ScenePicture } from '../domain/street.js';
import { createRandom } from './random.js';

/** A rectangle of one colour with a little texture, pixels. */
export interface Patch {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly luma: number;
  readonly cb?: number;
  readonly cr?: number;
}

/** What a picture of the scene shows beside its background. */
export interface SceneMoment {
  /** From back to front. */
  readonly patches?: readonly Patch[];
  /** Luma of every pixel times this. */
  readonly gain?: number;
  /** Areas in another light: luma times `factor`, texture and colour kept. */
  readonly shades?: readonly { readonly x: number; readonly y: number; readonly w: number; readonly h: number; readonly factor: number }[];
  /** The camera turned by so many pixels. */
  readonly shift?: { readonly x: number; readonly y: number };
  readonly colour?: boolean;
}

/** Draws small pictures of a street with paving, a facade and sensor noise; the same seed, the same pictures. */
export class ScenePainter {
  private readonly random: () => number;
  private readonly texture: Float32Array;
  private static readonly MARGIN = 24;

  constructor(
    readonly width = 320,
    readonly height = 180,
    private readonly noiseGrey = 2,
    seed = 7,
  ) {
    this.random = createRandom(seed);
    const margin = 2 * ScenePainter.MARGIN;
    const columns = width + margin;
    this.texture = new Float32Array(columns * (height + margin));
    for (let y = 0; y < height + margin; y++) {
      for (let x = 0; x < columns; x++) {
        const wall = y < (height + margin) / 3;
        const joint = wall ? x % 40 < 3 || y % 30 < 3 : (x + y) % 26 < 2 || (x - y + 4000) % 26 < 2;
        this.texture[y * columns + x] = (wall ? 150 : 110) - (joint ? 45 : 0) + 10 * (this.random() - 0.5);
      }
    }
  }

  paint(moment: SceneMoment = {}): ScenePicture {
    const { width, height } = this;
    const { patches = [], gain = 1, shades = [], shift = { x: 0, y: 0 }, colour = true } = moment;
    const columns = width + 2 * ScenePainter.MARGIN;
    const half = (width + 1) >> 1;
    const luma = new Uint8Array(width * height);
    const cb = new Uint8Array(half * ((height + 1) >> 1)).fill(128);
    const cr = cb.slice();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [tx, ty] = [x + ScenePainter.MARGIN + shift.x, y + ScenePainter.MARGIN + shift.y];
        let value = this.texture[ty * columns + tx] as number;
        let [u, v] = ty < (height + 2 * ScenePainter.MARGIN) / 3 ? [122, 138] : [126, 130];
        for (const p of patches) {
          if (x + shift.x < p.x || x + shift.x >= p.x + p.w || y + shift.y < p.y || y + shift.y >= p.y + p.h) continue;
          value = p.luma + ((x * 7 + y * 13) % 5) - 2;
          [u, v] = [p.cb ?? 128, p.cr ?? 128];
        }
        for (const s of shades) if (x >= s.x && x < s.x + s.w && y >= s.y && y < s.y + s.h) value *= s.factor;
        const noise = this.noiseGrey * (this.random() + this.random() + this.random() - 1.5) * 2;
        luma[y * width + x] = Math.max(0, Math.min(255, Math.round(value * gain + noise)));
        if (colour && x % 2 === 0 && y % 2 === 0) {
          cb[(y >> 1) * half + (x >> 1)] = u + Math.round(this.random() * 2 - 1);
          cr[(y >> 1) * half + (x >> 1)] = v + Math.round(this.random() * 2 - 1);
        }
      }
    }
    return { width, height, luma, cb, cr };
  }
}
