import type { CellGrid, CellPicture } from './cell-grid.js';
import { DARK_GREY, type LightField } from './light-field.js';

/** Memory of the slow background, seconds: daylight moves slower, what moves in the scene faster. It does not learn under what differs. */
const SLOW_MEMORY_S = 20;
/** Memory of the fast one, seconds: noise is averaged, a standing thing is not smeared. */
const FAST_MEMORY_S = 1.5;
/** Memory of the deviation, seconds. */
const DEVIATION_MEMORY_S = 15;
/** Lowest tolerance of luma and chroma, grey: what a codec at a few hundred kbit/s does to a wall. Lower, and keyframes are foreground. */
const LEAST_LUMA_GREY = 9;
const LEAST_CHROMA_GREY = 6;
/** Tolerance in mean absolute deviations: 3 σ of Gaussian noise. */
const DEVIATIONS = 3.8;
/**
 * Share of the way to the brightest and darkest cell beside it that a cell may stray: a shake of a third of a cell moves each edge by that much …
 */
const STRAY_SHARE = 0.35;
/** … and where cells deviate this much, grey, or flicker, it may stray all the way: a leaf that moves shows what was beside it. */
const LIVELY_GREY = 3.5;
const LIVELY_STARTS = 1.5;
/** … so far, cells. */
const LIVELY_REACH = 3;
/** Share of a colour's own strength by which it may change: cameras balance their white and saturate differently from minute to minute. */
const SATURATION_SHARE = 0.2;
/** While the background has been seen for less than this, seconds, what differs is learnt as noise, too: the first leaves of a windy day. */
const YOUNG_S = 4;
/** Deviation assumed at first, grey. */
const FIRST_DEVIATION_GREY = 1.6;
/** An outlier counts for the deviation at most three times as much as it is, plus this, grey. */
const SLACK_GREY = 2;
/** A difference this many times the tolerance is beyond doubt; each region must have some of it. */
const STRONG = 1.6;
/** A challenger takes a cell over after this share of the time that the present value was there, between these limits, seconds. */
const PATIENCE_SHARE = 0.25;
const LEAST_PATIENCE_S = 0.5;
const MOST_PATIENCE_S = 3;
/** What one picture may add to a cell's support, seconds: a value must be seen several times however rare pictures are. */
const MOST_STEP_S = 1;
/** Trust beyond this is not counted, seconds: nothing asks for more. */
const MOST_TRUST_S = 60;
/** Rows are renewed (tolerance from deviation and slope) every so many pictures. */
const ROW_STEP = 8;
/**
 * What differs for less than this, seconds, flickers. Memory of how often a cell did, seconds, and how many times make it restless: a leaf, not a
 * lane full of cars.
 */
const MOMENT_S = 0.9;
const FLICKER_MEMORY_S = 20;
const RESTLESS_STARTS = 8;

/** Marks of {@link CellModel.foreground}. */
export const WEAK = 1;
export const SURE = 2;

/**
 * Two backgrounds of different speed for each cell, and what they say of it. The slow one is what the scene is expected to look like, told
 * things and all; it does not learn where the picture differs. The fast one takes over what stays where it differs, and knows since when: a
 * value holds the cell until a challenger has been there long enough, so that a passer does not wipe out what stands.
 *
 * | differs from slow | as fast | the cell |
 * |---|---|---|
 * | no | – | background |
 * | yes | no | moves |
 * | yes | yes, for a while | stands: put there, or uncovered |
 */
