import { lookAtCamera } from '../common/look-again-view.js';
import type { StreetRuleWork } from '../contract.js';
import type { CameraTamperConfig } from './config.js';
import { createCameraTamperRule } from './rule.js';

/** A false alarm is heard of once, by a camera that is away when it is back. */
const TAUGHT_MS = 86_400_000;

/** What the rule `camera_tamper` does. */
export const work: StreetRuleWork<CameraTamperConfig> = {
  input: 'street',
  example: {},
  labels: () => [],
  create: createCameraTamperRule,
  memoryMs: () => TAUGHT_MS,
  reinspection: lookAtCamera,
};
