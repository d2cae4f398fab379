import type { CellGrid, CellPicture } from './cell-grid.js';

/** Side of a block, cells: its mean takes sensor noise down to what a codec keeps even when it has few bits, and leaves what moves. */
const BLOCK_CELLS = 8;
/** Blocks needed to say anything. */
const LEAST_BLOCKS = 50;
/** Pictures are set against those of so long ago, seconds: at least, so that a codec has coded anew what it repeats; at most one round of keyframes, as a rule. */
const LEAST_AGE_S = 1;
const MOST_AGE_S = 4.2;
/** Pictures kept, enough for ten a second. */
const KEPT = 48;
/** Share of the blocks that must agree: what moves in the rest is told apart from noise. */
const QUIET_SHARE = 0.8;
/** A block that changed by more shows something that moves, grey; a codec that codes the same picture again makes 1.5. */
const MOVED_GREY = 2;
/** And one that changed by more shows beyond doubt that the camera lives, grey; so does half of them a change of the light, and of the noise with it. */
const LIFE_GREY = 6;
const LIGHT_SHARE = 0.5;
/** Less than this share of the least that noise ever left between two pictures is left by a codec alone: frozen scenes have 0.25 to 0.5 but for the second after a keyframe, live ones hardly less than 0.9. */
const FROZEN_SHARE = 0.6;
/** Where noise leaves less, grey, the camera or its codec takes all of it away: then nobody can tell a still street from a still picture. */
const LEAST_NOISE_GREY = 0.02;
/** How long noise must have been seen before anything is said, seconds. */
const LEAST_WATCHED_S = 20;
/** What was seen before a round of so long in which nothing was as if frozen was live, seconds: longer than a round of keyframes, which shows what is frozen. */
const ROUND_S = 10;
/** How fast the least noise rises with what is seen, seconds: an hour of a busy street does not hide what a quiet one has. */
const RISE_S = 3_600;
/** Steps in which differences are counted, grey, and how many. */
const STEP_GREY = 1 / 256;
const STEPS = 512;

/**
 * Tells a camera that sends one picture again and again. Its codec codes that picture anew, keyframe after keyframe, so that hardly two are the same to the last bit; but a
 * sensor's noise, which is another in every picture, is gone. How much noise is left after the codec is learnt from the camera itself, from pictures that are known to be live.
 */
export class FrozenPicture {
  private readonly blockColumns: number;
  /** Of each block its first cell; blocks with a masked cell are left out, so that a clock that goes on tells nothing. */
  private readonly blocks: Int32Array;
  private readonly means: Float32Array;
  private readonly times = new Float64Array(KEPT).fill(Number.NEGATIVE_INFINITY);
  private readonly counts = new Int32Array(STEPS);
  private newest = 0;
  private isNight = false;
  private watchedS = 0;
  /** Since the least noise was learnt last. */
  private learntS = 0;
  /** Least noise of live pictures, grey. */
  private usual = Number.NaN;
  /** The same of pictures of which nobody knows yet: of the present round, and of those before. */
  private pending = Number.POSITIVE_INFINITY;
  private older = Number.POSITIVE_INFINITY;
  private roundS = 0;
  private alike = false;
  /** Blocks that show life, of what was compared last. */
  private lively = 0;

  constructor(private readonly grid: CellGrid) {
    this.blockColumns = Math.floor(grid.columns / BLOCK_CELLS);
    const all = Array.from({ length: this.blockColumns * Math.floor(grid.rows / BLOCK_CELLS) }, (_, k) => this.cellOf(k));
    this.blocks = Int32Array.from(all.filter((cell) => !this.isMasked(cell)));
    this.means = new Float32Array(KEPT * this.blocks.length);
  }

