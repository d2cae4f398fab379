import type { Candidate, MotionFrame } from '../../core/motion/candidate.js';
import type { PathPoint } from '../../core/tracking/linker.js';

/** Sights on the way down that make an arrival: two can be any two things; a fourth is rarely there, two metres take 0.2 s at that speed. */
export const MIN_SIGHTS = 3;
/**
 * Speed of every step, in the thing's smaller side a second: 0.3 m that fell for a metre does 15, whatever the camera. Arms and people make 3
 * to 10 of their own width, cars 1 to 3 (measured in the shared clips; falls there make 40 to 130). Lower, and who puts things down throws them.
 */
export const MIN_SIZES_PER_S = 15;
/**
 * Least speed of a step, share of the fastest before it: what falls does not slow down, but perspective and the picture's edge make it look so. Lower,
 * and hands that come to a halt fall; higher, and things that fall away from the camera do not.
 */
export const MIN_SPEED_KEPT = 0.7;
/** The most, of the step before: from rest the second step is three times the first. Larger, and a leap to something else is a fall. */
const MAX_SPEED_GAIN = 3.5;
/** Farthest sideways, share of the drop, as for longer paths without a facade: more is thrown across, or somebody's arm. */
export const MAX_SIDEWAYS = 0.6;
/**
 * Areas within this factor are the same thing: blur, the picture's edge and its own shadow on the floor change it, up to 7 times (measured). Larger, and
 * specks are linked to limbs.
 */
const AREA_FACTOR = 8;
/**
 * Its area in that of the largest mover of the same picture: what falls near the lens is the largest thing that moves. Lower, and chance finds falls
 * among the limbs of a crowd.
 */
const MIN_LARGEST_SHARE = 0.67;
/** Pictures it may be missed in between two sights, and the longest time between them, seconds: more, and chance has room to find a third. */
const MAX_MISSED = 1;
const MAX_GAP_S = 0.16;

interface Sight {
  readonly point: PathPoint;
  /** Of the picture, in the span looked at. */
  readonly frame: number;
  readonly before: Sight | null;
  readonly count: number;
  /** Height of its first sight, pixels. */
  readonly topY: number;
  /** Speed of its last step and of its fastest, px/s; 0 of the first sight. */
  readonly speed: number;
  readonly fastest: number;
}

/**
 * What came down quickly, and alone, in some frames: of the chains of sights that `accepts` takes the one with most sights, then with the
 * largest drop. Searches all of them: meant for the second before something is found to lie there, not for every frame.
 *
 * @param frames in order of time.
 * @param minAreaPx smallest mover looked at, pixels.
 * @param accepts whether a chain may end so: its last sight and its drop, pixels.
 * @returns at least {@link MIN_SIGHTS} sights in order of time, or `null`.
 */
export function quickArrival(
  frames: readonly MotionFrame[],
  minAreaPx: number,
  accepts: (last: Candidate, dropPx: number) => boolean,
): readonly PathPoint[] | null {
  const sights: Sight[] = [];
  let reachable = 0;
  let best: Sight | null = null;
  for (const [frame, { seq, ptsMs, timeS, candidates }] of frames.entries()) {
    while (reachable < sights.length && (sights[reachable] as Sight).frame < frame - 1 - MAX_MISSED) reachable++;
    const earlier = sights.slice(reachable);
    const movers = candidates.filter((c) => c.moving && c.areaPx >= minAreaPx);
    const leastPx = MIN_LARGEST_SHARE * movers.reduce((largest, c) => Math.max(largest, c.areaPx), 0);
    for (const candidate of movers) {
      if (candidate.areaPx < leastPx) continue;
      const point = { seq, ptsMs, timeS, candidate };
      let sight: Sight = { point, frame, before: null, count: 1, topY: candidate.y, speed: 0, fastest: 0 };
      for (const before of earlier) {
        if (!fallsOn(before, point)) continue;
        const speed = speedPx(before.point, point);
        const { count, topY, fastest } = before;
        const longer: Sight = { point, frame, before, count: count + 1, topY, speed, fastest: Math.max(speed, fastest) };
        if (isBetter(longer, sight)) sight = longer;
      }
      sights.push(sight);
      if (sight.count < MIN_SIGHTS || !accepts(candidate, candidate.y - sight.topY)) continue;
      if (best === null || isBetter(sight, best)) best = sight;
    }
  }
  const points: PathPoint[] = [];
  for (let sight: Sight | null = best; sight !== null; sight = sight.before) points.unshift(sight.point);
  return best === null ? null : points;
}

function isBetter(a: Sight, b: Sight): boolean {
  return a.count > b.count || (a.count === b.count && a.point.candidate.y - a.topY > b.point.candidate.y - b.topY);
}

/** Smaller side, pixels: motion blur does not lengthen it. */
export const thinPx = (c: Candidate): number => Math.min(c.w, c.h);

/** Whether a mover goes on from a sight as something that falls near by. */
function fallsOn({ point: from, speed, fastest }: Sight, to: PathPoint): boolean {
  const [a, b] = [from.candidate, to.candidate];
  const waitS = to.timeS - from.timeS;
  const downPx = b.y - a.y;
  if (waitS > MAX_GAP_S || downPx <= 0 || Math.abs(b.x - a.x) > MAX_SIDEWAYS * downPx) return false;
  if (downPx < MIN_SIZES_PER_S * Math.min(thinPx(a), thinPx(b)) * waitS) return false;
  if (Math.max(a.areaPx, b.areaPx) > AREA_FACTOR * Math.min(a.areaPx, b.areaPx)) return false;
  const next = downPx / waitS;
  return fastest === 0 || (next >= MIN_SPEED_KEPT * fastest && next <= MAX_SPEED_GAIN * speed);
}

/** Downward speed between two sights, px/s. */
export function speedPx(from: PathPoint, to: PathPoint): number {
  return (to.candidate.y - from.candidate.y) / (to.timeS - from.timeS);
}
