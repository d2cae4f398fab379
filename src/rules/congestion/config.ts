import { z } from 'zod';
import { duration, id, integer, number } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, VEHICLES, zone } from '../common/options.js';

/** Options of the rule `congestion`. */
export const congestionConfigSchema = z
  .strictObject({
    ...head('congestion'),
    ...zone('The lanes, without parking bays.'),
    line: id({ about: 'Across which the flow is counted; null: into the zone.', refersTo: 'lines' }).nullable().default(null),
    ...labels([...VEHICLES]),
    queue: integer({
      about: 'So many vehicles that stand or creep in the zone at once are a jam.',
      min: 2,
      max: 200,
      unit: 'vehicles',
    }).default(4),
    slow_kmh: number({
      about: 'What is slower creeps, where `ground` gives metres; elsewhere, what takes longer than three seconds for its own length.',
      min: 1,
      max: 100,
      unit: 'km/h',
    }).default(8),
    ...after('How long it must last; longer than a red light.', '2 min', { min: '5 s', max: '2 h' }),
    clears_after: duration({ about: 'How long traffic must flow until the jam is over.', min: '0 s', max: '1 h' }).prefault('20 s'),
    ...schedule,
    ...coolDown('5 min'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds traffic jams, and measures flow, density and mean speed.' });

export type CongestionConfig = z.output<typeof congestionConfigSchema>;
