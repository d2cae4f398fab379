import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import { median } from '../../core/median.js';
import { EDGE } from '../../core/objects/patience.js';
import type { PathPoint } from '../../domain/street.js';

/** A speed over ground, and between what it lies. */
export interface GroundSpeed {
  readonly mps: number;
  /** Standard deviation, with what the calibration may be wrong by. */
  readonly sigmaMps: number;
  /** Metres that it was measured over. */
  readonly overM: number;
}

/** How well a foot is placed, heights of the picture: a detector's box trembles by a pixel of 360. Smaller, and intervals far away are too narrow. */
const FOOT_SIGMA = 0.003;
/** Errors of neighbouring points go together (a tracker smooths, a shadow comes and goes): intervals are so much wider than of independent ones. */
const TOGETHER = 2;
/** What four marks on the ground, and a foot that is not quite where the tyres are, may make of the scale: a share of the speed. */
const SCALE_SIGMA = 0.02;
/** Points, seconds and metres that a speed is measured over at least: who drives fast close by is in view for a second. */
const LEAST_POINTS = 4;
const LEAST_S = 0.55;
export const LEAST_M = 5;
/** So many of its steps are at least so fast, shares: a name that jumps from one car to the next stands, leaps, and stands. */
const STEADY_SHARE = 0.75;
const STEADY = 0.4;
/** Beyond so many deviations a point counts less (Huber). */
const HUBER = 1.5;
const ROUNDS = 6;

/**
 * The speed along a way: by the middle of what was seen whole; by the one side of what the picture's edge cut, as it cuts who drives fast close by for most of
 * the time that he is in view.
 *
 * @returns `null` where the way is too short, not on the ground, or no steady motion.
 */
export function groundSpeed(path: readonly PathPoint[], ground: GroundPlane): GroundSpeed | null {
  const whole = path.filter(({ seen }) => seen === undefined || (seen.x1 >= EDGE && seen.x2 <= 1 - EDGE));
  if (whole.length === path.length) return speedAlong(path, ground);
  const bySide = (side: 'x1' | 'x2'): PathPoint[] =>
    path.flatMap(({ ptsMs, y, seen }) =>
      seen !== undefined && seen[side] >= EDGE && seen[side] <= 1 - EDGE ? [{ ptsMs, x: seen[side], y }] : [],
    );
  const [left, right] = [bySide('x1'), bySide('x2')];
  return speedAlong(whole, ground) ?? speedAlong(left.length > right.length ? left : right, ground);
}

/**
 * The speed along a way that is straight as far as it goes: a robust line through metres over time, nearer points weighing more, since a pixel far away is
 * many metres.
 */
function speedAlong(path: readonly PathPoint[], ground: GroundPlane): GroundSpeed | null {
  const points = path.flatMap(({ ptsMs, x, y }) => {
    const at = ground.metresAt({ x, y });
    const beside = ground.metresAt({ x, y: y - FOOT_SIGMA });
    return at === null || beside === null
      ? []
      : [{ t: ptsMs / 1000, ...at, sigma: Math.max(0.02, Math.hypot(at.x - beside.x, at.y - beside.y)) }];
  });
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < LEAST_POINTS || last.t - first.t < LEAST_S) return null;
  const overM = Math.hypot(last.x - first.x, last.y - first.y);
  if (overM < LEAST_M) return null;
  const ux = (last.x - first.x) / overM;
  const uy = (last.y - first.y) / overM;
  const along = points.map((p) => (p.x - first.x) * ux + (p.y - first.y) * uy);

  const weights = points.map(({ sigma }) => 1 / sigma ** 2);
  let fit = line(points, along, weights);
  let scale = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const off = points.map(({ t, sigma }, i) => Math.abs((along[i] as number) - fit.at(t)) / sigma);
    scale = Math.max(1, 1.4826 * median(off));
    fit = line(
      points,
      along,
      weights.map((weight, i) => weight * Math.min(1, (HUBER * scale) / Math.max(1e-9, off[i] as number))),
    );
  }
  const noise = (TOGETHER * scale) / Math.sqrt(fit.spread);
  const mps = Math.abs(fit.slope);
  const steps = points
    .slice(1)
    .map(({ t }, i) => ((along[i + 1] as number) - (along[i] as number)) / Math.max(1e-3, t - (points[i] as (typeof points)[number]).t));
  if (steps.filter((step) => step >= STEADY * mps).length < STEADY_SHARE * steps.length) return null;
  return { mps, sigmaMps: Math.hypot(noise, SCALE_SIGMA * mps), overM };
}

function line(points: readonly { readonly t: number }[], values: readonly number[], weights: readonly number[]) {
  let [sum, st, sv] = [0, 0, 0];
  points.forEach(({ t }, i) => {
    const w = weights[i] as number;
    sum += w;
    st += w * t;
    sv += w * (values[i] as number);
  });
  const [mt, mv] = [st / sum, sv / sum];
  let [spread, together] = [0, 0];
  points.forEach(({ t }, i) => {
    const w = weights[i] as number;
    spread += w * (t - mt) ** 2;
    together += w * (t - mt) * ((values[i] as number) - mv);
  });
  const slope = spread > 0 ? together / spread : 0;
  return { slope, spread: Math.max(1e-9, spread), at: (t: number): number => mv + slope * (t - mt) };
}
