import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type IntrusionConfig, intrusionConfigSchema } from './config.js';
import { createIntrusionRule } from './rule.js';

const work: StreetRuleWork<IntrusionConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createIntrusionRule,
  reinspection: lookForActivity('whoever was there'),
};

/** The rule `intrusion`, as the registry takes it. */
export const intrusion = { title: 'Intrusion', schema: intrusionConfigSchema, ...work };
