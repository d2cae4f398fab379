import { z } from 'zod';
import { after, coolDown, head, labels, schedule, severity, zone } from '../common/options.js';

/** Options of the rule `smoke_fire`. */
export const smokeFireConfigSchema = z
  .strictObject({
    ...head('smoke_fire'),
    ...zone('Where to look.'),
    ...labels(['fire', 'flame', 'smoke']),
    ...after('How long it must have burnt or smoked; half of it for a large fire.', '4 s', { min: '1 s', max: '10 min' }),
    ...schedule,
    ...coolDown('2 min'),
    ...severity('critical', 'warning'),
  })
  .meta({
    description:
      'Finds fire and smoke: confirmed by a model that knows them, suspected by colour and flicker, and by what is seen through smoke.',
  });

export type SmokeFireConfig = z.output<typeof smokeFireConfigSchema>;
