import { waterOnRoadConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `water_on_road`, as the registry takes it. */
export const waterOnRoad = { title: 'Water on the road', schema: waterOnRoadConfigSchema, ...work };
