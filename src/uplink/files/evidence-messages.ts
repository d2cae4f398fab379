import type { OutboxTransfer } from '../../domain/outbox.js';
import {
  COMPLETE_SCHEMA,
  type CompleteMessage,
  MANIFEST_SCHEMA,
  type ManifestMessage,
  manifestSchema,
} from '../../domain/wire/evidence.js';
import type { UplinkIdentity } from '../link/topics.js';

/** What is about to come; with `held`, what is there to be asked for. @throws {ZodError} when the outbox holds what no evidence can be. */
export function manifestMessage(
  transfer: OutboxTransfer,
  identity: UplinkIdentity,
  chunkBytes: number,
  chunks: number,
  held = false,
): ManifestMessage {
  return manifestSchema.parse({
    schema: MANIFEST_SCHEMA,
    event: transfer.incidentId,
    evidence: transfer.evidenceId,
    kind: transfer.kind,
    site: identity.site,
    agent: identity.agent,
    camera: transfer.cameraId,
    media_type: transfer.mediaType,
    bytes: transfer.bytes,
    sha256: transfer.sha256,
    chunk_bytes: chunkBytes,
    chunks,
    from: new Date(transfer.fromMs).toISOString(),
    to: new Date(transfer.toMs).toISOString(),
    ...(held ? { held } : {}),
    ...(transfer.record === null ? {} : { record: JSON.parse(transfer.record) }),
  });
}

/** Every chunk has been sent. */
export function completeMessage(transfer: OutboxTransfer, chunks: number): CompleteMessage {
  return {
    schema: COMPLETE_SCHEMA,
    event: transfer.incidentId,
    evidence: transfer.evidenceId,
    bytes: transfer.bytes,
    sha256: transfer.sha256,
    chunks,
  };
}
