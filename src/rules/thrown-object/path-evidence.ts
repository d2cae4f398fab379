import type { Sight } from '../../core/ballistics/fall-fit.js';
import { fitPolynomial } from '../../core/ballistics/polynomial-fit.js';
import { fitProjectiveFall } from '../../core/ballistics/projective-fall.js';
import type { Path, PathPoint } from '../../core/tracking/linker.js';
import type { JudgeOptions } from './judgement.js';

/** What can be said of a path in the picture alone, before any model. Pixels and seconds. */
export interface PathEvidence {
  readonly points: number;
  readonly durationS: number;
  /** Vertical distance from the highest to the last point. */
  readonly dropPx: number;
  /** Vertical distance from the first up to the highest point: 0 for what was let go. */
  readonly risePx: number;
  readonly acrossPx: number;
  /** Share of steps after the highest point that go down; a step is more than a pixel and than a good part of the thing's size. */
  readonly downShare: number;
  /** Share of the frames between first and last point in which it was seen. */
  readonly seenShare: number;
  /** Median of the larger side, pixels. */
  readonly sizePx: number;
  /** Median of the smaller side, pixels: motion blur does not lengthen it. */
  readonly thinPx: number;
  /** How many times larger or smaller it is from one sight to the next (geometric mean); 1: it keeps its size. */
  readonly sizeChange: number;
  /** Median absolute contrast, grey. */
  readonly contrastGrey: number;
  /** Share of points whose contrast has the sign of most. */
  readonly sameSignShare: number;
}

/** Position noise of a candidate's centre, pixels: half a pixel of quantisation and compression, and a share of its size. */
export function sightOf(p: PathPoint): Sight {
  return { timeS: p.timeS, x: p.candidate.x, y: p.candidate.y, sigmaPx: 0.6 + 0.12 * Math.max(p.candidate.w, p.candidate.h) };
}

/** Way that makes a step, in the thing's size: the centre of what tumbles moves about within it. */
const STEP_SIZE_SHARE = 0.3;

export function pathEvidence(path: Pick<Path, 'points' | 'frames' | 'missed'>): PathEvidence {
  const { points } = path;
  const first = points[0] as PathPoint;
  const last = points[points.length - 1] as PathPoint;
  const apexY = (points[highestOf(points)] as PathPoint).candidate.y;
  const bright = points.filter((p) => p.candidate.contrast > 0).length;
  return {
    points: points.length,
    durationS: last.timeS - first.timeS,
    dropPx: last.candidate.y - apexY,
    risePx: first.candidate.y - apexY,
    acrossPx: Math.abs(last.candidate.x - first.candidate.x),
    downShare: downShareOf(points),
    seenShare: seenShareOf(path, points.length),
    sizePx: median(points.map((p) => Math.max(p.candidate.w, p.candidate.h))),
    thinPx: median(points.map((p) => Math.min(p.candidate.w, p.candidate.h))),
    sizeChange: sizeChangeOf(points),
    contrastGrey: median(points.map((p) => Math.abs(p.candidate.contrast))),
    sameSignShare: Math.max(bright, points.length - bright) / points.length,
  };
}

function sizeChangeOf(points: readonly PathPoint[]): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    const [before, now] = [points[i - 1], points[i]] as [PathPoint, PathPoint];
    sum += Math.abs(Math.log(now.candidate.areaPx / before.candidate.areaPx));
  }
  return Math.exp(sum / Math.max(1, points.length - 1));
}

/** Share of steps after the highest point that go down; a step is longer than a pixel and than a good part of the thing's size. */
export function downShareOf(points: readonly PathPoint[]): number {
  const highest = highestOf(points);
  let from = (points[highest] as PathPoint).candidate;
  let down = 0;
  let steps = 0;
  for (let i = highest + 1; i < points.length; i++) {
    const to = (points[i] as PathPoint).candidate;
    if (Math.abs(to.y - from.y) < Math.max(1, STEP_SIZE_SHARE * Math.max(from.w, from.h))) continue;
    steps++;
    if (to.y > from.y) down++;
    from = to;
  }
  return steps === 0 ? 0 : down / steps;
}

/** Share of the frames between first and last point in which a path of so many points was seen. */
export function seenShareOf(path: Pick<Path, 'frames' | 'missed'>, points: number): number {
  return points / Math.max(points, path.frames - path.missed);
}

