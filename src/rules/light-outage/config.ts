import { z } from 'zod';
import { id } from '../../domain/option/schema.js';
import { after, coolDown, head, schedule, severity } from '../common/options.js';

/** Options of the rule `light_outage`. */
export const lightOutageConfigSchema = z
  .strictObject({
    ...head('light_outage'),
    zone: id({ about: 'The head of the lamp, drawn with a little of the sky around it.', refersTo: 'zones' }),
    ...after('How long the lamp must have been out, or flickered.', '60 s', { min: '5 s', max: '1 d' }),
    ...schedule,
    ...coolDown('1 h'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds a street lamp that is out, or flickers, while it is dark and other lamps are lit.' });

export type LightOutageConfig = z.output<typeof lightOutageConfigSchema>;
