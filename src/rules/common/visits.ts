import type { Reason, Severity, Verdict } from '../../domain/incident.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import type { RuleFinding } from '../contract.js';
import { createCoolingPlaces } from './cooling-places.js';
import { createDwellTracker, type Dwell } from './dwell.js';
import { createIncidentBook, type IncidentState } from './incident-book.js';
import { createSubjects } from './subjects.js';

export interface VisitsOptions {
  /** Name of the zone in events. */
  readonly zone: string | null;
  /** How long somebody must have been seen inside, milliseconds. */
  readonly afterMs: number;
  readonly coolDownMs: number;
  readonly severity: Readonly<Record<Verdict, Severity>>;
  /** Whether it is surely somebody; whoever may be a shadow or a light is suspected. */
  readonly isSure: (object: TrackedObject, frame: StreetFrame) => boolean;
  readonly reasons: (object: TrackedObject, dwell: Dwell) => readonly Reason[];
}

/** Incidents of those who are where they may not be, each once, until he has left. */
export interface Visits {
  /**
   * @param objects all that count, lost ones too.
   * @param isInside whether one of them is where he may not be, now.
   */
  step(frame: StreetFrame, objects: readonly TrackedObject[], isInside: (object: TrackedObject) => boolean): readonly RuleFinding[];
  finish(): readonly RuleFinding[];
}

/** Who steps out for so long has left, milliseconds: boxes tremble, and so do feet on a zone's border. */
const INERTIA_MS = 1_500;
/** Who is not seen for so long has left, milliseconds: behind a van, or not known by the detector, he may still be there. */
const UNSEEN_MS = 4_000;

export function createVisits(options: VisitsOptions): Visits {
  const { zone, afterMs, coolDownMs, severity, isSure } = options;
  const subjects = createSubjects();
  const inside = createDwellTracker<number>({ inertiaMs: INERTIA_MS, longestGapMs: UNSEEN_MS });
  const book = createIncidentBook<number>({ severity, coolDownMs: 0 });
  const cooling = createCoolingPlaces(coolDownMs);
  let lastPtsMs = 0;

  const stateOf = (object: TrackedObject, dwell: Dwell, frame: StreetFrame): IncidentState => ({
    verdict: isSure(object, frame) ? 'confirmed' : 'suspected',
    confidence: object.score,
    reasons: options.reasons(object, dwell),
    startPtsMs: dwell.sincePtsMs,
    endPtsMs: dwell.lastPtsMs,
    box: object.box,
    zone,
    labels: [object.label],
  });

  function tell(key: number, object: TrackedObject, now: IncidentState, ptsMs: number): RuleFinding | null {
    if (book.isOpen(key)) return book.follow(key, now);
    return cooling.covers(object.box, ptsMs) ? null : book.begin(key, now, ptsMs);
  }

  return {
    step(frame, objects, isInside) {
      const { ptsMs } = frame;
      lastPtsMs = ptsMs;
      const findings: RuleFinding[] = [];
      for (const { key, object } of subjects.step(objects, ptsMs)) {
        const dwell = inside.look(key, ptsMs, isInside(object));
        if (dwell === null || dwell.observedMs < afterMs) continue;
        const finding = tell(key, object, stateOf(object, dwell, frame), ptsMs);
        if (finding !== null) findings.push(finding);
      }
      inside.prune(ptsMs - UNSEEN_MS);
      for (const key of book.keys()) {
        if (inside.dwell(key) !== null) continue;
        const finding = book.end(key, ptsMs);
        findings.push(finding);
        cooling.note(finding.box, ptsMs);
      }
      return findings;
    },
    finish: () => book.finish(lastPtsMs),
  };
}
