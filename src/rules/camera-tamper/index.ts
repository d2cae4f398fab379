import { cameraTamperConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `camera_tamper`, as the registry takes it. */
export const cameraTamper = { title: 'Camera tampering', schema: cameraTamperConfigSchema, ...work };
