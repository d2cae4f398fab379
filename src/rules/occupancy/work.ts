import { figureShapes } from '../common/figure-shapes.js';
import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { OccupancyConfig } from './config.js';
import { createOccupancyRule } from './rule.js';

/** What the rule `occupancy` does. */
export const work: StreetRuleWork<OccupancyConfig> = {
  input: 'street',
  example: { zone: 'gate', limit: 20 },
  labels: (config) => config.labels,
  create: createOccupancyRule,
  figures: ({ zone }) =>
    figureShapes({ gauges: ['occupancy'], counters: ['entries', 'dwell_seconds_sum', 'dwell_seconds_count'], of: { zone: zone ?? '' } }),
  reinspection: lookForActivity('whoever was there'),
};
