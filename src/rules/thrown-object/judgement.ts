import type { FallFit } from '../../core/ballistics/fall-fit.js';
import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { FallModel, Reason, Verdict } from '../../domain/incident.js';
import type { Columns } from '../../domain/roi.js';

/** What a path was judged to be. `null` verdict: nothing worth reporting. */
export interface Judgement {
  readonly verdict: Verdict | null;
  /** 0..1. */
  readonly confidence: number;
  readonly model: FallModel;
  /** Each criterion with what was measured, those that failed first. */
  readonly reasons: readonly Reason[];
  /** Names of the criteria that failed. */
  readonly failed: readonly string[];
  /** The fall in facade metres; `null` on a camera without a facade. */
  readonly fit: FallFit | null;
}

export interface JudgeOptions {
  readonly plane: FacadePlane | null;
  readonly floorHeightM: number | null;
  readonly minDropFloors: number;
  /** Least drop without a facade, fraction of the picture's height. */
  readonly minDropShare: number;
  readonly pictureHeightPx: number;
  /** Columns of the picture that are looked at, pixels. */
  readonly seen: Columns;
  /** Precipitation was recognised, or it is too early to tell: more evidence is asked for. */
  readonly weather: boolean;
  /** It was recognised for certain. */
  readonly precipitation: boolean;
  /** A wind drives it. */
  readonly driven: boolean;
}

/** What, once the whole path is known, means that nothing was thrown, however well the falling part fits. */
export const VETO: readonly string[] = ['origin_inside_facade', 'rise', 'size'];

export const failsAny = (judgement: Judgement, criteria: readonly string[]): boolean =>
  judgement.failed.some((criterion) => criteria.includes(criterion));

/**
 * Share of the lead over steady motion that a suspected fall needs to be told at once: 5 in BIC is "positive" already (Kass and Raftery 1995), and what falls soon
 * has more. Lower, and lifts and gondolas are told before they are over; higher, and small things in wind are told late.
 */
const NEARLY = 1 / 3;

/** Whether all that a suspected fall lacks is to be seen in more pictures, or a part of its lead over steady motion: both grow as it falls. */
export function isNearlyConfirmed({ verdict, failed, reasons }: Judgement): boolean {
  if (verdict !== 'suspected' || failed.length !== 1) return false;
  if (failed[0] === 'seen') return true;
  const lead = reasons.find(({ criterion }) => criterion === 'fall_against_steady_motion');
  return failed[0] === lead?.criterion && (lead?.value ?? 0) >= NEARLY * (lead?.threshold ?? 0);
}

/** A reason that says whether it speaks for a throw. */
export interface Criterion extends Reason {
  readonly passed: boolean;
}

export const atLeast = (criterion: string, value: number, threshold: number, unit: string): Criterion => ({
  criterion,
  value,
  threshold,
  unit,
  passed: value >= threshold,
});
export const atMost = (criterion: string, value: number, threshold: number, unit: string): Criterion => ({
  criterion,
  value,
  threshold,
  unit,
  passed: value <= threshold,
});

export function reasonsOf(criteria: readonly Criterion[]): Reason[] {
  const order = [...criteria.filter((c) => !c.passed), ...criteria.filter((c) => c.passed)];
  return order.map(({ criterion, value, threshold, unit }) => ({ criterion, value: finite(value), threshold: finite(threshold), unit }));
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 1e6);

/**
 * A figure between 0.5 and 1 for a confirmed path (how far its tightest criterion is from its limit), below 0.5 for others. An
 * ordering, not a probability.
 */
export function confidenceOf(verdict: Verdict | null, criteria: readonly Criterion[]): number {
  if (verdict === null) return 0;
  if (verdict === 'suspected') return 0.5 * (criteria.filter((c) => c.passed).length / criteria.length);
  const margins = criteria
    .filter((c) => ['fall_fit', 'fall_against_steady_motion', 'acceleration', 'against_clutter', 'seen', 'points'].includes(c.criterion))
    .map((c) => (c.criterion === 'fall_fit' ? 1 - c.value / c.threshold : 1 - c.threshold / Math.max(c.value, 1e-9)));
  return 0.5 + 0.5 * (margins.reduce((a, b) => a + b, 0) / margins.length);
}
