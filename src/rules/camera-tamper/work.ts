import { lookAtCamera } from '../common/look-again-view.js';
import type { StreetRuleWork } from '../contract.js';
import type { CameraTamperConfig } from './config.js';
import { createCameraTamperRule } from './rule.js';

/** What the rule `camera_tamper` does. */
export const work: StreetRuleWork<CameraTamperConfig> = {
  input: 'street',
  example: {},
  labels: () => [],
  create: createCameraTamperRule,
  reinspection: lookAtCamera,
};
