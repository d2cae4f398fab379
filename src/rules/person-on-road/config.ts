import { z } from 'zod';
import { id } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity } from '../common/options.js';

/** Options of the rule `person_on_road`. */
export const personOnRoadConfigSchema = z
  .strictObject({
    ...head('person_on_road'),
    zone: id({ about: 'The road.', refersTo: 'zones' }),
    except_zones: z
      .array(id({ about: 'A zone.', refersTo: 'zones' }))
      .max(20)
      .meta({ description: 'Where people may be on it: crossings, islands.' })
      .default([]),
    ...labels(['person']),
    ...after('How long somebody must have been seen on the road.', '2 s', { min: '0 s', max: '10 min' }),
    ...schedule,
    ...coolDown('30 s'),
    ...severity('warning'),
  })
  .meta({ description: 'Finds people on foot where traffic flows, beside crossings.' });

export type PersonOnRoadConfig = z.output<typeof personOnRoadConfigSchema>;
