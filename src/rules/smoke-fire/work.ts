import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { SmokeFireConfig } from './config.js';
import { createSmokeFireRule } from './rule.js';

/** What the rule `smoke_fire` does. */
export const work: StreetRuleWork<SmokeFireConfig> = {
  input: 'street',
  example: {},
  labels: (config) => config.labels,
  create: createSmokeFireRule,
  reinspection: lookForActivity('the smoke or fire'),
};
