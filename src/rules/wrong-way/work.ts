import { overByNature } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import type { WrongWayConfig } from './config.js';
import { createWrongWayRule } from './rule.js';

/** What the rule `wrong_way` does. */
export const work: StreetRuleWork<WrongWayConfig> = {
  input: 'street',
  example: { zone: 'gate', way: 'kerb' },
  labels: (config) => config.labels,
  create: createWrongWayRule,
  reinspection: overByNature('a drive the wrong way'),
};
