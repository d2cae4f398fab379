import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type StoppedVehicleConfig, stoppedVehicleConfigSchema } from './config.js';
import { createStoppedVehicleRule } from './rule.js';

const work: StreetRuleWork<StoppedVehicleConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createStoppedVehicleRule,
  resumes: true,
  reinspection: lookForThing('the vehicle'),
};

/** The rule `stopped_vehicle`, as the registry takes it. */
export const stoppedVehicle = { title: 'Stopped vehicle', schema: stoppedVehicleConfigSchema, ...work };
