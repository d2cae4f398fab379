import { z } from 'zod';
import { signatureSchema } from './signature.js';

/** Events: the contract with the outside. Field names are stable; additions are allowed. */

const unit = z.number().min(0).max(1);
const point = z
  .tuple([z.number(), z.number()])
  .describe('[x, y], normalised to 0..1 of the full frame; an extrapolated point may lie outside');
const isoUtc = z.iso.datetime({ precision: 3 }).describe('UTC, ISO 8601 with milliseconds');
const ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'a ULID: 26 characters of Crockford base 32');

export const throwSchema = z.object({
  trajectory: z
    .array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]))
    .describe('[t, x, y, w, h] a point: t in seconds on the stream’s own clock (a file starts at 0); centre and size normalised'),
  origin: z.object({
    point,
    floor: z.int().nullable().describe('floor by its number in the config; null where the camera has no facade'),
    floor_interval: z.tuple([z.int(), z.int()]).nullable().describe('lowest and highest floor that fit, inclusive'),
    unit: z.string().nullable(),
    height_m: z.number().nullable().describe('above the ground line of the facade'),
  }),
  landing: z
    .object({ point, extrapolated: z.boolean() })
    .describe('where it reached the foot of the facade; extrapolated: computed from its path. Without a facade: where it was last seen'),
  fall: z.object({
    drop_m: z.number().nullable(),
    drop_floors: z.number().nullable(),
    duration_s: z.number(),
    impact_speed_mps: z.number().nullable(),
    impact_speed_interval_mps: z
      .tuple([z.number(), z.number()])
      .nullable()
      .optional()
      .describe('lowest and highest speed at impact that fit the terminal speed’s interval and an error of 4 % in the facade’s scale'),
  }),
  mass_class: z.enum(['light', 'medium', 'heavy', 'undetermined']),
  terminal_speed_mps: z
    .tuple([z.number(), z.number().nullable()])
    .nullable()
    .describe('interval of the terminal speed that fits; a null upper end means that no upper limit can be given'),
  path_shape: z.enum(['straight', 'curved']),
  fit: z.object({ model: z.enum(['ballistic', 'drag', 'constant_velocity', 'wandering']), rms_px: z.number() }),
});

export const evidenceRefSchema = z.object({
  id: ulid,
  kind: z.enum(['clip', 'snapshot', 'trail', 'crop', 'track']),
  bytes: z.int().min(0).describe('0 while pending'),
  sha256: z.string().describe('lower-case hex; empty while pending'),
  status: z.enum(['pending', 'sent']),
});

export const EVENT_SCHEMA = 'parapet/event/v1';

export const eventSchema = z.object({
  schema: z.literal(EVENT_SCHEMA),
  id: ulid.describe('the same through new, update and end'),
  seq: z.int().min(1).describe('counts per camera without gaps'),
  phase: z.enum(['new', 'update', 'end']),
  type: z.string(),
  rule: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  verdict: z.enum(['confirmed', 'suspected']),
  confidence: unit,
  site: z.string(),
  agent: z.string(),
  camera: z.string(),
  started_at: isoUtc,
  ended_at: isoUtc.nullable(),
  stream_time: z
    .object({
      start: z.number(),
      end: z.number(),
      told: z.number().optional().describe('the newest picture when this message was made: told − end is the engine’s own delay'),
    })
    .describe('seconds on the stream’s own clock'),
  box: z.tuple([unit, unit, unit, unit]).describe('[x1, y1, x2, y2], normalised'),
  zone: z.string().nullable(),
  labels: z.array(z.string()),
  throw: throwSchema.nullable(),
  reasons: z.array(
    z.object({
      criterion: z.string(),
      value: z.number(),
      threshold: z.number(),
      unit: z.string(),
      event: ulid.optional().describe('an earlier event that this reason refers to'),
    }),
  ),
  evidence: z.array(evidenceRefSchema),
  signature: signatureSchema.optional().describe('missing where the agent does not sign'),
});

export type EventMessage = z.infer<typeof eventSchema>;
