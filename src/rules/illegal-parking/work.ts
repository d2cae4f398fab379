import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { IllegalParkingConfig } from './config.js';
import { createIllegalParkingRule } from './rule.js';

/** What the rule `illegal_parking` does. */
export const work: StreetRuleWork<IllegalParkingConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createIllegalParkingRule,
  resumes: true,
  reinspection: lookForThing('the vehicle'),
};
