import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { z } from 'zod';
import { evidenceRefSchema } from '../domain/wire/event.js';
import type { Clock } from '../platform/clock.js';
import { errorMessage } from '../platform/errors.js';
import { parseBoundedJson } from '../platform/input/bounded-json.js';
import { inputProblems } from '../platform/input/input-problems.js';
import type { Logger } from '../platform/logger.js';
import { agentFolder } from './agent-folder.js';
import type { CaseRules } from './cases/case-store.js';
import type { CentreDatabase } from './database/index.js';
import type { Keyring } from './keyring.js';
import { Rejected } from './rejected.js';
import { safeName } from './safe-name.js';

export { Rejected };

/** What the receiver has counted since it began. */
export interface ReceiverCounters {
  /** Events taken in for the first time. */
  events: number;
  /** Events that were there already. */
  duplicates: number;
  /** Messages that were not understood or not believed. */
  rejected: number;
  /** Of the rejected, those whose signature, hash or place in the chain was wrong; their agents were told. */
  refused: number;
  /** Messages that came faster than their sender may send, or of a sender that is not believed, and were not looked into. */
  dropped: number;
  /** Records of chains taken in for the first time. */
  records: number;
  /** Records that were skipped when a later one came; they may have come since. */
  recordGaps: number;
  /** Times that an agent has begun another chain. */
  chainsRestarted: number;
  /** Numbers that were skipped when a later event came; they may have come since. */
  gaps: number;
  /** Of those, how many came after all. */
  gapsFilled: number;
  /** Of those, how many their agent has no more. */
  gapsLost: number;
  /** Requests for events. */
  resends: number;
  evidenceVerified: number;
  /** Files whose hash was wrong and that were asked for again. */
  evidenceMismatched: number;
  /** Files that were given up: nothing more came of them. */
  evidenceExpired: number;
  /** Requests for chunks. */
  needs: number;
}

/** All at nought. */
export function createReceiverCounters(): ReceiverCounters {
  return {
    events: 0,
    duplicates: 0,
    rejected: 0,
    refused: 0,
    dropped: 0,
    records: 0,
    recordGaps: 0,
    chainsRestarted: 0,
    gaps: 0,
    gapsFilled: 0,
    gapsLost: 0,
    resends: 0,
    evidenceVerified: 0,
    evidenceMismatched: 0,
    evidenceExpired: 0,
    needs: 0,
  };
}

/** What the receiver's parts share. */
export interface ReceiverContext {
  readonly dataDir: string;
  /** Of this receiver among those that share a database; the same after a restart. */
  readonly name: string;
  readonly database: CentreDatabase;
  readonly counters: ReceiverCounters;
  readonly keyring: Keyring;
  /** What makes a case of an event. */
  readonly caseRules: CaseRules;
  /** Messages of one agent come over several connections, in any order: what is missing may be in another's hands. */
  readonly unordered: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sends `message` to an agent, below its base topic; lost when the link is. */
  tell(site: string, agent: string, topic: 'ack' | 'need', message: object): void;
}

/** Folder of an event: `<dataDir>/<site>/<agent>/<camera>/<event id>`. */
export function eventFolder(
  context: Pick<ReceiverContext, 'dataDir'>,
  of: { site: string; agent: string; camera: string; event: string },
): string {
  return join(agentFolder(context.dataDir, of.site, of.agent), safeName(of.camera), safeName(of.event));
}

/** @throws {Rejected} when the payload is not JSON in UTF-8, or nested too deep. */
export function parseJson(payload: Uint8Array): unknown {
  try {
    return parseBoundedJson(payload);
  } catch (error) {
    throw new Rejected(`not JSON (${errorMessage(error)})`, { cause: error });
  }
}

/** @throws {Rejected} when the payload is not what the schema says. */
export function parsePayload<T>(schema: z.ZodType<T>, payload: Uint8Array): T {
  return parseValue(schema, parseJson(payload));
}

/** @throws {Rejected} when a value is not what the schema says. */
export function parseValue<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new Rejected(inputProblems(result.error));
  return result.data;
}

/** @throws {Rejected} when a name in the payload is not the one in the topic: an agent speaks only for itself. */
export function expectSame(what: string, inTopic: string, inPayload: string): void {
  if (inTopic !== inPayload)
    throw new Rejected(`${what} is ${inPayload.slice(0, 80)} in the message and ${inTopic.slice(0, 80)} in the topic`);
}

/** @throws {Rejected} when the event is here already and is another camera's: its files must not land elsewhere. */
export async function expectCameraOf(
  context: ReceiverContext,
  of: { site: string; agent: string; event: string; camera: string },
): Promise<void> {
  const { site, agent, event, camera } = of;
  const known = await context.database.read((sql) =>
    sql.get<{ camera: string }>('SELECT camera FROM event WHERE site = ? AND agent = ? AND id = ? LIMIT 1', site, agent, event),
  );
  if (known !== undefined && known.camera !== camera)
    throw new Rejected(`camera is ${camera.slice(0, 80)} in the message, but event ${event} is of ${known.camera}`);
}

/** Ids become file names: only ULIDs are taken. @throws {Rejected} */
export function expectUlid(what: string, id: string): void {
  if (!evidenceRefSchema.shape.id.safeParse(id).success) throw new Rejected(`${what} ${id.slice(0, 40)} is not a ULID`);
}

/** Lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
