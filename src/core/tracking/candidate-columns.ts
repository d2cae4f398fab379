import type { Candidate, MotionFrame } from '../motion/candidate.js';

/** Position noise of a candidate's centre: this plus a share of its size, pixels. */
const NOISE_PX = 0.6;
const NOISE_SIZE_SHARE = 0.12;
/** Columns to begin with; they double when a frame has more. */
const FIRST_CAPACITY = 64;

/**
 * Candidates of one frame as columns of numbers, copied: a path goes on needing them when the frame's own are used again. Filled anew
 * in the same memory, which grows to the most candidates seen and then stays.
 */
export class CandidateColumns {
  seq = 0;
  ptsMs = 0;
  timeS = 0;
  count = 0;
  x = new Float64Array(FIRST_CAPACITY);
  y = new Float64Array(FIRST_CAPACITY);
  w = new Float64Array(FIRST_CAPACITY);
  h = new Float64Array(FIRST_CAPACITY);
  areaPx = new Float64Array(FIRST_CAPACITY);
  contrast = new Float64Array(FIRST_CAPACITY);
  peak = new Float64Array(FIRST_CAPACITY);
  /** Variance of the centre, px². */
  noise = new Float64Array(FIRST_CAPACITY);
  /** Place in the frame's list. */
  index = new Int32Array(FIRST_CAPACITY);
  /** A number for the candidate that no other has within any path's life. */
  sight = new Int32Array(FIRST_CAPACITY);

  /** Begins a frame without candidates. */
  begin(frame: MotionFrame): void {
    this.seq = frame.seq;
    this.ptsMs = frame.ptsMs;
    this.timeS = frame.timeS;
    this.count = 0;
  }

  add(candidate: Candidate, index: number, sight: number): void {
    const i = this.count++;
    if (i === this.x.length) this.widen();
    this.x[i] = candidate.x;
    this.y[i] = candidate.y;
    this.w[i] = candidate.w;
    this.h[i] = candidate.h;
    this.areaPx[i] = candidate.areaPx;
    this.contrast[i] = candidate.contrast;
    this.peak[i] = candidate.peak;
    const sigma = NOISE_PX + NOISE_SIZE_SHARE * Math.max(candidate.w, candidate.h);
    this.noise[i] = sigma * sigma;
    this.index[i] = index;
    this.sight[i] = sight;
  }

  /** Becomes the first candidates of another frame, at most `limit`, that are not marked in `left out`. */
  copyFrom(other: CandidateColumns, leftOut: Uint8Array, limit: number): void {
    this.seq = other.seq;
    this.ptsMs = other.ptsMs;
    this.timeS = other.timeS;
    this.count = 0;
    for (let from = 0; from < other.count && this.count < limit; from++) {
      if (leftOut[from] !== 0) continue;
      const i = this.count++;
      if (i === this.x.length) this.widen();
      this.x[i] = other.x[from] as number;
      this.y[i] = other.y[from] as number;
      this.w[i] = other.w[from] as number;
      this.h[i] = other.h[from] as number;
      this.areaPx[i] = other.areaPx[from] as number;
      this.contrast[i] = other.contrast[from] as number;
      this.peak[i] = other.peak[from] as number;
      this.noise[i] = other.noise[from] as number;
      this.index[i] = other.index[from] as number;
      this.sight[i] = other.sight[from] as number;
    }
  }

  private widen(): void {
    const capacity = 2 * this.x.length;
    this.x = widened(this.x, capacity);
    this.y = widened(this.y, capacity);
    this.w = widened(this.w, capacity);
    this.h = widened(this.h, capacity);
    this.areaPx = widened(this.areaPx, capacity);
    this.contrast = widened(this.contrast, capacity);
    this.peak = widened(this.peak, capacity);
    this.noise = widened(this.noise, capacity);
    const [index, sight] = [this.index, this.sight];
    this.index = new Int32Array(capacity);
    this.index.set(index);
    this.sight = new Int32Array(capacity);
    this.sight.set(sight);
  }
}

function widened(column: Float64Array<ArrayBuffer>, capacity: number): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(capacity);
  wider.set(column);
  return wider;
}
