import type { Incident } from './incident.js';
import type { CaseState } from './wire/case.js';

/** What the centre found an incident to be, kept so that later ones like it are judged by it. */
export interface Lesson {
  /** The incident as it ended, its trajectory thinned. */
  readonly incident: Incident;
  readonly outcome: 'false_alarm' | 'real';
  /** How much it counts while it is fresh, 0..1. */
  readonly strength: number;
  /** UTC milliseconds since 1970; from then on it fades. */
  readonly learntAtMs: number;
}

/** All lessons of one camera, and the moment at which they are handed over: rules have no clock of their own. */
export interface Teaching {
  readonly lessons: readonly Lesson[];
  /** UTC milliseconds since 1970. */
  readonly nowMs: number;
}

/** Criterion of the reason that an earlier false alarm gives: evidence in multiples of what the false alarm had. */
export const FEEDBACK_CRITERION = 'beyond_false_alarm';

/** Lessons kept and used of one camera, the newest: years of what a well-placed one brings, 600 kB, and some 2 µs each a finding. */
export const MAX_LESSONS = 200;

/** Points kept of a trajectory: enough for its shape, and a lesson stays below 3 kB. */
const KEPT_POINTS = 24;

/**
 * What each state of a case teaches; of those that are not named, nothing. An accepted case has been looked at once, a verified one on the
 * spot.
 */
const teachings: Partial<Record<CaseState, Pick<Lesson, 'outcome' | 'strength'>>> = {
  false_alarm: { outcome: 'false_alarm', strength: 1 },
  accepted: { outcome: 'real', strength: 0.5 },
  verified: { outcome: 'real', strength: 1 },
};

/** What a case teaches; `null` when its state says nothing of whether the incident was real. */
export function lessonOf(incident: Incident, state: CaseState, learntAtMs: number): Lesson | null {
  const teaching = teachings[state];
  return teaching === undefined ? null : { ...teaching, incident: thinned(incident), learntAtMs };
}

/** The same incident with at most {@link KEPT_POINTS} points of its trajectory, the first and the last among them. */
function thinned(incident: Incident): Incident {
  if (incident.throw === null || incident.throw.trajectory.length <= KEPT_POINTS) return incident;
  const { trajectory } = incident.throw;
  const last = trajectory.length - 1;
  const kept = new Set(Array.from({ length: KEPT_POINTS }, (_, i) => Math.round((i * last) / (KEPT_POINTS - 1))));
  return { ...incident, throw: { ...incident.throw, trajectory: trajectory.filter((_, i) => kept.has(i)) } };
}
