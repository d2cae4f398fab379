import { z } from 'zod';
import { integer } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, VEHICLES, zone } from '../common/options.js';

/** Options of the rule `stopped_vehicle`. */
export const stoppedVehicleConfigSchema = z
  .strictObject({
    ...head('stopped_vehicle'),
    ...zone('The lanes in which traffic flows.'),
    ...labels([...VEHICLES]),
    ...after('How long a vehicle must have stood; longer than the longest red light that holds traffic up in the zone.', '20 s', {
      min: '2 s',
      max: '1 h',
    }),
    queue_of: integer({
      about: 'So many vehicles that stand in the zone at once are a queue, of which none is told.',
      min: 2,
      max: 100,
      unit: 'vehicles',
    }).default(3),
    ...schedule,
    ...coolDown('10 min'),
    ...severity('critical'),
  })
  .meta({ description: 'Finds vehicles that have broken down, or stopped, in a lane in which traffic flows.' });

export type StoppedVehicleConfig = z.output<typeof stoppedVehicleConfigSchema>;
