import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { WaterOnRoadConfig } from './config.js';
import { createWaterOnRoadRule } from './rule.js';

/** What the rule `water_on_road` does. */
export const work: StreetRuleWork<WaterOnRoadConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: () => [],
  create: createWaterOnRoadRule,
  reinspection: lookForActivity('the water'),
};
