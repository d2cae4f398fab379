import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { StoppedVehicleConfig } from './config.js';
import { createStoppedVehicleRule } from './rule.js';

/** What the rule `stopped_vehicle` does. */
export const work: StreetRuleWork<StoppedVehicleConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createStoppedVehicleRule,
  resumes: true,
  reinspection: lookForThing('the vehicle'),
};
