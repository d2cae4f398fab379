import { z } from 'zod';

/** What the reference centre has, lacks and has lost, as it tells it over HTTP. */

export const CENTRE_STATUS_SCHEMA = 'parapet/centre-status/v1';

const count = z.int().min(0);
const stretch = {
  site: z.string(),
  agent: z.string(),
  camera: z.string(),
  first_seq: z.int().min(1),
  last_seq: z.int().min(1).describe('included'),
};
const isoUtc = z.iso.datetime({ precision: 3 });

export const centreStatusSchema = z.object({
  schema: z.literal(CENTRE_STATUS_SCHEMA),
  cameras: count.describe('that have sent an event'),
  skipped: count.describe('numbers that were skipped when a later event came, since the beginning'),
  filled: count.describe('of those, how many came after all'),
  lost: count.describe('of those, how many their agents have no more'),
  missing: count.describe('of those, how many are missing now'),
  gaps: z
    .array(z.object({ ...stretch, since: isoUtc, asks: count.describe('how often the agent was asked for them') }))
    .describe('what is missing now, oldest first; at most 1,000 stretches'),
  lost_events: z
    .array(z.object({ ...stretch, at: isoUtc, reason: z.string() }))
    .describe('what is lost, latest first; at most 1,000 stretches'),
  evidence_under_way: count.describe('files whose pieces are still to come'),
});

export type CentreStatusMessage = z.infer<typeof centreStatusSchema>;
