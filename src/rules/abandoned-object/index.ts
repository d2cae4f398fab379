import { abandonedObjectConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `abandoned_object`, as the registry takes it. */
export const abandonedObject = { title: 'Abandoned object', schema: abandonedObjectConfigSchema, ...work };
