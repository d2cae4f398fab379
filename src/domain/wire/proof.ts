import { z } from 'zod';
import { evidenceRefSchema } from './event.js';
import { signatureSchema } from './signature.js';

/** What makes tampering visible: the agent's public key, the chain of records, and what the centre refuses. */

const isoUtc = z.iso.datetime({ precision: 3 });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 as 64 lower-case hex digits');
const ulid = evidenceRefSchema.shape.id;

export const KEY_SCHEMA = 'parapet/key/v1';
export const RECORD_SCHEMA = 'parapet/record/v1';
export const REFUSAL_SCHEMA = 'parapet/refusal/v1';

/** `key` (retained): the public key that the agent signs with. */
export const keySchema = z.object({
  schema: z.literal(KEY_SCHEMA),
  alg: z.literal('Ed25519'),
  key: signatureSchema.shape.key,
  fingerprint: z.string().describe('sha256: and the SHA-256 of the key as SubjectPublicKeyInfo (DER), in hex'),
  signature: signatureSchema,
});

/**
 * `records`, and beside each file as `<file>.manifest.json`: one link of the agent's chain. Links are numbered from 1 without
 * gaps, and each holds the hash of the one before it.
 */
export const recordSchema = z.object({
  schema: z.literal(RECORD_SCHEMA),
  chain: ulid.describe('a new one begins only where the agent lost its data'),
  number: z.int().min(1),
  previous: sha256.nullable().describe('SHA-256 of the canonical JSON of the record before, signature included; null in the first'),
  at: isoUtc.describe('when it was recorded, by the agent’s clock'),
  site: z.string(),
  agent: z.string(),
  version: z.string().describe('of the agent'),
  config: sha256.describe('SHA-256 of the canonical JSON of the agent’s resolved config, secrets left out'),
  what: z
    .enum(['evidence', 'removed', 'lost'])
    .describe('evidence: a file was made; removed: by retention; lost: found gone or altered before it was delivered'),
  event: ulid,
  evidence: ulid,
  sha256: sha256.describe('of the file'),
  file: z
    .object({
      name: z.string(),
      camera: z.string(),
      kind: evidenceRefSchema.shape.kind,
      media_type: z.string(),
      bytes: z.int().min(0),
      from: isoUtc,
      to: isoUtc,
      stream_time: z
        .object({ start: z.number(), end: z.number() })
        .nullable()
        .describe('first and last presentation time on the stream’s own clock, seconds; null where it was not noted'),
      redactions: z
        .object({
          black: z.int().min(0).describe('areas that are filled black'),
          windows: z.enum(['none', 'all', 'all_but_origin']).describe('windows of the facade that are shown in blocks'),
          reencoded: z.boolean().describe('false: the camera’s own recording, bit by bit'),
        })
        .nullable()
        .optional()
        .describe('what is hidden in it; null of what is no picture, missing in records of earlier versions'),
    })
    .nullable()
    .describe('what was made; null for what is gone'),
  reason: z.string().nullable().describe('why it is gone; null for what was made'),
  signature: signatureSchema,
});

/** On `ack`: the centre does not take something, and says why. What was sent stays in the agent's outbox. */
export const refusalSchema = z.object({
  schema: z.literal(REFUSAL_SCHEMA),
  key: z.string().min(1).max(200).describe('as in an acknowledgement'),
  sha256: sha256.describe('of the payload that was refused'),
  reason: z.string().max(500),
});

export type KeyMessage = z.infer<typeof keySchema>;
export type ChainRecord = z.infer<typeof recordSchema>;
/** What a record tells, without its place in the chain. */
export type RecordSubject = Pick<ChainRecord, 'what' | 'event' | 'evidence' | 'sha256' | 'file' | 'reason'>;
export type RefusalMessage = z.infer<typeof refusalSchema>;
