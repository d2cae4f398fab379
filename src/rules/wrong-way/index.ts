import { wrongWayConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `wrong_way`, as the registry takes it. */
export const wrongWay = { title: 'Wrong way', schema: wrongWayConfigSchema, ...work };
