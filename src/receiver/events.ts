import { closeSync, fsyncSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ACK_SCHEMA, ackKeys } from '../domain/wire/delivery.js';
import { type EventMessage, eventSchema } from '../domain/wire/event.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { writeFileDurably } from '../platform/durable-file.js';
import type { Sql } from '../platform/sqlite.js';
import { caseOfEvent } from './cases/sqlite-cases.js';
import { eventFolder, expectSame, parseJson, parsePayload, type ReceiverContext, Rejected, sha256Of } from './context.js';
import type { ReceivedTopic } from './topics.js';

export interface ReceivedEvent {
  readonly event: EventMessage;
  /** Absolute; `event.json` and the evidence files lie in it. */
  readonly folder: string;
}

export interface EventSink {
  /** Puts the journal right after a crash. Call it once before the first event. */
  reconcile(): Promise<void>;
  /** @throws {Rejected} */
  take(topic: Extract<ReceivedTopic, { kind: 'event' }>, payload: Uint8Array): Promise<void>;
}

interface EventRow {
  readonly position: number;
  readonly site: string;
  readonly agent: string;
  readonly camera: string;
  readonly id: string;
  readonly seq: number;
  readonly payload: string;
  readonly sha256: string;
}

/** Largest event that is taken, bytes: a trajectory of 10,000 points. */
const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Events: deduplicated in the index, one folder each with the latest phase, one line each in `events.jsonl`.
 *
 * An event is acknowledged after its row is on the disk. The line in the journal is written after that; the row knows how
 * long the journal was before, so that a crash in between leaves neither a missing line nor a second one.
 */
