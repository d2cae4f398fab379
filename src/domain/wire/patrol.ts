import { z } from 'zod';
import { caseStateSchema, presences } from './case.js';

export const PATROL_SCHEMA = 'parapet/patrol/v1';

/** `patrols/<camera>/<patrol>` (retained): the latest round of an inspection on a schedule. */
export const patrolSchema = z.object({
  schema: z.literal(PATROL_SCHEMA),
  camera: z.string(),
  patrol: z.string().describe('its name in the config'),
  at: z.iso.datetime({ precision: 3 }),
  picture: z
    .object({ event: z.string(), id: z.string(), bytes: z.int().min(0), sha256: z.string(), at: z.iso.datetime({ precision: 3 }) })
    .nullable()
    .describe('the picture of the round, delivered as evidence under a stand-in for an event; null when there is none'),
  reason: z.string().nullable().describe('why there is no picture, one line for people'),
  incidents: z
    .array(
      z.object({
        event: caseStateSchema.shape.event,
        type: z.string(),
        verdict: z.enum(presences),
        reason: z.string().describe('one line for people'),
      }),
    )
    .describe('open incidents that were looked at again, the oldest first; each has its own picture as evidence'),
  left_out: z
    .int()
    .min(0)
    .describe('open incidents that this round did not come to: the newest of very many, or all where there is no picture'),
});

export type PatrolMessage = z.infer<typeof patrolSchema>;
