import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type RemovedObjectConfig, removedObjectConfigSchema } from './config.js';
import { createRemovedObjectRule } from './rule.js';

const work: StreetRuleWork<RemovedObjectConfig> = {
  input: 'street',
  example: { watch: ['gate'] },
  labels: () => [],
  create: createRemovedObjectRule,
  reinspection: lookForThing('the empty place'),
};

/** The rule `removed_object`, as the registry takes it. */
export const removedObject = { title: 'Removed object', schema: removedObjectConfigSchema, ...work };
