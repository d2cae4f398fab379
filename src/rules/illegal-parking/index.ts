import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type IllegalParkingConfig, illegalParkingConfigSchema } from './config.js';
import { createIllegalParkingRule } from './rule.js';

const work: StreetRuleWork<IllegalParkingConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createIllegalParkingRule,
  resumes: true,
  reinspection: lookForThing('the vehicle'),
};

/** The rule `illegal_parking`, as the registry takes it. */
export const illegalParking = { title: 'Illegal parking', schema: illegalParkingConfigSchema, ...work };
