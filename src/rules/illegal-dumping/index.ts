import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type IllegalDumpingConfig, illegalDumpingConfigSchema } from './config.js';
import { createIllegalDumpingRule } from './rule.js';

const work: StreetRuleWork<IllegalDumpingConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createIllegalDumpingRule,
  resumes: true,
  reinspection: lookForThing('what was dumped'),
};

/** The rule `illegal_dumping`, as the registry takes it. */
export const illegalDumping = { title: 'Illegal dumping', schema: illegalDumpingConfigSchema, ...work };
