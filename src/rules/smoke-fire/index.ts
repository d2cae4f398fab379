import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type SmokeFireConfig, smokeFireConfigSchema } from './config.js';
import { createSmokeFireRule } from './rule.js';

const work: StreetRuleWork<SmokeFireConfig> = {
  input: 'street',
  example: {},
  labels: (config) => config.labels,
  create: createSmokeFireRule,
  reinspection: lookForActivity('the smoke or fire'),
};

/** The rule `smoke_fire`, as the registry takes it. */
export const smokeFire = { title: 'Smoke or fire', schema: smokeFireConfigSchema, ...work };
