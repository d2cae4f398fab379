import { streetVendingConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `street_vending`, as the registry takes it. */
export const streetVending = { title: 'Street vending', schema: streetVendingConfigSchema, ...work };
