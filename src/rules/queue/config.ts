import { z } from 'zod';
import { duration, integer } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

/** Options of the rule `queue`. */
export const queueConfigSchema = z
  .strictObject({
    ...head('queue'),
    ...zone('Where people wait, one behind the other: long and narrow.'),
    ...labels(['person']),
    max_length: integer({ about: 'A queue of more is an incident.', min: 1, max: 500, unit: 'people' }).default(8),
    max_wait: duration({
      about: 'Who has waited for longer makes it an incident, too; null: waiting is only measured.',
      min: '10 s',
      max: '1 d',
    })
      .nullable()
      .default(null),
    ...after('How long it must be too long or too slow.', '1 min', { min: '0 s', max: '1 h' }),
    clears_after: duration({ about: 'How long it must be within its limits until that is over.', min: '0 s', max: '1 h' }).prefault('15 s'),
    ...schedule,
    ...coolDown('5 min'),
    ...severity('warning'),
  })
  .meta({ description: 'Measures a queue, its length and how long people wait, and tells when either is too long.' });

export type QueueConfig = z.output<typeof queueConfigSchema>;
