import { smokeFireConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `smoke_fire`, as the registry takes it. */
export const smokeFire = { title: 'Smoke or fire', schema: smokeFireConfigSchema, ...work };
