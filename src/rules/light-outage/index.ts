import { lookForLight } from '../common/look-again-view.js';
import type { StreetRuleWork } from '../contract.js';
import { type LightOutageConfig, lightOutageConfigSchema } from './config.js';
import { createLightOutageRule } from './rule.js';

const work: StreetRuleWork<LightOutageConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: () => [],
  create: createLightOutageRule,
  reinspection: lookForLight,
};

/** The rule `light_outage`, as the registry takes it. */
export const lightOutage = { title: 'Street lamp out', schema: lightOutageConfigSchema, ...work };
