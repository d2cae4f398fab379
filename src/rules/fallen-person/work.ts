import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { FallenPersonConfig } from './config.js';
import { createFallenPersonRule } from './rule.js';

/** What the rule `fallen_person` does. */
export const work: StreetRuleWork<FallenPersonConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createFallenPersonRule,
  reinspection: lookForActivity('whoever lay there'),
};
