import { occupancyConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `occupancy`, as the registry takes it. */
export const occupancy = { title: 'Occupancy', schema: occupancyConfigSchema, ...work };
