import { overByNature } from '../common/look-again.js';
import type { StreetRuleWork } from '../contract.js';
import { type SpeedingConfig, speedingConfigSchema } from './config.js';
import { createSpeedingRule } from './rule.js';

const work: StreetRuleWork<SpeedingConfig> = {
  input: 'street',
  needsGround: true,
  example: { zone: 'gate' },
  labels: (config) => config.labels,
  create: createSpeedingRule,
  reinspection: overByNature('a fast drive'),
};

/** The rule `speeding`, as the registry takes it. */
export const speeding = { title: 'Speeding', schema: speedingConfigSchema, ...work };
