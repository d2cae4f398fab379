import { illegalParkingConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `illegal_parking`, as the registry takes it. */
export const illegalParking = { title: 'Illegal parking', schema: illegalParkingConfigSchema, ...work };
