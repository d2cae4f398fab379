import type { ScenePicture } from '../../domain/street.js';
import { CELL_PX, type Cells } from '../common/cells.js';

/** Side of a block in cells; in so many pixels there is enough of a pattern to be recognised through smoke. */
const BLOCK_CELLS = 2;
/** Spread of the luma in a block that makes a pattern, grey: less is noise, or plain asphalt, through which smoke cannot be told. */
const PATTERN_GREY = 4;
/** How alike the block must still look, as correlation: what stands in front of it has a pattern of its own. */
const SEEN_THROUGH = 0.55;
/** Contrast that is left of the block's pattern, against that of all blocks (rain, fog and dusk take from all), at most … */
const SLOPE_LEFT = 0.85;
/** … and of its spread: leaves that sway look unlike themselves, and have as much. */
const SPREAD_LEFT = 0.9;
/** By how much more contrast than light must have gone: a shadow takes both alike. */
const BEYOND_SHADOW = 0.12;
/** How fast the usual pattern follows, seconds, and how fast in the first ones. */
const USUAL_S = 30;
const FIRST_S = 2;
const SETTLES_MS = 8_000;
/** Time over which a block counts as veiled, seconds, and share of it. */
const MEMORY_S = 5;
const VEILED_SHARE = 0.5;
/** How long smoke has hung there when it is marked, milliseconds: what the memory takes to come to that share. */
export const VEIL_DELAY_MS = 1000 * MEMORY_S * Math.log(1 / (1 - VEILED_SHARE));
/** From this share on the usual pattern waits: smoke must not become usual. */
const WAITS_SHARE = 0.25;

/** Where something half transparent hangs before the scene, by cells: the pattern behind it is still to be seen, and paler. */
export class Veil {
  private readonly columns: number;
  private readonly rows: number;
  private readonly half: number;
  private readonly usual: Float32Array;
  private readonly share: Float32Array;
  /** By block: spread and correlation, slope, spread left, and light left. */
  private readonly figures: Float32Array;
  private firstPtsMs: number | null = null;
  private lastPtsMs = 0;

  constructor(private readonly cells: Cells) {
    this.columns = Math.floor(cells.columns / BLOCK_CELLS);
    this.rows = Math.floor(cells.rows / BLOCK_CELLS);
    this.half = Math.ceil(cells.width / 2);
    this.usual = new Float32Array(this.half * Math.ceil(cells.height / 2));
    this.share = new Float32Array(this.columns * this.rows);
    this.figures = new Float32Array(5 * this.columns * this.rows);
  }

  /** Marks cells of veiled blocks. */
  step({ luma, width }: ScenePicture, ptsMs: number, marked: Uint8Array): void {
    if (this.firstPtsMs === null) {
      this.firstPtsMs = ptsMs;
      this.lastPtsMs = ptsMs;
      this.take(luma, width, 1);
    }
    const stepS = Math.max(0.001, (ptsMs - this.lastPtsMs) / 1000);
    this.lastPtsMs = ptsMs;
    const settles = ptsMs - this.firstPtsMs < SETTLES_MS;
    const rate = 1 - Math.exp(-stepS / (settles ? FIRST_S : USUAL_S));
    const whole = Math.min(1, this.measure(luma, width));
    for (let block = 0; block < this.share.length; block++) {
      const veiled = !settles && this.isVeiled(block, whole) ? 1 : 0;
      this.share[block] = (this.share[block] as number) + (1 - Math.exp(-stepS / MEMORY_S)) * (veiled - (this.share[block] as number));
      if (settles || (this.share[block] as number) < WAITS_SHARE) this.takeBlock(luma, width, block, rate);
      this.mark(block, marked);
    }
  }

  private isVeiled(block: number, whole: number): boolean {
    const [pattern, alike, slope, spread, light] = this.figures.subarray(5 * block, 5 * block + 5) as unknown as number[];
    if ((pattern as number) < PATTERN_GREY || (alike as number) < SEEN_THROUGH) return false;
    if ((slope as number) > SLOPE_LEFT * whole || (spread as number) > SPREAD_LEFT * whole) return false;
    return (slope as number) <= (light as number) - BEYOND_SHADOW;
  }

  /** @returns the median of what is left of the contrast, over blocks with a pattern. */
  private measure(luma: Uint8Array, width: number): number {
    const slopes: number[] = [];
    const side = (BLOCK_CELLS * CELL_PX) / 2;
    const count = side * side;
    for (let block = 0; block < this.share.length; block++) {
      const left = (block % this.columns) * side;
      const top = Math.floor(block / this.columns) * side;
      let [sx, sy, sxx, sxy, syy] = [0, 0, 0, 0, 0];
      for (let y = top; y < top + side; y++) {
        for (let x = left; x < left + side; x++) {
          const before = this.usual[y * this.half + x] as number;
          const now = luma[2 * y * width + 2 * x] as number;
          sx += before;
          sy += now;
          sxx += before * before;
          sxy += before * now;
          syy += now * now;
        }
      }
      const varianceBefore = Math.max(0, sxx / count - (sx / count) ** 2);
      const varianceNow = Math.max(0, syy / count - (sy / count) ** 2);
      const shared = sxy / count - (sx / count) * (sy / count);
      const pattern = Math.sqrt(varianceBefore);
      const alike = shared / Math.sqrt(Math.max(1, varianceBefore) * Math.max(1, varianceNow));
      const slope = shared / Math.max(1, varianceBefore);
      this.figures.set([pattern, alike, slope, Math.sqrt(varianceNow / Math.max(1, varianceBefore)), sy / Math.max(1, sx)], 5 * block);
      if (pattern >= PATTERN_GREY && alike >= SEEN_THROUGH) slopes.push(slope);
    }
    slopes.sort((a, b) => a - b);
    return slopes[slopes.length >> 1] ?? 1;
  }

  private take(luma: Uint8Array, width: number, rate: number): void {
    for (let block = 0; block < this.share.length; block++) this.takeBlock(luma, width, block, rate);
  }

  private takeBlock(luma: Uint8Array, width: number, block: number, rate: number): void {
    const side = (BLOCK_CELLS * CELL_PX) / 2;
    const left = (block % this.columns) * side;
    const top = Math.floor(block / this.columns) * side;
    for (let y = top; y < top + side; y++) {
      for (let x = left; x < left + side; x++) {
        const at = y * this.half + x;
        const before = this.usual[at] as number;
        this.usual[at] = before + rate * ((luma[2 * y * width + 2 * x] as number) - before);
      }
    }
  }

  private mark(block: number, marked: Uint8Array): void {
    const veiled = (this.share[block] as number) >= VEILED_SHARE;
    const left = (block % this.columns) * BLOCK_CELLS;
    const top = Math.floor(block / this.columns) * BLOCK_CELLS;
    for (let y = top; y < top + BLOCK_CELLS; y++) {
      for (let x = left; x < left + BLOCK_CELLS; x++) {
        const cell = y * this.cells.columns + x;
        marked[cell] = veiled && this.cells.inside[cell] === 1 ? 1 : 0;
      }
    }
  }
}
