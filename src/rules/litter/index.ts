import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type LitterConfig, litterConfigSchema } from './config.js';
import { createLitterRule } from './rule.js';

const work: StreetRuleWork<LitterConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createLitterRule,
  resumes: true,
  reinspection: lookForThing('what was dropped'),
};

/** The rule `litter`, as the registry takes it. */
export const litter = { title: 'Litter', schema: litterConfigSchema, ...work };
