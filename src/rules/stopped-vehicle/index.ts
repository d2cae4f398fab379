import { stoppedVehicleConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `stopped_vehicle`, as the registry takes it. */
export const stoppedVehicle = { title: 'Stopped vehicle', schema: stoppedVehicleConfigSchema, ...work };
