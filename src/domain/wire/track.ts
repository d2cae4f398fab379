import { z } from 'zod';
import { throwSchema } from './event.js';

/** The track file (`track.json`): the measured path of a thrown object and everything that was concluded from it. */

export const TRACK_SCHEMA = 'parapet/track/v1';

const isoUtc = z.iso.datetime({ precision: 3 });
const quadruple = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export const trackSchema = z.object({
  schema: z.literal(TRACK_SCHEMA),
  event: z.string(),
  camera: z.string(),
  type: z.string(),
  rule: z.string(),
  verdict: z.enum(['confirmed', 'suspected']),
  confidence: z.number().min(0).max(1),
  started_at: isoUtc,
  ended_at: isoUtc.nullable(),
  stream_time: z.object({ start: z.number(), end: z.number() }),
  picture: z.object({ width: z.int(), height: z.int() }).describe('size in pixels of the pictures that px refers to'),
  positions: z.array(
    z.object({
      t: z.number().describe('seconds on the stream’s own clock'),
      at: isoUtc,
      px: quadruple.describe('[x, y, w, h]: centre and size in pixels'),
      normalised: quadruple.describe('[x, y, w, h]: centre and size in 0..1 of the full frame'),
    }),
  ),
  facade: z
    .object({
      corners: z
        .array(z.tuple([z.number(), z.number()]))
        .length(4)
        .describe('top-left, top-right, bottom-right, bottom-left, normalised'),
      floors: z.object({ first: z.int(), last: z.int(), height_m: z.number() }),
      units: z.array(z.string()),
      width_m: z.number().nullable(),
    })
    .nullable()
    .describe('the calibration that floors and metres rest on; null where none is drawn'),
  conclusions: throwSchema.omit({ trajectory: true }),
  reasons: z.array(
    z.object({ criterion: z.string(), value: z.number(), threshold: z.number(), unit: z.string(), event: z.string().optional() }),
  ),
});

export type TrackFile = z.infer<typeof trackSchema>;
