import type { Candidate } from './candidate.js';

/**
 * Side of a tile, pixels of a 1080p picture; it scales with the picture. A tile holds a window or a branch, not a facade. Larger, and a
 * tree raises the bar for the wall beside it; smaller, and it never learns enough to know.
 */
const TILE_PX_AT_1080 = 32;
/**
 * How long a tile remembers, seconds: a gust is over in less, a tree stays a tree. Longer, and a festival's end is not noticed; shorter,
 * and each gust surprises.
 */
const MEMORY_S = 60;
/**
 * Density before anything is known, candidates per px² and frame: about one stray candidate a 1080p frame, as clear days have. Higher asks
 * more of every path in the first minute; lower believes clutter in it.
 */
const PRIOR_DENSITY = 5e-7;

/** How often candidates show up in each part of the picture for no reason: the clutter that a path must stand out from. */
export class BusyMap {
  private readonly columns: number;
  private readonly rows: number;
  private readonly tilePx: number;
  private readonly density: Float64Array;
  private readonly counts: Float64Array;
  private elapsedS = 0;

  constructor(width: number, height: number) {
    this.tilePx = Math.max(8, Math.round((TILE_PX_AT_1080 * Math.max(width, height)) / 1920));
    this.columns = Math.ceil(width / this.tilePx);
    this.rows = Math.ceil(height / this.tilePx);
    this.density = new Float64Array(this.columns * this.rows).fill(PRIOR_DENSITY);
    this.counts = new Float64Array(this.columns * this.rows);
  }

  /**
   * Takes in one frame: its moving candidates, except those that `leftOut` marks by their place. `frameS` is the time since the frame before,
   * seconds.
   */
  learn(candidates: readonly Pick<Candidate, 'x' | 'y' | 'moving'>[], leftOut: Uint8Array | null, frameS: number): void {
    this.counts.fill(0);
    for (let i = 0; i < candidates.length; i++) {
      const { x, y, moving } = candidates[i] as (typeof candidates)[number];
      if (!moving || (leftOut !== null && leftOut[i] !== 0)) continue;
      const tile = this.tile(x, y);
      this.counts[tile] = (this.counts[tile] as number) + 1;
    }
    this.elapsedS += frameS;
    // In the first minute all that was seen counts alike; from then on old things fade.
    const share = Math.min(1, frameS / Math.min(MEMORY_S, this.elapsedS + 2));
    const areaPx = this.tilePx * this.tilePx;
    for (let i = 0; i < this.density.length; i++) {
      const seen = Math.max(PRIOR_DENSITY, (this.counts[i] as number) / areaPx);
      this.density[i] = (this.density[i] as number) * (1 - share) + seen * share;
    }
  }

  /** Expected stray candidates per px² and frame around a point; never 0. */
  densityAt(x: number, y: number): number {
    return this.density[this.tile(x, y)] as number;
  }

  private tile(x: number, y: number): number {
    const column = Math.min(this.columns - 1, Math.max(0, Math.floor(x / this.tilePx)));
    const row = Math.min(this.rows - 1, Math.max(0, Math.floor(y / this.tilePx)));
    return row * this.columns + column;
  }
}
