import { z } from 'zod';
import { number } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

const size = (about: string) => number({ about, min: 0, max: 20, unit: 'people' });

/** Options of the rule `litter`. */
export const litterConfigSchema = z
  .strictObject({
    ...head('litter'),
    ...zone('Where nothing may be dropped.'),
    ...labels(['bottle', 'cup', 'bowl', 'banana', 'apple', 'pizza']),
    ...after('How long whoever dropped it must have been gone.', '15 s', { min: '1 s', max: '1 d' }),
    min_size: size('How large it is at least, against a person who stands beside it.').default(0.005),
    max_size: size('And at most; what is larger is dumped.').default(1.1),
    ...schedule,
    ...coolDown('10 min'),
    ...severity('info'),
  })
  .refine(({ min_size, max_size }) => min_size < max_size, { path: ['max_size'], message: 'must be larger than min_size' })
  .meta({ description: 'Finds small things that somebody dropped and left: bags, cups, boxes.' });

export type LitterConfig = z.output<typeof litterConfigSchema>;
