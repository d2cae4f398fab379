import type { Candidate, MotionFrame } from '../../core/motion/candidate.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { Point } from '../../domain/geometry.js';
import { median } from './path-evidence.js';
import { type Predictor, predictFrom } from './predict.js';

/**
 * How near to its predicted place a candidate must lie: this, plus a share of its size, plus a share of the step it makes in a frame, pixels.
 * Along the path the share is large, since a camera that stamps a picture half a frame late moves it by half a step; across it is small.
 */
const NEAR_PX = 2;
const NEAR_SIZE_SHARE = 0.3;
const ALONG_STEP_SHARE = 0.6;
const ACROSS_STEP_SHARE = 0.1;
/** Frames without a sight after which the end is reached … (fewer end at a balcony's rail, more go on along clutter) */
const GIVE_UP_FRAMES = 3;
/** … and seconds; both must pass, so that slow cameras and fast ones look equally far. */
const GIVE_UP_S = 0.3;
/**
 * Sights after which the model is fitted anew while extending: seldom, and it drifts off where perspective bends the way; at each, and it
 * costs a fit a frame.
 */
const REFIT_EVERY = 3;
/**
 * Share of the distance limit that a candidate of the other sign of contrast is handicapped by: 0 takes ghosts for the thing, 1 loses it
 * where it passes from a bright wall to a dark window.
 */
const OTHER_SIGN = 0.5;
/** Points at the end of a path whose likeness counts there: things grow as they come nearer. */
const LOCAL_LIKENESS = 8;
/**
 * Areas of the same thing lie within this factor (plus a few pixels), as tumbling and windows change them. Larger, and it goes on along
 * curtains.
 */
const AREA_FACTOR = 6;

/** Usual size of the things on a path: what the next sight must resemble. */
interface Likeness {
  readonly areaPx: number;
  /** Signed. */
  readonly contrastGrey: number;
  readonly sizePx: number;
}

function likenessOf(points: readonly PathPoint[]): Likeness {
  return {
    areaPx: median(points.map((p) => p.candidate.areaPx)),
    contrastGrey: median(points.map((p) => p.candidate.contrast)),
    sizePx: median(points.map((p) => Math.max(p.candidate.w, p.candidate.h))),
  };
}

/** The candidate of a frame that lies where a path should be; `null` when there is none. */
function sightNear(frame: MotionFrame, at: Point, step: Point, like: Likeness): Candidate | null {
  const stepPx = Math.hypot(step.x, step.y);
  const direction = stepPx > 0.5 ? { x: step.x / stepPx, y: step.y / stepPx } : { x: 0, y: 1 };
  const base = NEAR_PX + NEAR_SIZE_SHARE * like.sizePx;
  const alongLimit = base + ALONG_STEP_SHARE * stepPx;
  const acrossLimit = base + ACROSS_STEP_SHARE * stepPx;
  let best: Candidate | null = null;
  let bestCost = 0;
  for (const candidate of frame.candidates) {
    const dx = candidate.x - at.x;
    const dy = candidate.y - at.y;
    const along = (dx * direction.x + dy * direction.y) / alongLimit;
    const across = (dx * direction.y - dy * direction.x) / acrossLimit;
    const distance = Math.hypot(along, across);
    // Cameras that denoise over time, and coarse compression, leave a ghost of opposite sign one step behind.
    const cost = distance + (candidate.contrast * like.contrastGrey < 0 ? OTHER_SIGN : 0);
    if (distance >= 1 || (best !== null && cost >= bestCost)) continue;
    const small = Math.min(candidate.areaPx, like.areaPx) + 6;
    const large = Math.max(candidate.areaPx, like.areaPx) + 6;
    if (large > AREA_FACTOR * small) continue;
    best = candidate;
    bestCost = cost;
  }
  return best;
}

/** The step that a predictor makes in a frame's time, pixels. */
function stepAt(predict: Predictor, timeS: number, frameS: number): Point {
  const a = predict(timeS - frameS / 2);
  const b = predict(timeS + frameS / 2);
  return { x: b.x - a.x, y: b.y - a.y };
}

/**
 * Follows a path on beyond one of its ends through frames already seen, along its own motion there, with candidates too weak or too
 * slow to have been linked: this finds the origin and the true extent in time.
 *
 * @param history frames in order of time.
 * @param end 'first' goes back in time, 'last' forward.
 * @param predictor what to predict by from that end.
 * @returns the whole path in order of time.
 */
export function extend(
  points: readonly PathPoint[],
  history: readonly MotionFrame[],
  end: 'first' | 'last',
  predictor: typeof predictFrom = predictFrom,
): readonly PathPoint[] {
  const back = end === 'first';
  const path = [...points];
  const edge = (): PathPoint => (back ? path[0] : path[path.length - 1]) as PathPoint;
  const from = edge().timeS;
  const frames = history.filter((f) => (back ? f.timeS < from : f.timeS > from));
  if (back) frames.reverse();
  const like = likenessOf(back ? points : points.slice(-LOCAL_LIKENESS));
  let predict = predictor(path, end);
  let missed = 0;
  let added = 0;
  let beforeS = from;
  for (const frame of frames) {
    const step = stepAt(predict, frame.timeS, Math.abs(frame.timeS - beforeS));
    beforeS = frame.timeS;
    const candidate = sightNear(frame, predict(frame.timeS), step, like);
    if (candidate === null || (!back && !goesOn(path, candidate, frame.timeS))) {
      missed++;
      if (missed >= GIVE_UP_FRAMES && Math.abs(frame.timeS - edge().timeS) >= GIVE_UP_S) break;
      continue;
    }
    missed = 0;
    const point = { seq: frame.seq, ptsMs: frame.ptsMs, timeS: frame.timeS, candidate };
    if (back) path.unshift(point);
    else path.push(point);
    if (++added % REFIT_EVERY === 0) predict = predictor(path, end);
  }
  return path;
}

/** Whether a sight continues a fall: nothing that falls slows down to less than a third of the speed it had. */
function goesOn(points: readonly PathPoint[], next: Candidate, timeS: number): boolean {
  const last = points[points.length - 1] as PathPoint;
  const before = points[Math.max(0, points.length - 5)] as PathPoint;
  const speed = (last.candidate.y - before.candidate.y) / Math.max(1e-3, last.timeS - before.timeS);
  return next.y - last.candidate.y >= 0.33 * speed * (timeS - last.timeS) - 2;
}
