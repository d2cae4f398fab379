import { lookForLight } from '../common/look-again-view.js';
import type { StreetRuleWork } from '../contract.js';
import type { LightOutageConfig } from './config.js';
import { createLightOutageRule } from './rule.js';

/** What the rule `light_outage` does. */
export const work: StreetRuleWork<LightOutageConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: () => [],
  create: createLightOutageRule,
  reinspection: lookForLight,
};
