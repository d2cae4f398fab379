import { figureShapes } from '../common/figure-shapes.js';
import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { LoiteringConfig } from './config.js';
import { createLoiteringRule } from './rule.js';

/** What the rule `loitering` does. */
export const work: StreetRuleWork<LoiteringConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createLoiteringRule,
  figures: ({ zone }) => figureShapes({ gauges: ['people_staying'], of: { zone: zone ?? '' } }),
  reinspection: lookForActivity('whoever was there'),
};
