import { figureShapes } from '../common/figure-shapes.js';
import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type CrowdConfig, crowdConfigSchema } from './config.js';
import { createCrowdRule } from './rule.js';

const work: StreetRuleWork<CrowdConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createCrowdRule,
  figures: ({ zone }) => figureShapes({ gauges: ['people', 'density_per_m2'], of: { zone: zone ?? '' } }),
  reinspection: lookForActivity('the crowd'),
};

/** The rule `crowd`, as the registry takes it. */
export const crowd = { title: 'Crowd', schema: crowdConfigSchema, ...work };
