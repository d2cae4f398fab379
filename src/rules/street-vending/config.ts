import { z } from 'zod';
import { duration, integer } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, share, VEHICLES, zone } from '../common/options.js';

/** Options of the rule `street_vending`. */
export const streetVendingConfigSchema = z
  .strictObject({
    ...head('street_vending'),
    ...zone('Where nobody may sell.'),
    ...labels(
      ['stall', 'umbrella', ...VEHICLES],
      'What may be a stall, by the model’s labels; beside them whatever large the background did not show. People are known by `person`.',
    ),
    ...after('How long the stall, umbrella or vehicle must have stood.', '3 min', { min: '10 s', max: '1 d' }),
    people: integer({ about: 'How many different people must have stopped at it.', min: 1, max: 50, unit: 'people' }).default(3),
    stay: duration({ about: 'Who stops at it for so long counts.', min: '2 s', max: '10 min' }).prefault('6 s'),
    within: duration({ about: 'Those people must have stopped within so long.', min: '30 s', max: '1 d' }).prefault('10 min'),
    min_size: share('Smallest part of the picture’s area that a stall takes, its box counted.').default(0.01),
    ...schedule,
    ...coolDown('6 h'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds stalls, umbrellas and vehicles that came, stay, and gather customers.' });

export type StreetVendingConfig = z.output<typeof streetVendingConfigSchema>;
