import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { IllegalDumpingConfig } from './config.js';
import { createIllegalDumpingRule } from './rule.js';

/** What the rule `illegal_dumping` does. */
export const work: StreetRuleWork<IllegalDumpingConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createIllegalDumpingRule,
  resumes: true,
  reinspection: lookForThing('what was dumped'),
};
