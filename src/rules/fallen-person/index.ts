import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type FallenPersonConfig, fallenPersonConfigSchema } from './config.js';
import { createFallenPersonRule } from './rule.js';

const work: StreetRuleWork<FallenPersonConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createFallenPersonRule,
  reinspection: lookForActivity('whoever lay there'),
};

/** The rule `fallen_person`, as the registry takes it. */
export const fallenPerson = { title: 'Fallen person', schema: fallenPersonConfigSchema, ...work };
