import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type AbandonedObjectConfig, abandonedObjectConfigSchema } from './config.js';
import { createAbandonedObjectRule } from './rule.js';

const work: StreetRuleWork<AbandonedObjectConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createAbandonedObjectRule,
  resumes: true,
  reinspection: lookForThing('what was left'),
};

/** The rule `abandoned_object`, as the registry takes it. */
export const abandonedObject = { title: 'Abandoned object', schema: abandonedObjectConfigSchema, ...work };
