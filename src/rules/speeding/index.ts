import { speedingConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `speeding`, as the registry takes it. */
export const speeding = { title: 'Speeding', schema: speedingConfigSchema, ...work };