/**
 * Whether what was last seen was about to leave the picture, or the columns of it that are looked at, by its lower edge or by a side: where its last step
 * would take it next, it is not wholly in sight. Nobody sees it fall on then. Precipitation leaves the picture everywhere, and is not asked.
 */
export function leavesSight(points: readonly PathPoint[], { weather, seen, pictureHeightPx }: JudgeOptions): boolean {
  if (weather) return false;
  const last = points[points.length - 1];
  const before = points[points.length - 2];
  if (last === undefined || before === undefined) return false;
  const pictures = Math.max(1, last.seq - before.seq);
  const { x, y, w, h } = last.candidate;
  const nextX = x + (x - before.candidate.x) / pictures;
  const nextY = y + (y - before.candidate.y) / pictures;
  return nextX - w / 2 < seen.left || nextX + w / 2 > seen.left + seen.width || nextY + h / 2 > pictureHeightPx;
}

function highestOf(points: readonly PathPoint[]): number {
  let highest = 0;
  for (let i = 1; i < points.length; i++) {
    if ((points[i] as PathPoint).candidate.y < (points[highest] as PathPoint).candidate.y) highest = i;
  }
  return highest;
}

/** How vertical motion in the picture goes: what steady motion explains, and what an accelerated one does. */
export interface VerticalMotion {
  /** Root mean square residual of steady motion, pixels. */
  readonly linePx: number;
  /** Root mean square residual of a cubic in time, pixels. */
  readonly cubicPx: number;
  /** The same of a fall in perspective. */
  readonly projectivePx: number;
  /** The same for sideways motion: a parabola in time. */
  readonly acrossPx: number;
  /** Downward acceleration of the parabola, px/s². */
  readonly accelerationPx: number;
  /** Speed at the end over speed at the beginning, of the parabola. */
  readonly speedRatio: number;
  /** Time since rest at the first point as the parabola has it, seconds; infinite without acceleration. */
  readonly sinceRestS: number;
  /** How much better a parabola explains the path than a line: difference of their BIC; above 10 is very strong. */
  readonly bicGain: number;
}

export function verticalMotion(sights: readonly Sight[]): VerticalMotion {
  const t = sights.map((s) => s.timeS);
  const y = sights.map((s) => s.y);
  const weights = sights.map((s) => 1 / s.sigmaPx ** 2);
  const line = fitPolynomial(t, y, 1, weights);
  const parabola = fitPolynomial(t, y, 2, weights);
  const cubic = sights.length > 5 ? fitPolynomial(t, y, 3, weights) : parabola;
  const across = fitPolynomial(
    t,
    sights.map((s) => s.x),
    2,
    weights,
  );
  const half = ((t[t.length - 1] as number) - (t[0] as number)) / 2;
  const [, speed, bend] = parabola.coefficients as [number, number, number];
  const acceleration = 2 * bend;
  const startSpeed = speed - acceleration * half;
  const noise = 0.5;
  const n = sights.length;
  return {
    linePx: line.rms,
    cubicPx: cubic.rms,
    projectivePx: sights.length > 4 ? fitProjectiveFall(sights).rmsPx : parabola.rms,
    acrossPx: across.rms,
    accelerationPx: acceleration,
    speedRatio: (speed + acceleration * half) / Math.max(1, Math.abs(startSpeed)),
    sinceRestS: acceleration > 0 ? startSpeed / acceleration : Number.POSITIVE_INFINITY,
    bicGain: n * Math.log((line.rms ** 2 + noise ** 2) / (parabola.rms ** 2 + noise ** 2)) - Math.log(n),
  };
}

/** Distance from the fitted fall beyond which a sight belongs to something else: this many times the usual one, and at least so many pixels. */
const STRAY_TIMES = 5;
const STRAY_PX = 6;
/** … and this share of the drop: a camera that stamps unevenly moves a fast thing that far. */
const STRAY_DROP_SHARE = 0.06;
/** Share of sights that may be strays; with more the path is no fall. */
const STRAY_SHARE = 0.2;

