import { figureShapes } from '../common/figure-shapes.js';
import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { CrowdConfig } from './config.js';
import { createCrowdRule } from './rule.js';

/** What the rule `crowd` does. */
export const work: StreetRuleWork<CrowdConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createCrowdRule,
  figures: ({ zone }) => figureShapes({ gauges: ['people', 'density_per_m2'], of: { zone: zone ?? '' } }),
  reinspection: lookForActivity('the crowd'),
};
