import { z } from 'zod';
import { duration, flag, id, number, oneOf } from '../../domain/option/schema.js';

/** Options of the rule `thrown_object`. */
export const thrownObjectConfigSchema = z
  .strictObject({
    type: z.literal('thrown_object').meta({ description: 'The kind of rule.' }),
    name: id({ about: 'Name of the rule in events; unique within the camera. By default the type.' }).default('thrown_object'),
    enabled: flag({ about: 'Whether the rule runs.' }).default(true),
    min_drop_floors: number({
      about: 'Least drop for an alarm on a camera with a facade. Lower values find drops from the first floors and alarm more often.',
      min: 0.5,
      max: 50,
      unit: 'floors',
    }).default(2),
    min_drop: number({
      about: 'Least drop for an alarm on a camera without a facade, as a fraction of the height of the picture.',
      min: 0.02,
      max: 1,
      unit: 'fraction',
    }).default(0.15),
    sensitivity: oneOf(['low', 'normal', 'high'], {
      about: 'How faint an object may be to become a candidate: low for windy or leafy scenes, high for small things far away.',
    }).default('normal'),
    report_suspected: flag({
      about:
        'Whether weaker findings are reported too, with verdict "suspected". Off: only confirmed throws, and heavy falls that are like an earlier false alarm.',
    }).default(true),
    false_alarm_half_life: duration({
      about:
        'Time after which what the centre called a false alarm (`cases/<event>/state`) counts half as much against later findings like it; 0 s: nothing is learnt.',
      min: '0 s',
      max: '365 d',
    }).prefault('14 d'),
    severity: z
      .strictObject({
        confirmed: oneOf(['info', 'warning', 'critical'], { about: 'Severity of a confirmed throw.' }).default('critical'),
        suspected: oneOf(['info', 'warning', 'critical'], { about: 'Severity of a suspected throw.' }).default('info'),
      })
      .prefault({})
      .meta({ description: 'Severity that events carry, by verdict.' }),
    landing_zones: z
      .array(id({ about: 'Name of a zone of this camera.', refersTo: 'zones' }))
      .max(100)
      .meta({ description: 'Zones that may be named as the place where the object landed (`zone` of the event); empty means all.' })
      .default([]),
  })
  .meta({ description: 'Finds objects thrown or falling from a building: where from, where to, how heavy.' });

export type ThrownObjectConfig = z.output<typeof thrownObjectConfigSchema>;
