import { figureShapes } from '../common/figure-shapes.js';
import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { StreetVendingConfig } from './config.js';
import { createStreetVendingRule } from './rule.js';

/** What the rule `street_vending` does. */
export const work: StreetRuleWork<StreetVendingConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => ['person', ...config.labels],
  create: createStreetVendingRule,
  resumes: true,
  figures: ({ zone }) => figureShapes({ gauges: ['stalls'], of: { zone: zone ?? '' } }),
  reinspection: lookForThing('the stall'),
};
