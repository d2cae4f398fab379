import { z } from 'zod';

export const UPLOAD_SCHEMA = 'parapet/upload/v1';

/** `uploads/<evidence>`: how a file that the centre has given a URL for gets on. The latest counts; a missed one costs nothing. */
export const uploadSchema = z.object({
  schema: z.literal(UPLOAD_SCHEMA),
  event: z.string(),
  evidence: z.string(),
  state: z
    .enum(['sending', 'waiting', 'sent', 'failed'])
    .describe('waiting: it failed for now and is tried again; failed: never again, what the centre lacks comes over MQTT'),
  bytes: z.int().min(0),
  sent_bytes: z.int().min(0).describe('of this try'),
  attempts: z.int().min(1),
  http_status: z.int().nullable().describe('what the host answered; null when it did not'),
  reason: z.string().nullable().describe('why it waits or failed, one line'),
  at: z.iso.datetime({ precision: 3 }),
});

export type UploadMessage = z.infer<typeof uploadSchema>;
