import { illegalDumpingConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `illegal_dumping`, as the registry takes it. */
export const illegalDumping = { title: 'Illegal dumping', schema: illegalDumpingConfigSchema, ...work };
