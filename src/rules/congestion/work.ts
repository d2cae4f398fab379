import { figureShapes } from '../common/figure-shapes.js';
import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { CongestionConfig } from './config.js';
import { createCongestionRule } from './rule.js';

/** What the rule `congestion` does. */
export const work: StreetRuleWork<CongestionConfig> = {
  input: 'street',
  example: { zone: 'gate', line: 'kerb' },
  labels: (config) => config.labels,
  create: createCongestionRule,
  figures: ({ zone, line }) =>
    figureShapes({
      gauges: ['flow_per_minute', 'vehicles', 'queued_vehicles', 'density_per_km', 'speed_kmh', 'congestion_level'],
      counters: ['vehicles_counted'],
      of: { zone: zone ?? '', ...(line === null ? {} : { line }) },
    }),
  reinspection: lookForActivity('the traffic'),
};
