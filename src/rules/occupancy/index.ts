import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type OccupancyConfig, occupancyConfigSchema } from './config.js';
import { createOccupancyRule } from './rule.js';

const work: StreetRuleWork<OccupancyConfig> = {
  input: 'street',
  example: { zone: 'gate', limit: 20 },
  labels: (config) => config.labels,
  create: createOccupancyRule,
  reinspection: lookForActivity('whoever was there'),
};

/** The rule `occupancy`, as the registry takes it. */
export const occupancy = { title: 'Occupancy', schema: occupancyConfigSchema, ...work };