  /**
   * Looks at the next picture, as it came.
   *
   * @param night by which light it is: each has a noise of its own.
   * @param steady whether the camera stands still, in a light that does not change: only then differences are noise.
   * @returns for how long it has been the same, milliseconds; 0: it lives, or nobody can tell.
   */
  step(cells: CellPicture, timeS: number, stepS: number, night: boolean, steady: boolean): number {
    if (this.blocks.length < LEAST_BLOCKS) return 0;
    if (night !== this.isNight) this.forget();
    this.isNight = night;
    this.newest = (this.newest + 1) % KEPT;
    this.times[this.newest] = timeS;
    this.takeMeans(cells);
    this.watchedS += stepS;
    this.learntS += stepS;
    let noise = Number.POSITIVE_INFINITY;
    let sameSinceS = timeS;
    let same = true;
    let looked = false;
    for (let back = 1; back < KEPT; back++) {
      const other = (this.newest + KEPT - back) % KEPT;
      const ageS = timeS - (this.times[other] as number);
      if (!(ageS > 0 && ageS <= MOST_AGE_S)) break;
      const most = this.compare(other);
      same &&= most <= MOVED_GREY;
      if (same) sameSinceS = timeS - ageS;
      if (ageS < LEAST_AGE_S) continue;
      noise = Math.min(noise, this.quietDifference());
      if (!looked && most > LIFE_GREY) this.live();
      looked = true;
    }
    if (!looked) return 0;
    if (steady) this.pending = Math.min(this.pending, noise);
    const sameS = timeS - sameSinceS;
    const alike = this.watchedS >= LEAST_WATCHED_S && this.usual >= LEAST_NOISE_GREY && noise < FROZEN_SHARE * this.usual;
    this.goOn(alike, stepS);
    return alike && sameS >= LEAST_AGE_S ? 1000 * sameS : 0;
  }

  /** The first cell of the k-th block. */
  private cellOf(k: number): number {
    const row = Math.floor(k / this.blockColumns);
    return BLOCK_CELLS * (row * this.grid.columns + k - row * this.blockColumns);
  }

  private isMasked(cell: number): boolean {
    const { columns, masked } = this.grid;
    for (let y = 0; y < BLOCK_CELLS; y++) for (let x = 0; x < BLOCK_CELLS; x++) if (masked[cell + y * columns + x] !== 0) return true;
    return false;
  }

  private takeMeans({ luma }: CellPicture): void {
    const { blocks, means, newest, grid } = this;
    const from = newest * blocks.length;
    for (let k = 0; k < blocks.length; k++) {
      let sum = 0;
      for (let y = 0, at = blocks[k] as number; y < BLOCK_CELLS; y++, at += grid.columns)
        for (let x = at; x < at + BLOCK_CELLS; x++) sum += luma[x] as number;
      means[from + k] = sum / (BLOCK_CELLS * BLOCK_CELLS);
    }
  }

  /** Counts how much the blocks of an earlier picture differ from the newest; returns the most. */
  private compare(other: number): number {
    const { blocks, means, newest, counts } = this;
    const [a, b] = [newest * blocks.length, other * blocks.length];
    counts.fill(0);
    this.lively = 0;
    let most = 0;
    for (let k = 0; k < blocks.length; k++) {
      const off = Math.abs((means[a + k] as number) - (means[b + k] as number));
      if (off > most) most = off;
      if (off > LIFE_GREY) this.lively++;
      const step = Math.min(STEPS - 1, (off / STEP_GREY) | 0);
      counts[step] = (counts[step] as number) + 1;
    }
    return most;
  }

  /** What the quiet share of the blocks differs by at most, of what was compared last, grey. */
  private quietDifference(): number {
    const enough = QUIET_SHARE * this.blocks.length;
    let step = 0;
    for (let n = this.counts[0] as number; n < enough && step < STEPS - 1; n += this.counts[step] as number) step++;
    return step * STEP_GREY;
  }

  /** Something moves: all that was seen until now was live. */
  private live(): void {
    if (this.lively >= LIGHT_SHARE * this.blocks.length) this.forget();
    else {
      this.learn(Math.min(this.pending, this.older));
      this.beginRound(Number.POSITIVE_INFINITY);
    }
  }

  private goOn(alike: boolean, stepS: number): void {
    this.alike ||= alike;
    this.roundS += stepS;
    if (this.roundS < ROUND_S) return;
    if (this.alike) this.beginRound(Math.min(this.pending, this.older));
    else {
      this.learn(this.older);
      this.beginRound(this.pending);
    }
  }

  private beginRound(older: number): void {
    Object.assign(this, { older, pending: Number.POSITIVE_INFINITY, roundS: 0, alike: false });
  }

  private learn(least: number): void {
    if (least === Number.POSITIVE_INFINITY) return;
    const rise = (1 - Math.exp(-this.learntS / RISE_S)) * (least - this.usual);
    this.usual = least > this.usual ? this.usual + rise : least;
    this.learntS = 0;
  }

  /** By another light nobody knows how much noise there is. */
  private forget(): void {
    this.usual = Number.NaN;
    this.watchedS = 0;
    this.beginRound(Number.POSITIVE_INFINITY);
  }
}
