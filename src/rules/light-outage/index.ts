import { lightOutageConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `light_outage`, as the registry takes it. */
export const lightOutage = { title: 'Street lamp out', schema: lightOutageConfigSchema, ...work };
