import { queueConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `queue`, as the registry takes it. */
export const queue = { title: 'Queue', schema: queueConfigSchema, ...work };
