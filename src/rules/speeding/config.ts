import { z } from 'zod';
import { number } from '../../domain/option/schema.js';
import { head, labels, schedule, severity, VEHICLES, zone } from '../common/options.js';

const speed = (about: string) => number({ about, min: 0, max: 300, unit: 'km/h' });

/** Options of the rule `speeding`. */
export const speedingConfigSchema = z
  .strictObject({
    ...head('speeding'),
    ...zone('Where speeds are measured: the longer the way through it, the better.'),
    ...labels([...VEHICLES]),
    limit_kmh: speed('What may be driven.').default(50),
    tolerance_kmh: speed('By how much more is not told.').default(3),
    ...schedule,
    ...severity('warning'),
  })
  .meta({ description: 'Measures speeds over ground, and finds vehicles that are too fast. Needs `ground`.' });

export type SpeedingConfig = z.output<typeof speedingConfigSchema>;
