import { z } from 'zod';
import { duration, id, length, number } from '../../domain/option/schema.js';
import { coolDown, head, labels, schedule, severity, VEHICLES } from '../common/options.js';

const part = (about: string) => number({ about, min: -1, max: 1, unit: 'fraction' });

/** Options of the rule `wrong_way`. */
export const wrongWayConfigSchema = z
  .strictObject({
    ...head('wrong_way'),
    zone: id({ about: 'The lane, or lanes, that go one way.', refersTo: 'zones' }),
    way: id({ about: 'A line that leads the allowed way, from its beginning to its end; null: `flow` says it.', refersTo: 'lines' })
      .nullable()
      .default(null),
    flow: z
      .tuple([part('To the right.'), part('Downwards.')])
      .meta({
        description:
          'The allowed way in the picture, as [right, down]: [0, 1] comes towards the camera. Only its direction counts. null: `way` says it.',
      })
      .nullable()
      .default(null),
    ...labels(['bicycle', ...VEHICLES]),
    distance: length({
      about: 'How far somebody must have gone the wrong way where `ground` gives metres; elsewhere, his own size for every five metres.',
      min: '1 m',
      max: '200 m',
    }).prefault('8 m'),
    after: duration({ about: 'For how long.', min: '0 s', max: '60 s' }).prefault('0.8 s'),
    ...schedule,
    ...coolDown('10 s'),
    ...severity('critical'),
  })
  .superRefine(({ way, flow }, refinement) => {
    if ((way === null) !== (flow === null) && (flow === null || flow[0] !== 0 || flow[1] !== 0)) return;
    refinement.addIssue({
      code: 'custom',
      path: ['way'],
      message: 'say the allowed way by one of `way` and `flow`',
      params: { say: true },
    });
  })
  .meta({ description: 'Finds who drives the wrong way.' });

export type WrongWayConfig = z.output<typeof wrongWayConfigSchema>;
