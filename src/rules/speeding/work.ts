import { figureShapes } from '../common/figure-shapes.js';
import { overByNature } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { SpeedingConfig } from './config.js';
import { createSpeedingRule } from './rule.js';

/** What the rule `speeding` does. */
export const work: StreetRuleWork<SpeedingConfig> = {
  input: 'street',
  needsGround: true,
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createSpeedingRule,
  figures: ({ zone }) => {
    const of = { zone: zone ?? '' };
    return [
      ...figureShapes({ counters: ['vehicles_measured'], of }),
      ...['mean', 'p85'].flatMap((statistic) => figureShapes({ gauges: ['speed_kmh'], of: { ...of, statistic } })),
    ];
  },
  reinspection: overByNature('a fast drive'),
};
