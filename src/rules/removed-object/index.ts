import { removedObjectConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `removed_object`, as the registry takes it. */
export const removedObject = { title: 'Removed object', schema: removedObjectConfigSchema, ...work };
