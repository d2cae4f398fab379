import { z } from 'zod';
import { duration, integer, number } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

/** Options of the rule `crowd`. */
export const crowdConfigSchema = z
  .strictObject({
    ...head('crowd'),
    ...zone('Where people may gather.'),
    ...labels(['person']),
    at_least: integer({ about: 'So many at once are a crowd.', min: 2, max: 1_000, unit: 'people' }).default(10),
    density: number({
      about:
        'So many a square metre are a crowd, too, however few they are on the whole; needs `ground` and a zone. null: only their number counts.',
      min: 0.05,
      max: 10,
      unit: 'people/m²',
    })
      .nullable()
      .default(null),
    ...after('How long they must stay so many.', '30 s', { min: '0 s', max: '1 h' }),
    clears_after: duration({ about: 'How long they must be clearly fewer until it is over.', min: '0 s', max: '1 h' }).prefault('10 s'),
    ...schedule,
    ...coolDown('2 min'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds people who gather, by their number or by how densely they stand.' });

export type CrowdConfig = z.output<typeof crowdConfigSchema>;