export class CellModel {
  /** The slow background. */
  readonly expected: CellPicture;
  /** How long the slow background has been seen, seconds. */
  readonly trust: Float32Array;
  /** The fast one: value, how long it was seen in all, and since when it is there (seconds on the stream's clock). */
  readonly fast: CellPicture;
  readonly support: Float32Array;
  readonly since: Float64Array;
  /** Whether the fast background shows in the present picture. */
  readonly shows: Uint8Array;
  /** 0: as expected; {@link WEAK}, {@link SURE}: differs. */
  readonly foreground: Uint8Array;
  /** Mean absolute deviation of luma, grey. */
  readonly deviation: Float32Array;
  private readonly chromaDeviation: Float32Array;
  private readonly toleranceL: Float32Array;
  /** How much darker and brighter than the slow background a cell may be because of what is beside it, grey. */
  private readonly darker: Float32Array;
  private readonly brighter: Float32Array;
  private readonly toleranceC: Float32Array;
  private readonly flicker: Float32Array;
  private readonly before: Uint8Array;
  /** When a cell that differs began to, seconds. */
  readonly differsSince: Float64Array;
  private readonly challenger: CellPicture;
  private readonly challenge: Float32Array;
  private readonly challengeSince: Float64Array;
  private readonly rowGains: Float32Array;
  private row = 0;
  private stale = false;
  private readonly staleRows: Uint8Array;
  /** Share of the cells that differ surely. */
  share = 0;

  constructor(private readonly grid: CellGrid) {
    const { count } = grid;
    this.expected = grid.createPicture();
    this.fast = grid.createPicture();
    this.challenger = grid.createPicture();
    this.trust = new Float32Array(count);
    this.support = new Float32Array(count);
    this.since = new Float64Array(count);
    this.shows = new Uint8Array(count);
    this.foreground = new Uint8Array(count);
    this.before = new Uint8Array(count);
    this.differsSince = new Float64Array(count);
    this.deviation = new Float32Array(count).fill(FIRST_DEVIATION_GREY);
    this.chromaDeviation = new Float32Array(count).fill(FIRST_DEVIATION_GREY / 2);
    this.toleranceL = new Float32Array(count).fill(LEAST_LUMA_GREY);
    this.toleranceC = new Float32Array(count).fill(LEAST_CHROMA_GREY);
    this.darker = new Float32Array(count);
    this.brighter = new Float32Array(count);
    this.flicker = new Float32Array(count);
    this.challenge = new Float32Array(count);
    this.challengeSince = new Float64Array(count);
    this.rowGains = new Float32Array(grid.columns);
    this.staleRows = new Uint8Array(grid.rows);
  }

  /**
   * Begins anew with a picture: what it shows is expected from now on.
   *
   * @param trustS how long it counts as seen, seconds; below 0 where it may still change for a while.
   */
  begin(picture: CellPicture, trustS: number): void {
    this.expected.luma.set(picture.luma);
    this.expected.cb.set(picture.cb);
    this.expected.cr.set(picture.cr);
    this.trust.fill(trustS);
    this.support.fill(0);
    this.challenge.fill(0);
    this.foreground.fill(0);
    this.flicker.fill(0);
    this.renewAll();
  }

  /** After all of a picture has been told: cells that were set anew change what those beside them may be. */
  finish(): void {
    if (!this.stale) return;
    const { rows } = this.grid;
    for (let row = 0; row < rows; row++) {
      let near = false;
      for (let y = Math.max(0, row - LIVELY_REACH); y <= Math.min(rows - 1, row + LIVELY_REACH); y++)
        if (this.staleRows[y] !== 0) near = true;
      if (near) this.renewRow(row);
    }
    this.staleRows.fill(0);
    this.stale = false;
  }

