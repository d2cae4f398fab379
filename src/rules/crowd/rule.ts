import type { Figure } from '../../domain/figure.js';
import type { Box } from '../../domain/geometry.js';
import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { createAttendanceWatch, labelsOf, type Stay, scoreOf } from '../common/attendance.js';
import { around } from '../common/boxes.js';
import { createDwellTracker, type Dwell } from '../common/dwell.js';
import { groundArea } from '../common/ground-area.js';
import { createIncidentBook, type IncidentState } from '../common/incident-book.js';
import { zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Rule, RuleContext, RuleFinding } from '../contract.js';
import type { CrowdConfig } from './config.js';

/** It lasts while so much of its number is there: people in a crowd hide each other. */
const HYSTERESIS = 0.7;
/** When it has grown by so much since it was last told, it is told anew. */
const GROWTH = 1.5;
/** Who is not seen for so long has gone, milliseconds: longer than for one alone, since others stand in front of him. */
const UNSEEN_MS = 2_500;
/** Looks farther apart than this are no observation, milliseconds. */
const LONGEST_GAP_MS = 2_500;

/** There is a crowd or there is none: one incident at a time. */
type Key = 'crowd';
const CROWD: Key = 'crowd';
const PICTURE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Tells of people who gather, and counts them. */
export function createCrowdRule(config: CrowdConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const areaM2 = groundArea(zone, context.ground);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const people = createAttendanceWatch({ zone, labels: config.labels, leastScore, unseenMs: UNSEEN_MS });
  const gathered = createDwellTracker<Key>({ inertiaMs: config.clears_after, longestGapMs: LONGEST_GAP_MS });
  const book = createIncidentBook<Key>({ severity: config.severity, coolDownMs: config.cool_down });
  let count = 0;
  /** The most that were there at once since the incident was last told. */
  let toldCount = 0;
  let lastPtsMs = 0;

  const densityOf = (number: number): number | null => (areaM2 === null ? null : number / areaM2);

  function isCrowd(number: number, share: number): boolean {
    const density = densityOf(number);
    if (number >= share * config.at_least) return true;
    return config.density !== null && density !== null && number >= 2 && density >= share * config.density;
  }

  function stateOf(present: readonly Stay[], dwell: Dwell, named: boolean): IncidentState {
    const density = densityOf(present.length);
    return {
      // Without a model, what moves there may be anything, and people who stand together are one.
      verdict: named ? 'confirmed' : 'suspected',
      confidence: scoreOf(present),
      reasons: [
        { criterion: 'people', value: present.length, threshold: config.at_least, unit: 'people' },
        { criterion: 'seconds_gathered', value: dwell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
        ...(density === null || config.density === null
          ? []
          : [{ criterion: 'density', value: density, threshold: config.density, unit: 'people/m²' }]),
      ],
      startPtsMs: dwell.sincePtsMs,
      endPtsMs: dwell.lastPtsMs,
      box: present.length === 0 ? PICTURE : around(present.map(({ object }) => object.box)),
      zone: config.zone,
      labels: labelsOf(present),
    };
  }

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      lastPtsMs = ptsMs;
      const { present } = people.step(frame);
      if (frame.scene.unsettled) return [];
      count = present.length;
      const share = gathered.dwell(CROWD) === null ? 1 : HYSTERESIS;
      const holds = isOn(frame.capturedAtMs) && isCrowd(count, share);
      const dwell = gathered.look(CROWD, ptsMs, holds);
      if (dwell === null) return book.finish(ptsMs);
      if (!holds) return [];
      const before = book.state(CROWD);
      if (before === null) {
        // Those who stay after the rest has gone are no crowd by themselves.
        if (dwell.observedMs < config.after || !isCrowd(count, 1)) return [];
        toldCount = count;
        return [book.begin(CROWD, stateOf(present, dwell, named), ptsMs)].filter((finding) => finding !== null);
      }
      if (count >= GROWTH * toldCount) {
        toldCount = count;
        return [book.update(CROWD, stateOf(present, dwell, named))];
      }
      book.note(CROWD, { ...before, endPtsMs: dwell.lastPtsMs });
      return [];
    },
    finish: (): readonly RuleFinding[] => book.finish(lastPtsMs),
    figures() {
      const of = { zone: config.zone ?? '' };
      const density = densityOf(count);
      return [
        { name: 'people', kind: 'gauge', of, value: count },
        ...(density === null ? [] : [{ name: 'density_per_m2', kind: 'gauge', of, value: density } satisfies Figure]),
      ];
    },
  };
}
