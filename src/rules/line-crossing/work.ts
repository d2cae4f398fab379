import { figureShapes } from '../common/figure-shapes.js';
import { overByNature } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { LineCrossingConfig } from './config.js';
import { createLineCrossingRule, directionsOf } from './rule.js';

/** What the rule `line_crossing` does. */
export const work: StreetRuleWork<LineCrossingConfig> = {
  input: 'street',
  example: { line: 'kerb' },
  labels: (config) => config.labels,
  create: createLineCrossingRule,
  figures: ({ line, direction: only }) =>
    directionsOf(only).flatMap((direction) =>
      figureShapes({ gauges: ['flow_per_minute'], counters: ['crossings'], of: { line, direction } }),
    ),
  reinspection: overByNature('a crossing'),
};
