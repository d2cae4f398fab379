import { intrusionConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `intrusion`, as the registry takes it. */
export const intrusion = { title: 'Intrusion', schema: intrusionConfigSchema, ...work };
