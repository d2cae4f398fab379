import { z } from 'zod';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

/** Options of the rule `fallen_person`. */
export const fallenPersonConfigSchema = z
  .strictObject({
    ...head('fallen_person'),
    ...zone('Where nobody lies down: no lawn, no beach.'),
    ...labels(['person']),
    ...after('How long somebody must have lain still.', '10 s', { min: '1 s', max: '10 min' }),
    ...schedule,
    ...coolDown('1 min'),
    ...severity('critical', 'warning'),
  })
  .meta({ description: 'Finds people who have fallen and lie still.' });

export type FallenPersonConfig = z.output<typeof fallenPersonConfigSchema>;
