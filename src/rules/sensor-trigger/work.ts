import { placeOf } from '../common/look-again.js';
import type { OutsideRuleWork } from '../contract.js';
import type { SensorTriggerConfig } from './config.js';
import { createSensorTriggerRule } from './rule.js';

/** What the rule `sensor_trigger` does. */
export const work: OutsideRuleWork<SensorTriggerConfig> = {
  input: 'outside',
  resumes: true,
  example: { sensor: 'manhole-17', kind: 'manhole', when: { field: 'tilt', above: 15 }, zone: 'gate' },
  sensor: ({ sensor, topic }) => ({ name: sensor, topic }),
  create: createSensorTriggerRule,
  reinspection: {
    place: placeOf,
    judge: () => ({
      presence: 'cannot_tell',
      reason: 'only the sensor knows whether its alarm still stands; the picture shows its place: a person must look',
    }),
  },
};
