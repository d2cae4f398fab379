import { figureShapes } from '../common/figure-shapes.js';
import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type OccupancyConfig, occupancyConfigSchema } from './config.js';
import { createOccupancyRule } from './rule.js';

const work: StreetRuleWork<OccupancyConfig> = {
  input: 'street',
  example: { zone: 'gate', limit: 20 },
  labels: (config) => config.labels,
  create: createOccupancyRule,
  figures: ({ zone }) =>
    figureShapes({ gauges: ['occupancy'], counters: ['entries', 'dwell_seconds_sum', 'dwell_seconds_count'], of: { zone: zone ?? '' } }),
  reinspection: lookForActivity('whoever was there'),
};

/** The rule `occupancy`, as the registry takes it. */
export const occupancy = { title: 'Occupancy', schema: occupancyConfigSchema, ...work };
