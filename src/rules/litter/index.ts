import { litterConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `litter`, as the registry takes it. */
export const litter = { title: 'Litter', schema: litterConfigSchema, ...work };
