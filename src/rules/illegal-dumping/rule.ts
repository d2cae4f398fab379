import { createSchedule } from '../../domain/option/schedule.js';
import type { StreetFrame } from '../../domain/street.js';
import { createLeftByRule } from '../common/left-by.js';
import { zoneOf } from '../common/matching.js';
import { LEAST_SCORE, VEHICLES } from '../common/options.js';
import type { Rule, RuleContext } from '../contract.js';
import type { IllegalDumpingConfig } from './config.js';

/** Smallest part of the picture that counts, by sensitivity: two bags of rubbish at 40 m take 0.001 of it. */
const LEAST_AREA = { low: 0.002, normal: 0.001, high: 0.0005 } as const;
/** And largest: a heap that fills a third of the picture is a lorry before the lens. */
const MOST_AREA = 0.3;
/** Of something that nobody was seen to bring, so that nothing tells its size. */
const UNBROUGHT_AREA = 0.006;

/** Tells of rubbish that was brought and dumped. */
export function createIllegalDumpingRule(config: IllegalDumpingConfig, context: RuleContext): Rule<StreetFrame> {
  return createLeftByRule({
    things: {
      labels: config.labels,
      owners: ['person', 'bicycle', ...VEHICLES],
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
    unbroughtArea: UNBROUGHT_AREA,
    reasons: ({ thing, aloneMs, size }) => [
      { criterion: 'seconds_alone', value: aloneMs / 1000, threshold: config.after / 1000, unit: 's' },
      { criterion: 'brought', value: thing.sure ? 1 : 0, threshold: 1, unit: 'seen' },
      ...(size === null ? [] : [{ criterion: 'size_at_least', value: size, threshold: config.min_size, unit: 'people' }]),
    ],
    severity: config.severity,
    coolDownMs: config.cool_down,
  });
}
