import type { Figure } from '../../domain/figure.js';
import type { Box } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { createAttendanceWatch, labelsOf, type Stay, scoreOf, stayMs } from '../common/attendance.js';
import { around } from '../common/boxes.js';
import { createDwellTracker, type Dwell } from '../common/dwell.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { OccupancyConfig } from './config.js';

/** Who is not seen for so long has left, milliseconds: behind another, or in a door that stands open. */
const UNSEEN_MS = 4_000;
/** Looks farther apart than this are no observation, milliseconds. */
const LONGEST_GAP_MS = 2_500;

/** They are too many or not: one incident at a time, beside stays. */
const OVER = 'over';
const PICTURE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Counts who is inside, and tells when they are too many. */
export function createOccupancyRule(config: OccupancyConfig, context: RuleContext): Rule<StreetFrame> {
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const people = createAttendanceWatch({ zone: zoneOf(config.zone, context), labels: config.labels, leastScore, unseenMs: UNSEEN_MS });
  const over = createDwellTracker<typeof OVER>({ inertiaMs: config.clears_after, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<string>({ severity: config.severity, coolDownMs: config.cool_down });
  const limit = config.limit ?? Number.POSITIVE_INFINITY;
  let inside = 0;
  let entries = 0;
  const dwell = { count: 0, sumMs: 0 };
  let lastPtsMs = 0;
  let lastNamed = false;

  function stateOf(present: readonly Stay[], dwell: Dwell, named: boolean): IncidentState {
    return {
      // Without a model, what moves there may be anything, and who stands together is one.
      verdict: named ? 'confirmed' : 'suspected',
      confidence: scoreOf(present),
      reasons: [
        { criterion: 'inside', value: present.length, threshold: limit + 1, unit: 'people' },
        { criterion: 'seconds_over', value: dwell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
      ],
      startPtsMs: dwell.sincePtsMs,
      endPtsMs: dwell.lastPtsMs,
      box: present.length === 0 ? PICTURE : around(present.map(({ object }) => object.box)),
      zone: config.zone,
      labels: labelsOf(present),
    };
  }

  /** Somebody has left: his stay counts, and is told where that is wished. */
  function close(stay: Stay, named: boolean): readonly RuleFinding[] {
    dwell.count++;
    dwell.sumMs += stayMs(stay);
    if (!config.report_stays) return [];
    const key = `stay ${stay.key} ${stay.sincePtsMs}`;
    const begun = book.begin(
      key,
      {
        verdict: named ? 'confirmed' : 'suspected',
        confidence: Math.min(1, stay.object.score),
        reasons: [{ criterion: 'seconds_inside', value: stayMs(stay) / 1000, threshold: 0, unit: 's' }],
        startPtsMs: stay.sincePtsMs,
        endPtsMs: stay.lastPtsMs,
        box: stay.object.box,
        zone: config.zone,
        labels: [stay.object.label, 'stay'],
      },
      lastPtsMs,
    );
    return begun === null ? [] : [begun, book.end(key, lastPtsMs)];
  }

  function judge(present: readonly Stay[], frame: StreetFrame): readonly RuleFinding[] {
    const { ptsMs, named } = frame;
    const holds = isOn(frame.capturedAtMs) && present.length > limit;
    const dwell = over.look(OVER, ptsMs, holds);
    const before = book.state(OVER);
    if (dwell === null) return before === null ? [] : [book.end(OVER, ptsMs)];
    if (!holds) return [];
    if (before !== null) {
      book.note(OVER, { ...before, endPtsMs: dwell.lastPtsMs });
      return [];
    }
    if (dwell.observedMs < config.after) return [];
    return [book.begin(OVER, stateOf(present, dwell, named), ptsMs)].filter((finding) => finding !== null);
  }

  return {
    step(frame) {
      lastPtsMs = frame.ptsMs;
      lastNamed = frame.named;
      const { present, came, left } = people.step(frame);
      if (frame.scene.unsettled) return [];
      const counts = isOn(frame.capturedAtMs);
      inside = present.length;
      if (counts) entries += came.length;
      return [...(counts ? left.flatMap((stay) => close(stay, frame.named)) : []), ...judge(present, frame)];
    },
    finish: () => [...people.finish().flatMap((stay) => close(stay, lastNamed)), ...book.finish(lastPtsMs)],
    figures() {
      const of = { zone: config.zone ?? '' };
      return [
        { name: 'occupancy', kind: 'gauge', of, value: inside },
        { name: 'entries', kind: 'counter', of, value: entries },
        { name: 'dwell_seconds_sum', kind: 'counter', of, value: dwell.sumMs / 1000 },
        { name: 'dwell_seconds_count', kind: 'counter', of, value: dwell.count },
      ] satisfies Figure[];
    },
  };
}
