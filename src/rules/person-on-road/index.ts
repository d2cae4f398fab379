import { lookForActivity } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type PersonOnRoadConfig, personOnRoadConfigSchema } from './config.js';
import { RIDDEN, VEHICLES_WITH_PEOPLE } from './on-foot.js';
import { createPersonOnRoadRule } from './rule.js';

const work: StreetRuleWork<PersonOnRoadConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => [...new Set([...config.labels, ...RIDDEN, ...VEHICLES_WITH_PEOPLE])],
  create: createPersonOnRoadRule,
  reinspection: lookForActivity('whoever was there'),
};

/** The rule `person_on_road`, as the registry takes it. */
export const personOnRoad = { title: 'Person on the road', schema: personOnRoadConfigSchema, ...work };
