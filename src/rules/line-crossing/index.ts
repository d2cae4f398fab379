import { lineCrossingConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `line_crossing`, as the registry takes it. */
export const lineCrossing = { title: 'Line crossing', schema: lineCrossingConfigSchema, ...work };