  /**
   * Compares a picture with what is expected, and learns from it.
   *
   * @param kept cells (not 0) under which the slow background must not learn.
   */
  step(picture: CellPicture, light: LightField, timeS: number, stepS: number, kept: Uint8Array): void {
    const { columns, rows, masked } = this.grid;
    const {
      expected,
      trust,
      deviation,
      chromaDeviation,
      toleranceL,
      toleranceC,
      foreground,
      before,
      flicker,
      shows,
      support,
      rowGains,
      darker,
      brighter,
      differsSince,
    } = this;
    const slow = 1 - Math.exp(-stepS / SLOW_MEMORY_S);
    const deviate = 1 - Math.exp(-stepS / DEVIATION_MEMORY_S);
    const calm = Math.exp(-stepS / FLICKER_MEMORY_S);
    const addS = Math.min(stepS, MOST_STEP_S);
    const { saturation, tintCb, tintCr } = light;
    before.set(foreground);
    shows.fill(0);
    let differing = 0;
    for (let row = 0, i = 0; row < rows; row++) {
      light.gainsOfRow(row, rowGains);
      for (let x = 0; x < columns; x++, i++) {
        if (masked[i] !== 0) continue;
        const seen = picture.luma[i] as number;
        const was = expected.luma[i] as number;
        const off = seen - ((rowGains[x] as number) * (was + DARK_GREY) - DARK_GREY);
        const stray = off > 0 ? Math.max(0, off - (brighter[i] as number)) : Math.max(0, -off - (darker[i] as number));
        const seenCb = picture.cb[i] as number;
        const seenCr = picture.cr[i] as number;
        const offCb = seenCb - 128 - saturation * ((expected.cb[i] as number) - 128) - tintCb;
        const offCr = seenCr - 128 - saturation * ((expected.cr[i] as number) - 128) - tintCr;
        const distance = Math.abs(off);
        const chroma = Math.max(Math.abs(offCb), Math.abs(offCr));
        const excess = Math.max(stray / (toleranceL[i] as number), chroma / (toleranceC[i] as number));
        if (flicker[i] !== 0) flicker[i] = (flicker[i] as number) * calm;
        if (excess <= 1) {
          const differed = before[i] !== 0;
          if (differed) foreground[i] = 0;
          if (differed && timeS - (differsSince[i] as number) < MOMENT_S) flicker[i] = (flicker[i] as number) + 1;
          deviation[i] = (deviation[i] as number) + deviate * (distance - (deviation[i] as number));
          chromaDeviation[i] = (chromaDeviation[i] as number) + deviate * (chroma - (chromaDeviation[i] as number));
          const age = trust[i] as number;
          if (age < MOST_TRUST_S) trust[i] = age + addS;
          // The first pictures count alike, so that the background is good after a second.
          const rate = kept[i] !== 0 ? 0 : age < 2 ? Math.max(slow, addS / (Math.max(0, age) + addS)) : slow;
          expected.luma[i] = was + rate * (seen - was);
          expected.cb[i] = (expected.cb[i] as number) + rate * (seenCb - (expected.cb[i] as number));
          expected.cr[i] = (expected.cr[i] as number) + rate * (seenCr - (expected.cr[i] as number));
          if ((support[i] as number) > 0) support[i] = Math.max(0, (support[i] as number) - 2 * addS);
          continue;
        }
        foreground[i] = excess > STRONG ? SURE : WEAK;
        if (excess > STRONG) differing++;
        if (before[i] === 0) differsSince[i] = timeS;
        if ((trust[i] as number) < YOUNG_S) this.tolerate(i, picture, stepS);
        this.compete(i, picture, timeS, addS);
      }
    }
    this.share = differing / this.grid.count;
    for (let row = this.row; row < rows; row += ROW_STEP) this.renewRow(row);
    this.row = (this.row + 1) % ROW_STEP;
  }

  /** What differed in this cell was noise: its deviation grows, so that it differs less often. */
  tolerate(i: number, picture: CellPicture, stepS: number): void {
    const deviate = 1 - Math.exp(-stepS / DEVIATION_MEMORY_S);
    const distance = Math.abs((picture.luma[i] as number) - (this.expected.luma[i] as number));
    const usual = this.deviation[i] as number;
    this.deviation[i] = usual + deviate * (Math.min(distance, 3 * usual + SLACK_GREY) - usual);
    const chroma = Math.max(
      Math.abs((picture.cb[i] as number) - (this.expected.cb[i] as number)),
      Math.abs((picture.cr[i] as number) - (this.expected.cr[i] as number)),
    );
    const usualChroma = this.chromaDeviation[i] as number;
    this.chromaDeviation[i] = usualChroma + deviate * (Math.min(chroma, 3 * usualChroma + SLACK_GREY) - usualChroma);
  }

