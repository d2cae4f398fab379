import { z } from 'zod';
import { id } from '../../domain/option/schema.js';
import { after, coolDown, head, schedule, severity, zone } from '../common/options.js';

/** Options of the rule `removed_object`. */
export const removedObjectConfigSchema = z
  .strictObject({
    ...head('removed_object'),
    watch: z
      .array(id({ about: 'A zone around one thing that must stay: a manhole cover, a sign, an extinguisher.', refersTo: 'zones' }))
      .max(50)
      .meta({ description: 'Zones, each around one thing that must stay. Empty: whatever is taken away within zone is suspected.' })
      .default([]),
    ...zone('Where nothing may be taken away, for what is not watched by name.'),
    ...after('How long it must be missing, with nothing before its place.', '10 s', { min: '1 s', max: '1 d' }),
    ...schedule,
    ...coolDown('10 min'),
    ...severity('critical'),
  })
  .meta({ description: 'Finds that something which must stay is gone: a manhole cover, a sign, an extinguisher.' });

export type RemovedObjectConfig = z.output<typeof removedObjectConfigSchema>;
