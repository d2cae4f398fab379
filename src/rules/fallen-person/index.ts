import { fallenPersonConfigSchema } from './config.js';
import { work } from './work.js';

/** The rule `fallen_person`, as the registry takes it. */
export const fallenPerson = { title: 'Fallen person', schema: fallenPersonConfigSchema, ...work };
