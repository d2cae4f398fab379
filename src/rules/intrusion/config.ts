import { z } from 'zod';
import { after, coolDown, head, labels, schedule, severity, VEHICLES, zone } from '../common/options.js';

/** Options of the rule `intrusion`. */
export const intrusionConfigSchema = z
  .strictObject({
    ...head('intrusion'),
    ...zone('Where nobody may be.'),
    ...labels(['person', 'bicycle', ...VEHICLES]),
    ...after('How long somebody must have been seen inside.', '1 s', { min: '0 s', max: '1 h' }),
    ...schedule,
    ...coolDown('30 s'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds people and vehicles where, or when, nobody may be.' });

export type IntrusionConfig = z.output<typeof intrusionConfigSchema>;
