import { z } from 'zod';
import { oneOf } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, VEHICLES, zone } from '../common/options.js';

/** Options of the rule `illegal_parking`. */
export const illegalParkingConfigSchema = z
  .strictObject({
    ...head('illegal_parking'),
    ...zone('Where nobody may park.'),
    ...labels([...VEHICLES]),
    ...after('How long a vehicle must have stood.', '60 s', { min: '5 s', max: '24 h' }),
    present_at_start: oneOf(['report', 'ignore'], {
      about:
        'What stands there when the agent first sees the zone: report it once it has stood for `after` from then on, or ignore it until it has left.',
    }).default('report'),
    ...schedule,
    ...coolDown('24 h'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds vehicles that are parked where nobody may park: one case a vehicle, until it leaves.' });

export type IllegalParkingConfig = z.output<typeof illegalParkingConfigSchema>;