  /** Whether a cell differs again and again for moments: a leaf, a flag. */
  restless(i: number): boolean {
    return (this.flicker[i] as number) > RESTLESS_STARTS;
  }

  /** The fast background's value is expected from now on. */
  adopt(i: number): void {
    const { expected, fast } = this;
    expected.luma[i] = fast.luma[i] as number;
    expected.cb[i] = fast.cb[i] as number;
    expected.cr[i] = fast.cr[i] as number;
    this.trust[i] = this.support[i] as number;
    this.foreground[i] = 0;
    this.forgetHabits(i);
  }

  /** Sets what is expected of a cell. */
  expect(i: number, luma: number, cb: number, cr: number, trustS: number): void {
    this.expected.luma[i] = luma;
    this.expected.cb[i] = cb;
    this.expected.cr[i] = cr;
    this.trust[i] = trustS;
    this.forgetHabits(i);
  }

  /** Another thing is expected here now: how the one before used to vary says nothing of it. */
  private forgetHabits(i: number): void {
    this.support[i] = 0;
    this.flicker[i] = 0;
    this.deviation[i] = Math.min(this.deviation[i] as number, 2 * FIRST_DEVIATION_GREY);
    this.chromaDeviation[i] = Math.min(this.chromaDeviation[i] as number, FIRST_DEVIATION_GREY);
    this.stale = true;
    this.staleRows[(i / this.grid.columns) | 0] = 1;
  }

  /** How far three values lie from a cell's picture, in tolerances. */
  excessOf(i: number, picture: CellPicture, luma: number, cb: number, cr: number): number {
    const chroma = Math.max(Math.abs((picture.cb[i] as number) - cb), Math.abs((picture.cr[i] as number) - cr));
    return Math.max(Math.abs((picture.luma[i] as number) - luma) / this.near(i), chroma / (this.toleranceC[i] as number));
  }

  /** Tolerance against values that are not the slow background's: its slope says nothing of them. */
  private near(i: number): number {
    return Math.max(LEAST_LUMA_GREY, DEVIATIONS * (this.deviation[i] as number));
  }

  private renewAll(): void {
    for (let row = 0; row < this.grid.rows; row++) this.renewRow(row);
  }

  private compete(i: number, picture: CellPicture, timeS: number, addS: number): void {
    const { fast, support, since, challenger, challenge, challengeSince } = this;
    if ((support[i] as number) > 0 && this.follow(i, picture, fast, addS)) {
      support[i] = (support[i] as number) + addS;
      challenge[i] = 0;
      this.shows[i] = 1;
      return;
    }
    if ((challenge[i] as number) > 0 && this.follow(i, picture, challenger, addS)) challenge[i] = (challenge[i] as number) + addS;
    else {
      challenger.luma[i] = picture.luma[i] as number;
      challenger.cb[i] = picture.cb[i] as number;
      challenger.cr[i] = picture.cr[i] as number;
      challenge[i] = 0.001;
      challengeSince[i] = timeS;
    }
    const patience = Math.max(LEAST_PATIENCE_S, Math.min(MOST_PATIENCE_S, PATIENCE_SHARE * (support[i] as number)));
    if ((support[i] as number) > 0 && (challenge[i] as number) < patience) return;
    fast.luma[i] = challenger.luma[i] as number;
    fast.cb[i] = challenger.cb[i] as number;
    fast.cr[i] = challenger.cr[i] as number;
    support[i] = challenge[i] as number;
    since[i] = challengeSince[i] as number;
    challenge[i] = 0;
    this.shows[i] = 1;
  }

