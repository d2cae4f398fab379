import { z } from 'zod';
import { evidenceRefSchema } from './event.js';
import { recordSchema } from './proof.js';
import { signatureSchema } from './signature.js';

/** Evidence transfer: manifest, chunks (raw bytes, no schema), complete; then one message for the whole incident. */

const isoUtc = z.iso.datetime({ precision: 3 });
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 as 64 lower-case hex digits');

export const MANIFEST_SCHEMA = 'parapet/manifest/v1';
export const COMPLETE_SCHEMA = 'parapet/complete/v1';
export const EVIDENCE_COMPLETE_SCHEMA = 'parapet/evidence-complete/v1';

/** `evidence/<event>/<evidence>/manifest`: what is about to come. */
export const manifestSchema = z.object({
  schema: z.literal(MANIFEST_SCHEMA),
  event: z.string(),
  evidence: z.string(),
  kind: evidenceRefSchema.shape.kind,
  site: z.string(),
  agent: z.string(),
  camera: z.string(),
  media_type: z.string(),
  bytes: z.int().min(0),
  sha256,
  chunk_bytes: z.int().min(1).max(262_144).describe('every chunk but the last has this size'),
  chunks: z.int().min(0),
  from: isoUtc,
  to: isoUtc,
  held: z
    .boolean()
    .optional()
    .describe('true: its pieces come only when they are asked for with the command `fetch`, when the hold is lifted, or by another way'),
  record: recordSchema.optional().describe('the signed record of the file in the agent’s chain; missing where the agent does not sign'),
});

/** `evidence/<event>/<evidence>/complete`: every chunk has been sent. */
export const completeSchema = z.object({
  schema: z.literal(COMPLETE_SCHEMA),
  event: z.string(),
  evidence: z.string(),
  bytes: z.int().min(0),
  sha256,
  chunks: z.int().min(0),
});

/** `evidence/<event>/complete`: all evidence of the incident that its `end` announced has been dealt with. */
export const evidenceCompleteSchema = z.object({
  schema: z.literal(EVIDENCE_COMPLETE_SCHEMA),
  event: z.string(),
  camera: z.string(),
  evidence: z.array(evidenceRefSchema),
  failed: z.array(z.object({ id: z.string(), kind: evidenceRefSchema.shape.kind, reason: z.string() })),
  signature: signatureSchema.optional(),
});

export type ManifestMessage = z.infer<typeof manifestSchema>;
export type CompleteMessage = z.infer<typeof completeSchema>;
export type EvidenceCompleteMessage = z.infer<typeof evidenceCompleteSchema>;
