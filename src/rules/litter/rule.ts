import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { createLeftByRule } from '../common/left-by.js';
import { zoneOf } from '../common/matching.js';
import { LEAST_SCORE } from '../common/options.js';
import type { Rule, RuleContext } from '../contract.js';
import type { LitterConfig } from './config.js';

/** Smallest part of the picture that counts, by sensitivity: a shopping bag at 15 m takes 0.0005 of it, six by six pixels of 640. */
const LEAST_AREA = { low: 0.0004, normal: 0.0002, high: 0.0001 } as const;
/** And largest. */
const MOST_AREA = 0.04;

/** Tells of small things that were dropped and left. What nobody was seen to drop is none of them. */
export function createLitterRule(config: LitterConfig, context: RuleContext): Rule<StreetFrame> {
  return createLeftByRule({
    things: {
      labels: config.labels,
      owners: ['person'],
      leastScore: LEAST_SCORE[config.sensitivity],
      leastArea: LEAST_AREA[config.sensitivity],
      mostArea: MOST_AREA,
      aspect: context.width / context.height,
    },
    zone: zoneOf(config.zone, context),
    zoneName: config.zone,
    isOn: createSchedule(config.schedule, context.timeZone),
    afterMs: config.after,
    size: [config.min_size, config.max_size],
    unbroughtArea: null,
    reasons: ({ thing, aloneMs, size }) => [
      { criterion: 'seconds_alone', value: aloneMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'brought', value: thing.sure ? 1 : 0, threshold: 1, unit: 'seen' },
      ...(size === null ? [] : [{ criterion: 'size_at_most', value: size, threshold: config.max_size, unit: 'people' }]),
    ],
    severity: config.severity,
    coolDownMs: config.cool_down,
  });
}
