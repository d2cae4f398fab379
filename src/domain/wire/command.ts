import { z } from 'zod';

/** Answers to `cmd/<name>`, sent to the MQTT 5 response topic with its correlation data, or to `reply` when none was named. */

export const REPLY_SCHEMA = 'parapet/reply/v1';

export const replySchema = z.object({
  schema: z.literal(REPLY_SCHEMA),
  command: z.string(),
  ok: z.boolean(),
  at: z.iso.datetime({ precision: 3 }),
  error: z.string().nullable().describe('why it was not done; null when it was'),
  result: z.record(z.string(), z.unknown()).nullable(),
});

export type ReplyMessage = z.infer<typeof replySchema>;
