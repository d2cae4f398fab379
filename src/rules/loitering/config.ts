import { z } from 'zod';
import { duration } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

/** Options of the rule `loitering`. */
export const loiteringConfigSchema = z
  .strictObject({
    ...head('loitering'),
    ...zone('Where nobody should stay.'),
    ...labels(['person']),
    ...after('How long somebody must have been seen inside, added up.', '2 min', { min: '5 s', max: '24 h' }),
    away: duration({ about: 'Who comes back within this goes on from where he was.', min: '0 s', max: '1 h' }).prefault('15 s'),
    ...schedule,
    ...coolDown('5 min'),
    ...severity('info'),
  })
  .meta({ description: 'Finds people who stay where others pass.' });

export type LoiteringConfig = z.output<typeof loiteringConfigSchema>;
