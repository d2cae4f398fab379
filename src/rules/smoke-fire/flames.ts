import type { ScenePicture } from '../../domain/street.js';
import { CELL_PX, type Cells } from '../common/cells.js';

/**
 * Luma and colour of flames (BT.601): seen in a house on fire by day (luma 105 to 173, Cb 80 to 107, Cr 165 to 191) and in rendered ones by night, when
 * cameras bleach them (213 to 236, 96 to 109, 144 to 160). Red lamps are darker; skin and bricks have less between Cr and Cb.
 */
const COLOURED = { luma: 95, span: 60 } as const;
const BLEACHED = { luma: 205, span: 35 } as const;
const MOST_CB = 114;
/** Time over which a cell's warmth and flicker are taken, seconds: flames flicker at 1 to 10 Hz, and a car has passed a cell in less. */
const MEMORY_S = 1;
/** Share of a cell's pixels that are as warm as flames, on the mean. */
const WARM_SHARE = 0.3;
/** Mean change of luma from picture to picture, grey: flames come to 14 to 33, noise to 3, what is painted to none. */
const FLICKER_GREY = { low: 11, normal: 8, high: 6 } as const;

/** Where it burns, by cells: what is as warm as flames, for longer than anything passes, and flickers. */
export class Flames {
  private readonly warm: Float32Array;
  private readonly flicker: Float32Array;
  private readonly burntSince: Float64Array;
  private readonly last: Uint8Array;
  private started = false;
  private lastPtsMs = 0;

  constructor(
    private readonly cells: Cells,
    private readonly sensitivity: keyof typeof FLICKER_GREY,
  ) {
    this.warm = new Float32Array(cells.count);
    this.flicker = new Float32Array(cells.count);
    this.burntSince = new Float64Array(cells.count).fill(Number.NaN);
    this.last = new Uint8Array(Math.ceil(cells.width / 2) * Math.ceil(cells.height / 2));
  }

  /** Marks cells that have burnt for at least `leastMs`. */
  step(picture: ScenePicture, ptsMs: number, leastMs: number, marked: Uint8Array): void {
    const { columns, rows, inside } = this.cells;
    const { width, luma, cb, cr } = picture;
    const halfWidth = Math.ceil(width / 2);
    const rate = this.started ? 1 - Math.exp(-Math.max(1, ptsMs - this.lastPtsMs) / 1000 / MEMORY_S) : 1;
    const half = CELL_PX / 2;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const cell = row * columns + column;
        if (inside[cell] === 0) continue;
        let [warm, change] = [0, 0];
        for (let y = row * half; y < (row + 1) * half; y++) {
          for (let x = column * half; x < (column + 1) * half; x++) {
            const at = y * halfWidth + x;
            const grey = luma[2 * y * width + 2 * x] as number;
            change += Math.abs(grey - (this.last[at] as number));
            this.last[at] = grey;
            const blue = cb[at] as number;
            const span = (cr[at] as number) - blue;
            if (blue > MOST_CB) continue;
            if ((grey >= COLOURED.luma && span >= COLOURED.span) || (grey >= BLEACHED.luma && span >= BLEACHED.span)) warm++;
          }
        }
        const pixels = half * half;
        this.warm[cell] = (this.warm[cell] as number) + rate * (warm / pixels - (this.warm[cell] as number));
        const changed = this.started ? change / pixels : 0;
        this.flicker[cell] = (this.flicker[cell] as number) + rate * (changed - (this.flicker[cell] as number));
        const burns = (this.warm[cell] as number) >= WARM_SHARE && (this.flicker[cell] as number) >= FLICKER_GREY[this.sensitivity];
        if (!burns) this.burntSince[cell] = Number.NaN;
        else if (Number.isNaN(this.burntSince[cell] as number)) this.burntSince[cell] = ptsMs;
      }
    }
    this.started = true;
    this.lastPtsMs = ptsMs;
    this.markAged(ptsMs, leastMs, marked);
  }

  /** Marks cells that have burnt for at least `leastMs`, as they stand now. */
  markAged(ptsMs: number, leastMs: number, marked: Uint8Array): void {
    // NaN, where it does not burn, is no age.
    for (let cell = 0; cell < marked.length; cell++) marked[cell] = ptsMs - (this.burntSince[cell] as number) >= leastMs ? 1 : 0;
  }

  /** Since when the first of some cells has burnt. */
  since(cells: readonly number[]): number {
    return Math.min(...cells.map((cell) => this.burntSince[cell] as number).filter((ptsMs) => !Number.isNaN(ptsMs)));
  }

  get leastWarm(): number {
    return WARM_SHARE;
  }

  get leastFlicker(): number {
    return FLICKER_GREY[this.sensitivity];
  }

  /** Mean warmth and flicker of cells, as they stand now. */
  of(cells: readonly number[]): { readonly warm: number; readonly flicker: number } {
    let [warm, flicker] = [0, 0];
    for (const cell of cells) {
      warm += this.warm[cell] as number;
      flicker += this.flicker[cell] as number;
    }
    return { warm: warm / cells.length, flicker: flicker / cells.length };
  }
}
