import { z } from 'zod';
import { signatureSchema } from './signature.js';

/** What the centre sends back to an agent: `ack` and `need`. */

export const ACK_SCHEMA = 'parapet/ack/v1';
export const NEED_SCHEMA = 'parapet/need/v1';
export const RESEND_SCHEMA = 'parapet/resend/v1';
export const GONE_SCHEMA = 'parapet/gone/v1';

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

const seq = z.int().min(1);

/** On `need` (inbound), so that a broker's access list needs no further line: the centre lacks these events of a camera. */
export const resendSchema = z.object({
  schema: z.literal(RESEND_SCHEMA),
  camera: z.string().min(1).max(200),
  first: seq.describe('number of the first event that is missing'),
  last: seq.describe('number of the last one; all between are missing too'),
});

/** `gone`: the agent has these events of a camera no more, and nobody need ask for them again. */
export const goneSchema = z.object({
  schema: z.literal(GONE_SCHEMA),
  site: z.string(),
  agent: z.string(),
  camera: z.string().min(1).max(200),
  first: seq.describe('number of the first event that is gone'),
  last: seq.describe('number of the last one; all between are gone too'),
  reason: z.string().max(500),
  at: z.iso.datetime({ precision: 3 }),
  signature: signatureSchema.optional(),
});

export type ResendMessage = z.infer<typeof resendSchema>;
export type GoneMessage = z.infer<typeof goneSchema>;
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
  gone: (camera: string, first: number, last: number): string => `gone/${camera}/${first}-${last}`,
  record: (chain: string, number: number): string => `record/${chain}/${number}`,
} as const;
