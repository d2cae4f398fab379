import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { AbandonedObjectConfig } from './config.js';
import { createAbandonedObjectRule } from './rule.js';

/** What the rule `abandoned_object` does. */
export const work: StreetRuleWork<AbandonedObjectConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createAbandonedObjectRule,
  resumes: true,
  reinspection: lookForThing('what was left'),
};
