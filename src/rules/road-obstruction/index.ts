import { roadObstructionConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `road_obstruction`, as the registry takes it. */
export const roadObstruction = { title: 'Road obstruction', schema: roadObstructionConfigSchema, ...work };
