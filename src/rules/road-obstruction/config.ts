import { z } from 'zod';
import { flag, id } from '../../domain/option/schema.js';
import { after, coolDown, head, labels, schedule, severity, share, VEHICLES } from '../common/options.js';

/** Options of the rule `road_obstruction`. */
export const roadObstructionConfigSchema = z
  .strictObject({
    ...head('road_obstruction'),
    zone: id({ about: 'The fire lane, or the road, that must stay free.', refersTo: 'zones' }),
    ...labels([...VEHICLES, 'bicycle']),
    things: flag({ about: 'Whether things without a name block it too: heaps, barriers, furniture.' }).default(true),
    blocks: share('How much of the zone’s width must be covered.').default(0.3),
    ...after('How long it must have been blocked.', '60 s', { min: '5 s', max: '24 h' }),
    ...schedule,
    ...coolDown('10 min'),
    ...severity('critical'),
  })
  .meta({ description: 'Finds fire lanes and roads that something has blocked: vehicles, or whatever else stays there.' });

export type RoadObstructionConfig = z.output<typeof roadObstructionConfigSchema>;
