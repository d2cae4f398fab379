import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { LitterConfig } from './config.js';
import { createLitterRule } from './rule.js';

/** What the rule `litter` does. */
export const work: StreetRuleWork<LitterConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createLitterRule,
  resumes: true,
  reinspection: lookForThing('what was dropped'),
};
