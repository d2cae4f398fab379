import { overByNature } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type WrongWayConfig, wrongWayConfigSchema } from './config.js';
import { createWrongWayRule } from './rule.js';

const work: StreetRuleWork<WrongWayConfig> = {
  input: 'street',
  example: { zone: 'gate', way: 'kerb' },
  labels: (config) => config.labels,
  create: createWrongWayRule,
  reinspection: overByNature('a drive the wrong way'),
};

/** The rule `wrong_way`, as the registry takes it. */
export const wrongWay = { title: 'Wrong way', schema: wrongWayConfigSchema, ...work };
