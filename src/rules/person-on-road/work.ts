import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { PersonOnRoadConfig } from './config.js';
import { RIDDEN, VEHICLES_WITH_PEOPLE } from './on-foot.js';
import { createPersonOnRoadRule } from './rule.js';

/** What the rule `person_on_road` does. */
export const work: StreetRuleWork<PersonOnRoadConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => [...new Set([...config.labels, ...RIDDEN, ...VEHICLES_WITH_PEOPLE])],
  create: createPersonOnRoadRule,
  reinspection: lookForActivity('whoever was there'),
};
