import { z } from 'zod';
import { evidenceRefSchema } from './event.js';
import { signatureSchema } from './signature.js';

/** What makes tampering visible: the agent's public key, the chain of records, and what the centre refuses. */

const isoUtc = z.iso.datetime({ precision: 3 });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 as 64 lower-case hex digits');
const ulid = evidenceRefSchema.shape.id;

export const KEY_SCHEMA = 'parapet/key/v1';
export const RECORD_SCHEMA = 'parapet/record/v1';
/** More would make a checkpoint larger than a message may be. */
export const MAX_KEPT_RECORDS = 100;

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
    .enum(['evidence', 'removed', 'lost', 'dropped', 'checkpoint'])
    .describe(
      'evidence: a file was made; removed: by retention; lost: found gone or altered, or given up, before it was delivered; dropped: an event that never reached the disk; checkpoint: the records before it may be gone',
    ),
  event: ulid.describe('of a checkpoint, an id of its own'),
  evidence: ulid.describe('of what is dropped, the event once more; of a checkpoint, its own id'),
  sha256: sha256.describe('of the file; of what is dropped, of the incident; of a checkpoint, of the last record that it closes'),
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
  checkpoint: z
    .object({
      through: z.int().min(1).describe('number of the last record that it closes'),
      evidence: z.int().min(0).describe('files made in the records that are closed, from the first one on'),
      removed: z.int().min(0),
      lost: z.int().min(0),
      dropped: z.int().min(0),
      kept: z
        .array(z.object({ number: z.int().min(1), sha256 }))
        .max(MAX_KEPT_RECORDS)
        .describe('closed records that stay, because their file is still there, with their hashes'),
    })
    .optional()
    .describe('of a checkpoint alone'),
  signature: signatureSchema,
});

/** On `ack`: the centre does not take something, and says why. What was sent stays in the agent's outbox. */
export const refusalSchema = z.object({
  schema: z.literal(REFUSAL_SCHEMA),
  key: z.string().min(1).max(200).describe('as in an acknowledgement'),
  sha256: sha256.describe('of the payload that was refused'),
  reason: z.string().max(500),
});

export const COUNTERSIGN_SCHEMA = 'parapet/countersign/v1';

/** On `ack`, daily: the centre has this agent's chain without a gap up to a record. Whoever shortens the chain later contradicts it. */
export const countersignSchema = z.object({
  schema: z.literal(COUNTERSIGN_SCHEMA),
  site: z.string(),
  agent: z.string(),
  chain: ulid,
  number: z.int().min(1),
  sha256: sha256.describe('of that record'),
  at: isoUtc.describe('when the centre said so, by its clock'),
  signature: signatureSchema.describe('by the key of the centre'),
});

export type CountersignMessage = z.infer<typeof countersignSchema>;
export type KeyMessage = z.infer<typeof keySchema>;
export type ChainRecord = z.infer<typeof recordSchema>;
/** What a record tells, without its place in the chain. */
export type RecordSubject = Pick<ChainRecord, 'what' | 'event' | 'evidence' | 'sha256' | 'file' | 'reason' | 'checkpoint'>;
export type Checkpoint = NonNullable<ChainRecord['checkpoint']>;
export type RefusalMessage = z.infer<typeof refusalSchema>;
