import { z } from 'zod';
import { scheduleSchema } from '../../domain/option/schedule.js';
import { duration, flag, id, number, oneOf, text } from '../../domain/option/schema.js';

/** Makers of the options that street rules share, so that each means the same everywhere. */

/** What every rule begins with. */
export const head = <const T extends string>(type: T) => ({
  type: z.literal(type).meta({ description: 'The kind of rule.' }),
  name: id({ about: 'Name of the rule in events; unique within the camera. By default the type.' }).default(type as string),
  enabled: flag({ about: 'Whether the rule runs.' }).default(true),
  sensitivity: oneOf(['low', 'normal', 'high'], {
    about: 'How little may raise the alarm: low where much looks alike, high where nothing may be missed.',
  }).default('normal'),
});

/** The part of the picture that the rule is about. */
export const zone = (about: string) => ({
  zone: id({ about: `${about} null: the whole picture.`, refersTo: 'zones' })
    .nullable()
    .default(null),
});

/** The line that the rule is about. */
export const line = (about: string) => ({ line: id({ about, refersTo: 'lines' }) });

export const schedule = { schedule: scheduleSchema('When the rule works') };

/** Objects that count, by what the model calls them. */
export const labels = (usual: readonly string[], about = 'What counts, by the model’s labels. Without a model whatever moves counts.') => ({
  labels: z
    .array(text({ about: 'A label of the model.', max: 64 }))
    .min(1)
    .max(100)
    .meta({ description: about })
    .default([...usual]),
});

/** How long something must last before it is told. */
export const after = (about: string, usual: string, bounds = { min: '0 s', max: '7 d' }) => ({
  after: duration({ about, ...bounds }).prefault(usual),
});

/** How long the same is not told again. */
export const coolDown = (usual: string) => ({
  cool_down: duration({
    about: 'How long after its end the same place raises no further incident.',
    min: '0 s',
    max: '7 d',
  }).prefault(usual),
});

type Word = 'info' | 'warning' | 'critical';

export const severity = (confirmed: Word, suspected: Word = 'info') => ({
  severity: z
    .strictObject({
      confirmed: oneOf(['info', 'warning', 'critical'], { about: 'Severity of a confirmed incident.' }).default(confirmed),
      suspected: oneOf(['info', 'warning', 'critical'], { about: 'Severity of a suspected incident.' }).default(suspected),
    })
    .prefault({})
    .meta({ description: 'Severity that events carry, by verdict.' }),
});

/** A share of something, 0..1. */
export const share = (about: string) => number({ about, min: 0, max: 1, unit: 'fraction' });

/** Vehicles, as the models' labels have them. */
export const VEHICLES = ['car', 'truck', 'bus', 'motorcycle'] as const;

/**
 * Least score that an object must have come to, by sensitivity: detectors call a shadow a person at 0.3 now and then, and a person in the rain at 0.4.
 * Lower, and false alarms double; higher, and small or dark objects are missed.
 */
export const LEAST_SCORE = { low: 0.55, normal: 0.4, high: 0.25 } as const;
