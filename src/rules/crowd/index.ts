import { crowdConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `crowd`, as the registry takes it. */
export const crowd = { title: 'Crowd', schema: crowdConfigSchema, ...work };
