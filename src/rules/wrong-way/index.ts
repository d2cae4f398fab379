import type { StreetRuleWork } from '../contract.js';
import { type WrongWayConfig, wrongWayConfigSchema } from './config.js';
import { createWrongWayRule } from './rule.js';

const work: StreetRuleWork<WrongWayConfig> = {
  input: 'street',
  example: { zone: 'gate', way: 'kerb' },
  labels: (config) => config.labels,
  create: createWrongWayRule,
};

/** The rule `wrong_way`, as the registry takes it. */
export const wrongWay = { title: 'Wrong way', schema: wrongWayConfigSchema, ...work };
