import type { MotionFrame } from '../../core/motion/candidate.js';
import type { Path, PathPoint } from '../../core/tracking/linker.js';
import { extend } from './extend.js';
import { judge } from './judge.js';
import { failsAny, type Judgement, type JudgeOptions, VETO } from './judgement.js';
import { MIN_POINTS } from './limits.js';
import { withoutLoneEnd, withoutRest, withoutStrays } from './path-evidence.js';
import { predictWayUp } from './predict.js';

/** Criteria that speak against a path which is lacking its beginning. */
const WITHOUT_START: readonly string[] = [
  'speed_at_origin',
  'fall_against_steady_motion',
  'drop_floors',
  'origin_inside_facade',
  'out_at_origin',
  'fall_against_kink',
];
/** Shares of an extension that are tried, the whole first: what it took beyond the beginning spoils the fit. */
const EXTENSION_SHARES = [1, 0.75, 0.5, 0.25] as const;
/** What says that an extension took something else's points: no throw and no toss moves like that, or they belong to no one fall. */
const STRAY: readonly string[] = ['wind', 'far_fetched', 'fall_fit', 'sideways_fit', 'fall_against_steady_motion', 'downward_steps'];

/** A path and what it was judged to be. */
export interface JudgedPath {
  readonly path: Path;
  readonly judgement: Judgement;
}

/** A path from where it began to move; on a facade the fit knows how a fall begins, and every early point helps to find the floor. */
export function fallingPart(path: Path, calibrated: boolean): Path {
  // A copy: the linker's own path is another at the next frame.
  const { rootId, points, score, frames, missed } = path;
  return { rootId, points: calibrated ? points : withoutRest(withoutStrays(withoutLoneEnd(points))), score, frames, missed };
}

/**
 * Judges a path, and where only its beginning may be lacking, once more with it: among clutter paths are linked late, seem to begin at speed, and
 * show little of how they sped up.
 *
 * @param history frames in order of time.
 */
export function judgeWithBeginning(path: Path, options: JudgeOptions, history: readonly MotionFrame[]): JudgedPath {
  const judgement = judge(path, options);
  const { failed } = judgement;
  const lacking = options.plane !== null && failed.length > 0 && failed.every((criterion) => WITHOUT_START.includes(criterion));
  if (!lacking) return { path, judgement };
  const whole = withPoints(path, extend(path.points, history, 'first'));
  return { path: whole, judgement: judge(whole, options) };
}

/**
 * A confirmed path with its beginning found, judged once more: a ball that rose from the ground is no throw. Of points that spoil the fit as much is
 * left out as need be.
 *
 * @returns `null` when the beginning says that nothing was thrown.
 */
export function fromOrigin(
  path: Path,
  judgement: Judgement,
  options: JudgeOptions,
  history: readonly MotionFrame[],
): { readonly points: readonly PathPoint[]; readonly judgement: Judgement } | null {
  const { points } = fallingPart({ ...path, points: extend(path.points, history, 'first') }, options.plane !== null);
  if (options.plane !== null && rose(path, options, history)) return null;
  const added = points.length - path.points.length;
  for (const share of EXTENSION_SHARES) {
    const kept = points.slice(Math.round((1 - share) * added));
    const whole = judge(withPoints(path, kept), options);
    if (whole.verdict === 'confirmed') return { points: kept, judgement: whole };
    if (failsAny(whole, STRAY)) continue;
    if (!failsAny(whole, VETO)) return { points: kept, judgement };
    // What only a part of the extension says, whose whole is something else's, is no evidence.
    if (share === 1) return null;
  }
  return { points: path.points, judgement };
}

/** Whether it came up first, by as much as no throw does, although its way up was not linked to its fall. */
function rose(path: Path, options: JudgeOptions, history: readonly MotionFrame[]): boolean {
  const points = extend(path.points, history, 'first', predictWayUp);
  if (points.length - path.points.length < MIN_POINTS) return false;
  const whole = judge(withPoints(path, points), options);
  return failsAny(whole, ['rise']) && !failsAny(whole, STRAY);
}

const withPoints = (path: Path, points: readonly PathPoint[]): Path => ({
  ...path,
  points,
  frames: path.frames + points.length - path.points.length,
});
