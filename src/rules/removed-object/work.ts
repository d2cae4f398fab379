import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { RemovedObjectConfig } from './config.js';
import { createRemovedObjectRule } from './rule.js';

/** What the rule `removed_object` does. */
export const work: StreetRuleWork<RemovedObjectConfig> = {
  input: 'street',
  example: { watch: ['gate'] },
  labels: () => [],
  create: createRemovedObjectRule,
  resumes: true,
  reinspection: lookForThing('the empty place'),
};