/** A path without the few sights that do not belong to its fall: what flickered beside it and was taken for it. */
export function withoutStrays(points: readonly PathPoint[]): readonly PathPoint[] {
  if (points.length < 8) return points;
  const fit = fitProjectiveFall(points.map(sightOf));
  const off = points.map((p) => Math.abs(fit.yAt(p.timeS) - p.candidate.y));
  const heights = points.map((p) => p.candidate.y);
  const limit = Math.max(STRAY_PX, STRAY_TIMES * median(off), STRAY_DROP_SHARE * (Math.max(...heights) - Math.min(...heights)));
  const kept = points.filter((_, i) => (off[i] as number) <= limit);
  return kept.length >= (1 - STRAY_SHARE) * points.length ? kept : points;
}

/** How far a thing may seem to move while it rests, pixels: this plus a share of its size. */
const REST_PX = 2;
const REST_SIZE_SHARE = 0.3;

/**
 * A path without the stretch in which it had not begun to move: a hand at a window, or something on the facade that flickers where
 * the thing was let go. The last resting point stays.
 */
export function withoutRest(points: readonly PathPoint[]): readonly PathPoint[] {
  const first = (points[0] as PathPoint).candidate;
  const reach = REST_PX + REST_SIZE_SHARE * Math.max(first.w, first.h);
  const moved = points.findIndex(({ candidate: c }) => Math.hypot(c.x - first.x, c.y - first.y) > reach);
  return points.slice(Math.max(0, moved - 1));
}

/**
 * Time unseen after which a single sight is not yet the same thing going on, seconds: half of what paths are followed through unseen. Longer, and whatever
 * turns up ahead of a car makes it fall; shorter, and slow cameras lose a picture before each alarm.
 */
const LONE_AFTER_S = 0.24;

/** A path without a last sight that stands alone after a gap: without a facade one far sight would decide what the motion was. */
export function withoutLoneEnd(points: readonly PathPoint[]): readonly PathPoint[] {
  const [before, last] = points.slice(-2);
  return before !== undefined && last !== undefined && last.timeS - before.timeS > LONE_AFTER_S ? points.slice(0, -1) : points;
}

/** Sights before a moment from which the speed there follows, and the time after it that must show it go on, seconds. */
const SPEED_POINTS = 8;
const GOES_ON_S = 0.3;
/** Share of the way it should have gone in that time below which it has come to rest … */
const RESTS_SHARE = 0.3;
/** … and share of its speed below which what is seen afterwards is not the same thing moving on: a bird that levels out keeps most of it. */
const STAYS_SHARE = 0.35;

/** How a fall ended. */
export interface FallEnd {
  /** The path without what follows its landing: something else that moves about where the thing vanished. */
  readonly points: readonly PathPoint[];
  /** It stopped falling and went on at speed, as a bird does that levels out; its points are whole then. */
  readonly fliesOn: boolean;
}

/**
 * The last so many sights of a fall lie within so many pictures; later ones are traffic or a tree beyond its landing. Fewer pictures, and a balcony
 * ends it.
 */
const END_SIGHTS = 4;
const END_PICTURES = 9;

function withoutSparseEnd(points: readonly PathPoint[]): readonly PathPoint[] {
  let n = points.length;
  while (n > END_SIGHTS && (points[n - 1] as PathPoint).seq - (points[n - END_SIGHTS] as PathPoint).seq >= END_PICTURES) n--;
  return points.slice(0, n);
}

/** Where a fall ends on its path. */
export function fallEnd(path: readonly PathPoint[]): FallEnd {
  const points = withoutSparseEnd(path);
  for (let i = SPEED_POINTS; i < points.length - 2; i++) {
    const at = points[i] as PathPoint;
    const before = points[i - SPEED_POINTS] as PathPoint;
    const speed = (at.candidate.y - before.candidate.y) / Math.max(1e-3, at.timeS - before.timeS);
    const after = points.find((p) => p.timeS >= at.timeS + GOES_ON_S);
    if (after === undefined) break;
    const gone = after.candidate.y - at.candidate.y;
    if (speed <= 0 || gone >= RESTS_SHARE * speed * (after.timeS - at.timeS)) continue;
    const last = points[points.length - 1] as PathPoint;
    const away = Math.hypot(last.candidate.x - at.candidate.x, last.candidate.y - at.candidate.y);
    const fliesOn = away > STAYS_SHARE * speed * (last.timeS - at.timeS);
    return { points: fliesOn ? points : points.slice(0, i + 1), fliesOn };
  }
  return { points, fliesOn: false };
}

/** The middle value; of an even number the upper of both, a value that was measured, unlike `core/median.ts`; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
