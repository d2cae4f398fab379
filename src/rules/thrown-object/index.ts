import { thrownObjectConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `thrown_object`, as the registry takes it. */
export const thrownObject = { title: 'Thrown or falling object', schema: thrownObjectConfigSchema, ...work };