  private follow(i: number, picture: CellPicture, value: CellPicture, addS: number): boolean {
    const luma = value.luma[i] as number;
    const cb = value.cb[i] as number;
    const cr = value.cr[i] as number;
    if (this.excessOf(i, picture, luma, cb, cr) > 1) return false;
    const rate = Math.min(0.5, addS / FAST_MEMORY_S);
    value.luma[i] = luma + rate * ((picture.luma[i] as number) - luma);
    value.cb[i] = cb + rate * ((picture.cb[i] as number) - cb);
    value.cr[i] = cr + rate * ((picture.cr[i] as number) - cr);
    return true;
  }

  private renewRow(row: number): void {
    const { columns, rows } = this.grid;
    const { luma, cb, cr } = this.expected;
    const { deviation, chromaDeviation, flicker, darker, brighter, toleranceL, toleranceC } = this;
    const from = row * columns;
    const above = Math.max(0, row - 1) * columns;
    const below = Math.min(rows - 1, row + 1) * columns;
    const leastOf = (x: number): number => Math.min(luma[above + x] as number, luma[from + x] as number, luma[below + x] as number);
    const mostOf = (x: number): number => Math.max(luma[above + x] as number, luma[from + x] as number, luma[below + x] as number);
    let [leastLeft, leastHere, mostLeft, mostHere] = [leastOf(0), leastOf(0), mostOf(0), mostOf(0)];
    for (let x = 0, i = from; x < columns; x++, i++) {
      // Three columns of three, of which two were there for the cell before.
      const next = Math.min(columns - 1, x + 1);
      const leastRight = leastOf(next);
      const mostRight = mostOf(next);
      let least = Math.min(leastLeft, leastHere, leastRight);
      let most = Math.max(mostLeft, mostHere, mostRight);
      leastLeft = leastHere;
      leastHere = leastRight;
      mostLeft = mostHere;
      mostHere = mostRight;
      const usual = deviation[i] as number;
      const lively = usual > LIVELY_GREY || (flicker[i] as number) > LIVELY_STARTS;
      let share = STRAY_SHARE;
      let colours = 0;
      if (lively) {
        share = 1;
        colours = this.chromaRange(x, row);
        for (let y = Math.max(0, row - LIVELY_REACH); y <= Math.min(rows - 1, row + LIVELY_REACH); y++) {
          const last = y * columns + Math.min(columns - 1, x + LIVELY_REACH);
          for (let n = y * columns + Math.max(0, x - LIVELY_REACH); n <= last; n++) {
            const beside = luma[n] as number;
            if (beside < least) least = beside;
            else if (beside > most) most = beside;
          }
        }
      }
      const here = luma[i] as number;
      darker[i] = share * (here - least);
      brighter[i] = share * (most - here);
      toleranceL[i] = Math.max(LEAST_LUMA_GREY, DEVIATIONS * usual);
      const colour = Math.max(Math.abs((cb[i] as number) - 128), Math.abs((cr[i] as number) - 128));
      toleranceC[i] = Math.max(LEAST_CHROMA_GREY, DEVIATIONS * (chromaDeviation[i] as number)) + colours + SATURATION_SHARE * colour;
    }
  }

  /** How far the colours around a cell lie from its own, grey. */
  private chromaRange(x: number, row: number): number {
    const { columns, rows } = this.grid;
    const { cb, cr } = this.expected;
    const hereCb = cb[row * columns + x] as number;
    const hereCr = cr[row * columns + x] as number;
    let most = 0;
    for (let y = Math.max(0, row - LIVELY_REACH); y <= Math.min(rows - 1, row + LIVELY_REACH); y += 2) {
      const last = y * columns + Math.min(columns - 1, x + LIVELY_REACH);
      for (let n = y * columns + Math.max(0, x - LIVELY_REACH); n <= last; n += 2) {
        const off = Math.max(Math.abs((cb[n] as number) - hereCb), Math.abs((cr[n] as number) - hereCr));
        if (off > most) most = off;
      }
    }
    return most;
  }
}
