import { lookForThing } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type RoadObstructionConfig, roadObstructionConfigSchema } from './config.js';
import { createRoadObstructionRule } from './rule.js';

const work: StreetRuleWork<RoadObstructionConfig> = {
  input: 'street',
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createRoadObstructionRule,
  resumes: true,
  reinspection: lookForThing('what blocks the way'),
};

/** The rule `road_obstruction`, as the registry takes it. */
export const roadObstruction = { title: 'Road obstruction', schema: roadObstructionConfigSchema, ...work };
