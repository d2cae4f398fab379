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
import type { QueueConfig } from './config.js';
import { createWaitingWatch } from './waiting.js';

/** Who is not seen for so long has left, milliseconds: in a queue one stands before the other. */
const UNSEEN_MS = 5_000;
/** Looks farther apart than this are no observation, milliseconds. */
const LONGEST_GAP_MS = 2_500;
/** Waits that the mean is taken of: the last so many, and not older than this, milliseconds. */
const RECENT = 20;
const RECENT_MS = 900_000;

/** It is too long or slow, or it is not: one incident at a time. */
type Key = 'queue';
const QUEUE: Key = 'queue';
const PICTURE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Measures a queue, and tells when it is too long or too slow. */
export function createQueueRule(config: QueueConfig, context: RuleContext): Rule<StreetFrame> {
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const people = createAttendanceWatch({ zone: zoneOf(config.zone, context), labels: config.labels, leastScore, unseenMs: UNSEEN_MS });
  const watch = createWaitingWatch({ ground: context.ground, aspect: context.width / context.height });
  const tooMuch = createDwellTracker<Key>({ inertiaMs: config.clears_after, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<Key>({ severity: config.severity, coolDownMs: config.cool_down });
  /** Who has waited in the zone: whoever only walked through it has not. */
  const waited = new Set<number>();
  let recent: { readonly ptsMs: number; readonly waitedMs: number }[] = [];
  let queued: readonly Stay[] = [];
  const waits = { count: 0, sumMs: 0 };
  let lastPtsMs = 0;

  const longestMs = (stays: readonly Stay[]): number => stays.reduce((most, { sincePtsMs }) => Math.max(most, lastPtsMs - sincePtsMs), 0);

  const isTooMuch = (stays: readonly Stay[]): boolean =>
    stays.length > config.max_length || (config.max_wait !== null && longestMs(stays) > config.max_wait);

  function stateOf(dwell: Dwell, named: boolean): IncidentState {
    return {
      // Without a model, what stands there may be anything.
      verdict: named ? 'confirmed' : 'suspected',
      confidence: scoreOf(queued),
      reasons: [
        { criterion: 'queue_length', value: queued.length, threshold: config.max_length + 1, unit: 'people' },
        ...(config.max_wait === null
          ? []
          : [{ criterion: 'longest_wait', value: longestMs(queued) / 1000, threshold: config.max_wait / 1000, unit: 's' }]),
        { criterion: 'seconds_too_much', value: dwell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
      ],
      startPtsMs: dwell.sincePtsMs,
      endPtsMs: dwell.lastPtsMs,
      box: queued.length === 0 ? PICTURE : around(queued.map(({ object }) => object.box)),
      zone: config.zone,
      labels: labelsOf(queued),
    };
  }

  function note(left: readonly Stay[]): void {
    for (const stay of left) {
      if (!waited.delete(stay.key)) continue;
      waits.count++;
      waits.sumMs += stayMs(stay);
      recent.push({ ptsMs: lastPtsMs, waitedMs: stayMs(stay) });
    }
    recent = recent.filter(({ ptsMs }) => lastPtsMs - ptsMs <= RECENT_MS).slice(-RECENT);
  }

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      lastPtsMs = ptsMs;
      const { present, left, joined } = people.step(frame);
      if (frame.scene.unsettled) return [];
      for (const { key, into } of joined) if (waited.delete(key)) waited.add(into);
      const waiting = watch.step(present, ptsMs);
      for (const { key } of waiting) waited.add(key);
      queued = watch.chain(waiting);
      note(left);
      const holds = isOn(frame.capturedAtMs) && isTooMuch(queued);
      const dwell = tooMuch.look(QUEUE, ptsMs, holds);
      if (dwell === null) return book.finish(ptsMs);
      if (!holds) return [];
      const before = book.state(QUEUE);
      if (before !== null) {
        book.note(QUEUE, { ...before, endPtsMs: dwell.lastPtsMs });
        return [];
      }
      if (dwell.observedMs < config.after) return [];
      return [book.begin(QUEUE, stateOf(dwell, named), ptsMs)].filter((finding) => finding !== null);
    },
    finish(): readonly RuleFinding[] {
      // Who still waits has not been served: that is no waiting time.
      waited.clear();
      people.finish();
      return book.finish(lastPtsMs);
    },
    figures() {
      const of = { zone: config.zone ?? '' };
      const mean = recent.reduce((sum, { waitedMs }) => sum + waitedMs, 0) / 1000 / Math.max(1, recent.length);
      return [
        { name: 'queue_length', kind: 'gauge', of, value: queued.length },
        { name: 'wait_seconds', kind: 'gauge', of: { ...of, statistic: 'longest' }, value: longestMs(queued) / 1000 },
        ...(recent.length === 0
          ? []
          : [{ name: 'wait_seconds', kind: 'gauge', of: { ...of, statistic: 'mean' }, value: mean } satisfies Figure]),
        { name: 'waited_seconds_sum', kind: 'counter', of, value: waits.sumMs / 1000 },
        { name: 'waited_seconds_count', kind: 'counter', of, value: waits.count },
      ] satisfies Figure[];
    },
  };
}
