import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type CongestionConfig, congestionConfigSchema } from './config.js';
import { createCongestionRule } from './rule.js';

const work: StreetRuleWork<CongestionConfig> = {
  input: 'street',
  example: { zone: 'gate', line: 'kerb' },
  labels: (config) => config.labels,
  create: createCongestionRule,
  reinspection: lookForActivity('the traffic'),
};

/** The rule `congestion`, as the registry takes it. */
export const congestion = { title: 'Congestion', schema: congestionConfigSchema, ...work };
