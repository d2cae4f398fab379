import { congestionConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `congestion`, as the registry takes it. */
export const congestion = { title: 'Congestion', schema: congestionConfigSchema, ...work };
