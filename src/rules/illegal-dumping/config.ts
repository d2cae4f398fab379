import { z } from 'zod';
import { number } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

const size = (about: string) => number({ about, min: 0, max: 20, unit: 'people' });

/** Options of the rule `illegal_dumping`. */
export const illegalDumpingConfigSchema = z
  .strictObject({
    ...head('illegal_dumping'),
    ...zone('Where nothing may be dumped.'),
    ...labels(['suitcase', 'couch', 'chair', 'bed', 'refrigerator', 'oven', 'tv', 'potted plant']),
    ...after('How long whoever brought it must have been gone.', '30 s', { min: '1 s', max: '1 d' }),
    min_size: size('How large it is at least, against a person who stands beside it.').default(1.1),
    max_size: size('And at most; larger things are vehicles.').default(6),
    ...schedule,
    ...coolDown('10 min'),
    ...severity('warning'),
  })
  .refine(({ min_size, max_size }) => min_size < max_size, { path: ['max_size'], message: 'must be larger than min_size' })
  .meta({ description: 'Finds rubbish that was brought and dumped: bags in a heap, furniture; and says who brought it.' });

export type IllegalDumpingConfig = z.output<typeof illegalDumpingConfigSchema>;
