import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { Candidate, MotionFrame } from '../../core/motion/candidate.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { Point } from '../../domain/geometry.js';
import { median } from './path-evidence.js';
import { type Predictor, predictorFor } from './predict.js';

/** How near to its predicted place a candidate must lie: this, plus a share of its size and of the step it makes in a frame, pixels. */
const NEAR_PX = 2;
const NEAR_SIZE_SHARE = 0.3;
const NEAR_STEP_SHARE = 0.25;
/** Frames and seconds without a sight after which the end is reached; both must pass. */
const GIVE_UP_FRAMES = 3;
const GIVE_UP_S = 0.3;
/** Sights after which the model is fitted anew while extending. */
const REFIT_EVERY = 3;
/** Areas of the same thing lie within this factor (plus a few pixels). */
const AREA_FACTOR = 6;

/** Usual size of the things on a path: what the next sight must resemble. */
export interface Likeness {
  readonly areaPx: number;
  readonly sizePx: number;
}

export function likenessOf(points: readonly PathPoint[]): Likeness {
  return {
    areaPx: median(points.map((p) => p.candidate.areaPx)),
    sizePx: median(points.map((p) => Math.max(p.candidate.w, p.candidate.h))),
  };
}

/** The candidate of a frame that lies where a path should be; `null` when there is none. */
export function sightNear(frame: MotionFrame, at: Point, stepPx: number, like: Likeness): Candidate | null {
  const limit = NEAR_PX + NEAR_SIZE_SHARE * like.sizePx + NEAR_STEP_SHARE * Math.min(stepPx, 40);
  let best: Candidate | null = null;
  let bestDistance = limit;
  for (const candidate of frame.candidates) {
    const distance = Math.hypot(candidate.x - at.x, candidate.y - at.y);
    if (distance >= bestDistance) continue;
    const small = Math.min(candidate.areaPx, like.areaPx) + 6;
    const large = Math.max(candidate.areaPx, like.areaPx) + 6;
    if (large > AREA_FACTOR * small) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Length of the step that a predictor makes in a frame's time, pixels. */
export function stepPxAt(predict: Predictor, timeS: number, frameS: number): number {
  const a = predict(timeS - frameS / 2);
  const b = predict(timeS + frameS / 2);
  return Math.hypot(b.x - a.x, b.y - a.y);
}

/**
 * Follows a path back to its beginning through frames already seen, along the model, with candidates too weak or too slow
 * to have begun a path: this finds the origin and the true extent in time.
 *
 * @param history frames in order of time.
 * @returns the whole path, earlier points first.
 */
export function extendBack(points: readonly PathPoint[], history: readonly MotionFrame[], plane: FacadePlane | null): readonly PathPoint[] {
  let path = [...points];
  const like = likenessOf(points);
  let predict = predictorFor(path, plane, 'first');
  let missed = 0;
  let added = 0;
  for (let i = history.length - 1; i >= 0; i--) {
    const frame = history[i] as MotionFrame;
    const first = path[0] as PathPoint;
    if (frame.timeS >= first.timeS) continue;
    const after = history[i + 1];
    const frameS = after === undefined ? 0.04 : after.timeS - frame.timeS;
    const candidate = sightNear(frame, predict(frame.timeS), stepPxAt(predict, frame.timeS, frameS), like);
    if (candidate === null) {
      missed++;
      if (missed >= GIVE_UP_FRAMES && first.timeS - frame.timeS >= GIVE_UP_S) break;
      continue;
    }
    missed = 0;
    path = [{ seq: frame.seq, ptsMs: frame.ptsMs, timeS: frame.timeS, candidate }, ...path];
    if (++added % REFIT_EVERY === 0) predict = predictorFor(path, plane, 'first');
  }
  return path;
}