export function createEventSink(context: ReceiverContext, onEvent: (received: ReceivedEvent) => void): EventSink {
  const { database, counters, clock, logger } = context;
  const journalPath = join(context.dataDir, 'events.jsonl');
  /** A line or file could not be written (a full disk, mostly): they are put right before the next event. */
  let behind = false;

  async function reconcile(): Promise<void> {
    await mkdir(context.dataDir, { recursive: true });
    const marker = database.read((sql) =>
      sql.get<{ position: number; bytes_before: number }>('SELECT position, bytes_before FROM journal'),
    );
    if (marker === undefined) return;
    // A shorter file has been rotated away: the lines go to the new one.
    if (journalBytes() > marker.bytes_before) truncateSync(journalPath, marker.bytes_before);
    const rows = database.read((sql) => sql.all<EventRow>('SELECT * FROM event WHERE position >= ? ORDER BY position', marker.position));
    for (const row of rows) {
      appendLine(row.payload);
      await writeLatest(row);
    }
    behind = false;
  }

  async function take(topic: Extract<ReceivedTopic, { kind: 'event' }>, payload: Uint8Array): Promise<void> {
    if (payload.length > MAX_EVENT_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_EVENT_BYTES}`);
    const event = parsePayload(eventSchema, payload);
    for (const what of ['site', 'agent', 'camera', 'type'] as const) expectSame(what, topic[what], event[what]);
    const sha256 = sha256Of(payload);
    const key = ackKeys.event(event.camera, event.id, event.seq);
    const raw = parseJson(payload);
    await context.keyring.expectSigned({ site: event.site, agent: event.agent, ackKey: key, sha256 }, raw);
    if (behind) await reconcile();
    // One line: a sender may have laid its JSON out over several. Fields that this version does not know stay.
    const text = JSON.stringify(raw);
    const { fresh, row } = database.write((sql) => insert(sql, event, text, sha256));
    const same = row.sha256 === sha256 || sameButSigned(row.payload, raw);
    if (fresh) {
      counters.events++;
      behind = true;
      appendLine(text);
      await writeLatest(row);
      behind = false;
      onEvent({ event, folder: folderOf(row) });
    } else {
      counters.duplicates++;
      if (!same) {
        const line = { event: 'event-conflict', site: event.site, agent: event.agent, camera: event.camera, id: event.id, seq: event.seq };
        logger.warn(line, `event ${event.id} number ${event.seq} came again with other content: the first one stays`);
      }
    }
    context.tell(event.site, event.agent, 'ack', { schema: ACK_SCHEMA, key, sha256: same ? sha256 : row.sha256 });
  }

  function insert(sql: Sql, event: EventMessage, text: string, sha256: string): { fresh: boolean; row: EventRow } {
    const { site, agent, camera, id, seq } = event;
    const highest = sql.get<{ seq: number | null }>(
      'SELECT max(seq) AS seq FROM event WHERE site = ? AND agent = ? AND camera = ?',
      site,
      agent,
      camera,
    );
    const { changes, lastId } = sql.run(
      'INSERT OR IGNORE INTO event (site, agent, camera, id, seq, payload, sha256, received_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      site,
      agent,
      camera,
      id,
      seq,
      text,
      sha256,
      clock.now(),
    );
    if (changes === 0) {
      const row = sql.get<EventRow>(
        'SELECT * FROM event WHERE site = ? AND agent = ? AND camera = ? AND id = ? AND seq = ?',
        site,
        agent,
        camera,
        id,
        seq,
      );
      if (row === undefined) throw new TypeError(`event ${id} number ${seq} is neither new nor there`);
      return { fresh: false, row };
    }
    sql.run(
      `INSERT INTO journal (one, position, bytes_before) VALUES (1, ?, ?)
       ON CONFLICT (one) DO UPDATE SET position = excluded.position, bytes_before = excluded.bytes_before`,
      lastId,
      journalBytes(),
    );
    noteGap(event, highest?.seq ?? null);
    caseOfEvent(sql, context.caseRules, event, text, clock.now());
    return { fresh: true, row: { position: lastId, site, agent, camera, id, seq, payload: text, sha256 } };
  }

  /** The first event ever seen of a camera sets where counting begins: a receiver may come later than its agents. */
  function noteGap(event: EventMessage, highest: number | null): void {
    if (highest === null) return;
    const { site, agent, camera, seq } = event;
    const skipped = seq - highest - 1;
    const line = { site, agent, camera, seq };
    if (skipped > 0) {
      counters.gaps += skipped;
      logger.warn(
        { event: 'event-gap', ...line, skipped },
        `${site}/${agent}/${camera}: ${skipped} events before number ${seq} have not come yet`,
      );
    } else if (skipped < 0) {
      logger.info({ event: 'event-late', ...line }, `${site}/${agent}/${camera}: number ${seq} came after number ${highest}`);
    }
  }

  function journalBytes(): number {
    return statSync(journalPath, { throwIfNoEntry: false })?.size ?? 0;
  }

  function appendLine(text: string): void {
    const file = openSync(journalPath, 'a', 0o640);
    try {
      writeSync(file, `${text}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** `event.json` holds the highest number that has come, whatever the order. */
  async function writeLatest(row: EventRow): Promise<void> {
    const latest = database.read((sql) =>
      sql.get<{ payload: string }>(
        'SELECT payload FROM event WHERE site = ? AND agent = ? AND camera = ? AND id = ? ORDER BY seq DESC LIMIT 1',
        row.site,
        row.agent,
        row.camera,
        row.id,
      ),
    );
    await writeFileDurably(join(folderOf(row), 'event.json'), `${JSON.stringify(JSON.parse(latest?.payload ?? row.payload), null, 2)}\n`);
  }

  function folderOf(row: EventRow): string {
    return eventFolder(context, { ...row, event: row.id });
  }

  return { reconcile, take };
}

/** An agent that has got its key meanwhile signs what it had sent before: the event is the same. */
function sameButSigned(kept: string, raw: unknown): boolean {
  const { signature: _, ...before } = JSON.parse(kept) as Record<string, unknown>;
  const { signature, ...now } = raw as Record<string, unknown>;
  return signature !== undefined && canonicalJson(before) === canonicalJson(now);
}
