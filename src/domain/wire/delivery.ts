import { z } from 'zod';

/** What the centre sends back to an agent: `ack` and `need`. */

export const ACK_SCHEMA = 'parapet/ack/v1';
export const NEED_SCHEMA = 'parapet/need/v1';

/**
 * `ack` (inbound): the centre has durably committed what `key` names. Keys are built by {@link ackKeys}.
 * `sha256` is that of the payload bytes (a message) or of the whole file (evidence), so that a wrong acknowledgement
 * cannot delete a row.
 */
export const ackSchema = z.object({
  schema: z.literal(ACK_SCHEMA),
  key: z.string().min(1).max(200),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** `need` (inbound): the centre lacks these chunks of a piece of evidence; an empty list means all, manifest included. */
export const needSchema = z.object({
  schema: z.literal(NEED_SCHEMA),
  event: z.string(),
  evidence: z.string(),
  chunks: z.array(z.int().min(0)).max(10_000),
});

export type AckMessage = z.infer<typeof ackSchema>;
export type NeedMessage = z.infer<typeof needSchema>;

/**
 * Names of what can be acknowledged.
 *
 * @example ackKeys.event('tower', '01J…', 412) // 'event/tower/01J…/412'
 */
export const ackKeys = {
  event: (camera: string, id: string, seq: number): string => `event/${camera}/${id}/${seq}`,
  evidence: (evidence: string): string => `evidence/${evidence}`,
  evidenceComplete: (event: string): string => `evidence-complete/${event}`,
  record: (chain: string, number: number): string => `record/${chain}/${number}`,
} as const;
