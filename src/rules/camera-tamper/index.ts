import { lookAtCamera } from '../common/look-again-view.js';
import type { StreetRuleWork } from '../contract.js';
import { type CameraTamperConfig, cameraTamperConfigSchema } from './config.js';
import { createCameraTamperRule } from './rule.js';

const work: StreetRuleWork<CameraTamperConfig> = {
  input: 'street',
  example: {},
  labels: () => [],
  create: createCameraTamperRule,
  reinspection: lookAtCamera,
};

/** The rule `camera_tamper`, as the registry takes it. */
export const cameraTamper = { title: 'Camera tampering', schema: cameraTamperConfigSchema, ...work };
