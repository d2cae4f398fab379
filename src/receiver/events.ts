import { ACK_SCHEMA, ackKeys } from '../domain/wire/delivery.js';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';
import { canonicalJson } from '../platform/proof/index.js';
import { caseOfEvent } from './cases/centre-cases.js';
import { eventFolder, expectSame, parseJson, parseValue, type ReceiverContext, Rejected, sha256Of } from './context.js';
import type { CentreSql } from './database/index.js';
import { createEventFiles, type EventRow, noEventFiles } from './event-files.js';
import { fillGap, noteSeq, type Place } from './gaps.js';
import type { ReceivedTopic } from './topics.js';

export interface ReceivedEvent {
  readonly event: EventMessage;
  /** Absolute; the evidence files lie in it, and with SQLite `event.json`. */
  readonly folder: string;
}

export interface EventSink {
  /** Puts the journal right after a crash. Call it once before the first event. */
  reconcile(): Promise<void>;
  /** @throws {Rejected} */
  take(topic: Extract<ReceivedTopic, { kind: 'event' }>, payload: Uint8Array): Promise<void>;
}

/** An event that waits for its transaction. */
interface Waiting {
  readonly event: EventMessage;
  readonly text: string;
  readonly sha256: string;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: unknown) => void;
}

interface Stored {
  readonly fresh: boolean;
  readonly row: EventRow;
  readonly place: Place | null;
}

/** Largest event that is taken, bytes: a trajectory of 10,000 points. */
const MAX_EVENT_BYTES = 1024 * 1024;
/** Events in one transaction, at most: enough for all connections of a receiver, few enough to be on the disk within 20 ms. */
const MAX_BATCH = 64;

/**
 * Events: deduplicated in the database, their cases opened in the same transaction. What comes while one transaction is being
 * committed goes into the next: one sync of the disk for all of it. An event is acknowledged after its row is on the disk.
 */
export function createEventSink(context: ReceiverContext, onEvent: (received: ReceivedEvent) => void): EventSink {
  const { database, counters, clock, logger } = context;
  const files = database.shared ? noEventFiles : createEventFiles(context);
  const waiting: Waiting[] = [];
  let storing = false;

  async function take(topic: Extract<ReceivedTopic, { kind: 'event' }>, payload: Uint8Array): Promise<void> {
    if (payload.length > MAX_EVENT_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_EVENT_BYTES}`);
    const raw = parseJson(payload);
    const event = parseValue(eventSchema, raw);
    for (const what of ['site', 'agent', 'camera', 'type'] as const) expectSame(what, topic[what], event[what]);
    const sha256 = sha256Of(payload);
    const key = ackKeys.event(event.camera, event.id, event.seq);
    await context.keyring.expectSigned({ site: event.site, agent: event.agent, ackKey: key, sha256 }, raw);
    // One line: a sender may have laid its JSON out over several. Fields that this version does not know stay.
    const text = JSON.stringify(raw);
    const { fresh, row, place } = await new Promise<Stored>((resolve, reject) => {
      waiting.push({ event, text, sha256, resolve, reject });
      if (!storing) void storeWaiting();
    });
    const same = row.sha256 === sha256 || sameButSigned(row.payload, raw);
    if (fresh) {
      counters.events++;
      onEvent({ event, folder: eventFolder(context, { ...event, event: event.id }) });
    } else {
      counters.duplicates++;
      if (!same) {
        const line = { event: 'event-conflict', site: event.site, agent: event.agent, camera: event.camera, id: event.id, seq: event.seq };
        logger.warn(line, `event ${event.id} number ${event.seq} came again with other content: the first one stays`);
      }
    }
    if (place !== null) report(event, place);
    context.tell(event.site, event.agent, 'ack', { schema: ACK_SCHEMA, key, sha256: same ? sha256 : row.sha256 });
  }

  async function storeWaiting(): Promise<void> {
    storing = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      try {
        const stored = await store(batch);
        for (const [index, { resolve }] of batch.entries()) resolve(stored[index] as Stored);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    storing = false;
  }

  /** Each is stored or known already, in the order of the batch. */
  async function store(batch: readonly Waiting[]): Promise<readonly Stored[]> {
    await files.catchUp();
    // One order for all receivers, so that no two of them wait for each other's cameras.
    const ordered = [...batch].sort((a, b) => compare(placeOf(a.event), placeOf(b.event)) || a.event.seq - b.event.seq);
    const stored = await database.write(async (sql) => {
      const done = new Map<Waiting, Stored>();
      for (const one of ordered) done.set(one, await insert(sql, one));
      const [first] = [...done.values()].filter(({ fresh }) => fresh);
      if (first !== undefined) await files.mark(sql, first.row.position);
      return done;
    });
    await files.add([...stored.values()].filter(({ fresh }) => fresh).map(({ row }) => row));
    return batch.map((one) => stored.get(one) as Stored);
  }

  async function insert(sql: CentreSql, { event, text, sha256 }: Waiting): Promise<Stored> {
    const { site, agent, camera, id, seq } = event;
    const nowMs = Math.round(clock.now());
    const made = await sql.get<{ position: number }>(
      `INSERT INTO event (site, agent, camera, id, seq, payload, sha256, received_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING RETURNING position`,
      site,
      agent,
      camera,
      id,
      seq,
      text,
      sha256,
      nowMs,
    );
    if (made !== undefined) {
      const place = await noteSeq(sql, event, id, nowMs);
      await caseOfEvent(sql, context.caseRules, event, text, nowMs);
      return { fresh: true, row: { position: made.position, site, agent, camera, id, seq, payload: text, sha256 }, place };
    }
    const row = await sql.get<EventRow>(
      'SELECT * FROM event WHERE site = ? AND agent = ? AND camera = ? AND id = ? AND seq = ?',
      site,
      agent,
      camera,
      id,
      seq,
    );
    if (row === undefined) throw new TypeError(`event ${id} number ${seq} is neither new nor there`);
    // A number that is here cannot be missing: an agent that counts anew may have made it look so.
    const filled = await fillGap(sql, event, nowMs);
    return { fresh: false, row, place: filled ? { kind: 'filled' } : null };
  }

  function report({ site, agent, camera, seq }: EventMessage, place: Place): void {
    const line = { site, agent, camera, seq };
    const name = `${site}/${agent}/${camera}`;
    if (place.kind === 'skipped') {
      counters.gaps += place.skipped;
      logger.info(
        { event: 'event-gap', ...line, skipped: place.skipped },
        `${name}: ${place.skipped} events before number ${seq} have not come yet`,
      );
    } else if (place.kind === 'filled') counters.gapsFilled++;
    else if (place.kind === 'late') logger.info({ event: 'event-late', ...line }, `${name}: number ${seq} came late`);
    else if (place.kind === 'restarted') {
      const message = `${name} counts from 1 again, after number ${place.highest}: its agent has lost its data, or somebody wants it to look so`;
      logger.error({ event: 'numbering-restarted', ...line, highest: place.highest }, message);
    }
  }

  return { reconcile: files.reconcile, take };
}

const placeOf = ({ site, agent, camera }: EventMessage): string => `${site}/${agent}/${camera}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** An agent that has got its key meanwhile signs what it had sent before: the event is the same. */
function sameButSigned(kept: string, raw: unknown): boolean {
  const { signature: _, ...before } = JSON.parse(kept) as Record<string, unknown>;
  const { signature, ...now } = raw as Record<string, unknown>;
  return signature !== undefined && canonicalJson(before) === canonicalJson(now);
}
