import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { counting, inZone, zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import { createVisits } from '../common/visits.js';
import type { Rule, RuleContext } from '../contract.js';
import type { IntrusionConfig } from './config.js';

/** Tells who stands inside the zone, each once, until he has left. */
export function createIntrusionRule(config: IntrusionConfig, context: RuleContext): Rule<StreetFrame> {
  const zone = zoneOf(config.zone, context);
  const isOn = createSchedule(config.schedule, context.timeZone);
  const leastScore = LEAST_SCORE[config.sensitivity];
  const visits = createVisits({
    ...{ zone: config.zone, afterMs: config.after, coolDownMs: config.cool_down, severity: config.severity },
    reasons: ({ score }, dwell) => [
      { criterion: 'seconds_inside', value: dwell.observedMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'score', value: score, threshold: leastScore, unit: '' },
    ],
  });
  return {
    step(frame) {
      // What moves cannot be told from light that changes: what was known stands.
      if (frame.scene.unsettled) return [];
      const on = isOn(frame.capturedAtMs);
      return visits.step(frame, counting(frame, config.labels, leastScore), ({ foot }) => on && inZone(zone, foot));
    },
    finish: visits.finish,
  };
}
