import { sensorTriggerConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `sensor_trigger`, as the registry takes it. */
export const sensorTrigger = { title: 'Sensor trigger', schema: sensorTriggerConfigSchema, ...work };
