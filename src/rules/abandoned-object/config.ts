import { z } from 'zod';
import { after, coolDown, head, labels, schedule, severity, share, zone } from '../common/options.js';

/** Options of the rule `abandoned_object`. */
export const abandonedObjectConfigSchema = z
  .strictObject({
    ...head('abandoned_object'),
    ...zone('Where nothing may be left.'),
    ...labels(['backpack', 'handbag', 'suitcase']),
    ...after('How long nobody must have been with it.', '10 s', { min: '1 s', max: '1 d' }),
    max_size: share('Largest part of the picture’s area that counts; larger things are vehicles or stalls.').default(0.04),
    ...schedule,
    ...coolDown('10 min'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds things that somebody put down and left: bags, boxes, whatever a person was with and is no longer.' });

export type AbandonedObjectConfig = z.output<typeof abandonedObjectConfigSchema>;
