import { overByNature } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type LineCrossingConfig, lineCrossingConfigSchema } from './config.js';
import { createLineCrossingRule } from './rule.js';

const work: StreetRuleWork<LineCrossingConfig> = {
  input: 'street',
  example: { line: 'kerb' },
  labels: (config) => config.labels,
  create: createLineCrossingRule,
  reinspection: overByNature('a crossing'),
};

/** The rule `line_crossing`, as the registry takes it. */
export const lineCrossing = { title: 'Line crossing', schema: lineCrossingConfigSchema, ...work };
