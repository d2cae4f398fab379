import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { RoadObstructionConfig } from './config.js';
import { createRoadObstructionRule } from './rule.js';

/** What the rule `road_obstruction` does. */
export const work: StreetRuleWork<RoadObstructionConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createRoadObstructionRule,
  resumes: true,
  reinspection: lookForThing('what blocks the way'),
};
