import { z } from 'zod';
import { id } from '../../domain/option/schema.js';
import { after, coolDown, head, schedule, severity } from '../common/options.js';

/** Options of the rule `water_on_road`. */
export const waterOnRoadConfigSchema = z
  .strictObject({
    ...head('water_on_road'),
    zone: id({ about: 'The road.', refersTo: 'zones' }),
    ...after('How long the ground must have stayed dark.', '60 s', { min: '10 s', max: '1 d' }),
    ...schedule,
    ...coolDown('1 h'),
    ...severity('warning'),
  })
  .meta({ description: 'Suspects water that spreads over a road: a patch of ground that darkens bit by bit and stays.' });

export type WaterOnRoadConfig = z.output<typeof waterOnRoadConfigSchema>;
