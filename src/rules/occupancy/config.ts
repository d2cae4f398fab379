import { z } from 'zod';
import { duration, flag, integer } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

/** Options of the rule `occupancy`. */
export const occupancyConfigSchema = z
  .strictObject({
    ...head('occupancy'),
    ...zone('Where is counted who is inside.'),
    ...labels(['person']),
    limit: integer({
      about: 'More than so many inside at once are an incident. null: they are only counted.',
      min: 0,
      max: 10_000,
      unit: 'people',
    })
      .nullable()
      .default(null),
    ...after('How long they must be too many.', '5 s', { min: '0 s', max: '1 h' }),
    clears_after: duration({ about: 'How long they must be within the limit until it is over.', min: '0 s', max: '1 h' }).prefault('5 s'),
    report_stays: flag({ about: 'Whether each stay is an event, told when it is over, with how long it was.' }).default(false),
    ...schedule,
    ...coolDown('1 min'),
    ...severity('warning'),
  })
  .meta({ description: 'Counts who is inside, who came, and how long they stayed; tells when they are too many.' });

export type OccupancyConfig = z.output<typeof occupancyConfigSchema>;
