import { personOnRoadConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `person_on_road`, as the registry takes it. */
export const personOnRoad = { title: 'Person on the road', schema: personOnRoadConfigSchema, ...work };
