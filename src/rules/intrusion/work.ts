import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { IntrusionConfig } from './config.js';
import { createIntrusionRule } from './rule.js';

/** What the rule `intrusion` does. */
export const work: StreetRuleWork<IntrusionConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createIntrusionRule,
  reinspection: lookForActivity('whoever was there'),
};
