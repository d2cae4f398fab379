import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type WaterOnRoadConfig, waterOnRoadConfigSchema } from './config.js';
import { createWaterOnRoadRule } from './rule.js';

const work: StreetRuleWork<WaterOnRoadConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: () => [],
  create: createWaterOnRoadRule,
  reinspection: lookForActivity('the water'),
};

/** The rule `water_on_road`, as the registry takes it. */
export const waterOnRoad = { title: 'Water on the road', schema: waterOnRoadConfigSchema, ...work };
