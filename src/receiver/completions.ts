import { join } from 'node:path';
import { ACK_SCHEMA, ackKeys } from '../domain/wire/delivery.js';
import { type EvidenceCompleteMessage, evidenceCompleteSchema } from '../domain/wire/evidence.js';
import { writeFileDurably } from '../platform/disk/durable-file.js';
import {
  eventFolder,
  expectCameraOf,
  expectSame,
  expectUlid,
  parseJson,
  parsePayload,
  type ReceiverContext,
  Rejected,
  sha256Of,
} from './context.js';
import type { ReceivedTopic } from './topics.js';

export interface ReceivedCompletion {
  readonly site: string;
  readonly agent: string;
  readonly message: EvidenceCompleteMessage;
  /** Absolute. */
  readonly folder: string;
}

/** Largest one that is taken, bytes: 1,000 pieces of evidence. */
const MAX_COMPLETION_BYTES = 256 * 1024;

/**
 * Takes "all evidence of the incident has been dealt with": `evidence.json` in the event's folder.
 *
 * @throws {Rejected}
 */
export async function takeCompletion(
  context: ReceiverContext,
  topic: Extract<ReceivedTopic, { kind: 'completion' }>,
  payload: Uint8Array,
  onComplete: (received: ReceivedCompletion) => void,
): Promise<void> {
  if (payload.length > MAX_COMPLETION_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_COMPLETION_BYTES}`);
  const message = parsePayload(evidenceCompleteSchema, payload);
  expectSame('event', topic.event, message.event);
  expectUlid('event', message.event);
  const { site, agent } = topic;
  await expectCameraOf(context, { site, agent, event: message.event, camera: message.camera });
  const sha256 = sha256Of(payload);
  const key = ackKeys.evidenceComplete(message.event);
  await context.keyring.expectSigned({ site, agent, ackKey: key, sha256 }, parseJson(payload));
  const folder = eventFolder(context, { site, agent, camera: message.camera, event: message.event });
  const changes = await context.database.write(async (sql) => {
    // A repeat may be in another receiver's hands: the file has one writer at a time.
    await sql.lock('completion', site, agent, message.event);
    await writeFileDurably(join(folder, 'evidence.json'), `${JSON.stringify(message, null, 2)}\n`);
    return sql.run(
      'INSERT INTO completion (site, agent, event, payload) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      site,
      agent,
      message.event,
      JSON.stringify(message),
    );
  });
  if (changes === 1) onComplete({ site, agent, message, folder });
  context.tell(site, agent, 'ack', { schema: ACK_SCHEMA, key, sha256 });
}
