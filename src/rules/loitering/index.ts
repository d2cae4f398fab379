import { loiteringConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `loitering`, as the registry takes it. */
export const loitering = { title: 'Loitering', schema: loiteringConfigSchema, ...work };
