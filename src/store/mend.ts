import { incidentOf } from '../domain/event.js';
import { caseStateSchema } from '../domain/wire/case.js';
import { ackKeys } from '../domain/wire/delivery.js';
import { EVENT_SCHEMA, type EventMessage } from '../domain/wire/event.js';
import { RECORD_SCHEMA } from '../domain/wire/proof.js';
import { rowFits } from '../platform/database/row-sums.js';
import type { Sql, SqlValue } from '../platform/database/sqlite.js';
import { checkSignature } from '../platform/proof/index.js';
import { queueSince } from './event-log.js';
import { queueWhenComplete } from './evidence.js';
import { filingOf, isWhole, type RecordRow } from './filing.js';
import { damagedIncident, putIncident, type StoreContext } from './incidents.js';
import { queueRecords } from './records.js';

/** As many messages as may be out and not confirmed: see src/uplink/messages/message-queue.ts. Fewer, and one that was lost among them stays lost. */
const MAX_UNCONFIRMED = 256;

/** A row by its columns. */
export type Row = Readonly<Record<string, SqlValue>>;

/**
 * What a row that is not as it was written must have been, as far as something else vouches for it; `null`: nothing does.
 *
 * @throws {SyntaxError} and errors of SQLite: nothing does, either.
 */
export function mendRow(table: string, row: Row, damaged: Sql, context: StoreContext): Row | null {
  switch (table) {
    // Its number is set by the events: see setNumbers.
    case 'camera':
      return row;
    case 'incident':
      return mendIncident(row, context);
    case 'message':
      return mendMessage(row, damaged, context);
    case 'event_log':
      return mendLogged(row, damaged);
    case 'record':
      return isWhole(row as unknown as RecordRow) ? { ...row, queued: 0 } : null;
    case 'case_state':
      return mendCase(row);
    // Files are found again by their manifests, transfers by their files; what else there is was asked for or set, and can be again.
    default:
      return null;
  }
}

/** An incident without an event to bring it back from is better doubtful than gone: one of its reasons says so. */
function mendIncident(row: Row, context: StoreContext): Row | null {
  const incident = damagedIncident(String(row['json']), context);
  if (incident === null || incident.id !== row['id']) return null;
  return {
    ...{ id: incident.id, camera: incident.cameraId, type: incident.type, phase: incident.phase, complete_queued: 0 },
    ...{ started_at_ms: Math.round(incident.startedAtMs), json: JSON.stringify(incident) },
  };
}

/** Its own signature vouches for it, or another copy. */
function mendMessage(row: Row, damaged: Sql, context: StoreContext): Row | null {
  const own = String(row['payload']);
  const payload = isSigned(own) ? own : twinOf(String(row['ack_key']), damaged);
  const filing = payload === null ? null : filingOf(payload);
  if (filing === null) return null;
  return { id: row['id'] ?? null, payload, ...filing, retain: 0, broker_only: 0, created_at_ms: Math.round(context.now()), attempts: 0 };
}

/** Where else the content of a message is. */
function twinOf(ackKey: string, damaged: Sql): string | null {
  const parts = ackKey.split('/');
  const [what, number] = [parts[0], Number(parts.at(-1))];
  if (what === 'record') return goodText(damaged.get<Row>('SELECT * FROM record WHERE number = ?', number), 'json');
  if (what !== 'event') return null;
  return goodText(damaged.get<Row>('SELECT * FROM event_log WHERE incident = ? AND seq = ?', parts.at(-2) ?? '', number), 'payload');
}

function mendLogged(row: Row, damaged: Sql): Row | null {
  const own = String(row['payload']);
  const ackKey = ackKeys.event(String(row['camera']), String(row['incident']), Number(row['seq']));
  const payload = isSigned(own) ? own : goodText(damaged.get<Row>('SELECT * FROM message WHERE ack_key = ?', ackKey), 'payload');
  if (payload === null) return null;
  const event = JSON.parse(payload) as EventMessage;
  if (event.schema !== EVENT_SCHEMA) return null;
  const topic = filingOf(payload)?.topic ?? null;
  return { id: row['id'] ?? null, incident: event.id, camera: event.camera, seq: event.seq, topic, payload };
}

/** A text of a row that is as it was written, by the row's sum or its own signature. */
function goodText(row: Row | undefined, column: string): string | null {
  const text = row?.[column];
  return row !== undefined && typeof text === 'string' && (rowFits(row) === true || isSigned(text)) ? text : null;
}

/** Evidence of a case that cannot be read stays until the centre says something of it, whatever it says. */
function mendCase(row: Row): Row {
  const state = caseStateSchema.shape.state.safeParse(row['state']);
  return { incident: row['incident'] ?? null, state: state.success ? state.data : 'accepted', at_ms: 0, inspection: null, hold: 1 };
}

/** It is as its agent signed it. */
function isSigned(payload: string): boolean {
  try {
    return checkSignature(JSON.parse(payload)).state === 'good';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Makes incidents that are missing again, from the last of their events. @returns their ids. */
export function bringBackIncidents(fresh: Sql, logged: Iterable<Row>): readonly string[] {
  const last = new Map<string, EventMessage>();
  for (const row of logged) {
    const event = eventIn(String(row['payload']));
    if (event === null || event.seq <= (last.get(event.id)?.seq ?? 0)) continue;
    if (fresh.get('SELECT 1 FROM incident WHERE id = ?', event.id) !== undefined) continue;
    if (goodText(row, 'payload') !== null) last.set(event.id, event);
  }
  for (const event of last.values()) putIncident(fresh, incidentOf(event));
  return [...last.keys()];
}

function eventIn(text: string): EventMessage | null {
  try {
    const message = text === '' ? null : (JSON.parse(text) as Partial<EventMessage> | null);
    return message?.schema === EVENT_SCHEMA ? (message as EventMessage) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Keeps events again that wait, and whose copy for a centre that asks is lost. */
export function logAgain(fresh: Sql): void {
  fresh.run(
    `INSERT OR IGNORE INTO event_log (incident, camera, seq, topic, payload)
     SELECT i.id, json_extract(m.payload, '$.camera'), json_extract(m.payload, '$.seq'), m.topic, m.payload
     FROM message m JOIN incident i ON i.id = json_extract(m.payload, '$.id') WHERE m.schema = ? ORDER BY m.id`,
    EVENT_SCHEMA,
  );
}

/**
 * Queues again what may have been among messages that are lost: whatever was told last, as far back as something may have been unconfirmed. The
 * centre knows what it has by id and number.
 */
export function sendAgain(fresh: Sql, context: StoreContext): void {
  const cameras = fresh.all<{ id: string; first: number }>(
    `SELECT c.id, coalesce(min(json_extract(m.payload, '$.seq')), c.seq + 1) - ? AS first FROM camera c
     LEFT JOIN message m ON m.schema = ? AND json_extract(m.payload, '$.camera') = c.id GROUP BY c.id ORDER BY c.id`,
    MAX_UNCONFIRMED,
    EVENT_SCHEMA,
  );
  for (const { id, first } of cameras) queueSince(fresh, context, id, first);
  fresh.run(
    `UPDATE record SET queued = 0 WHERE number >= coalesce(
       (SELECT min(json_extract(payload, '$.number')) FROM message WHERE schema = ?), (SELECT max(number) + 1 FROM record)) - ?`,
    RECORD_SCHEMA,
    MAX_UNCONFIRMED,
  );
  queueRecords(fresh, context);
}

/** Cameras go on counting behind their last event. @param doubtful those whose number may be any. */
export function setNumbers(fresh: Sql, doubtful: ReadonlySet<string>): void {
  for (const { camera, seq } of fresh.all<{ camera: string; seq: number }>(
    'SELECT camera, max(seq) AS seq FROM event_log GROUP BY camera ORDER BY camera',
  )) {
    fresh.run(
      `INSERT INTO camera (id, seq) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seq = ${doubtful.has(camera) ? 'excluded.seq' : 'max(seq, excluded.seq)'}`,
      camera,
      seq,
    );
  }
}

/** Plans evidence again that events have announced, and of which neither a row nor a record is left: it was never made. */
export function planAgain(fresh: Sql): void {
  fresh.run(
    `INSERT OR IGNORE INTO evidence (id, incident, place, kind, status)
     SELECT json_extract(ref.value, '$.id'), l.incident, ref.key, json_extract(ref.value, '$.kind'), 'planned'
     FROM event_log l JOIN incident i ON i.id = l.incident AND i.complete_queued = 0, json_each(l.payload, '$.evidence') ref
     WHERE NOT EXISTS (SELECT 1 FROM evidence e WHERE e.id = json_extract(ref.value, '$.id'))
       AND NOT EXISTS (SELECT 1 FROM record r WHERE r.evidence = json_extract(ref.value, '$.id'))`,
  );
}

/** Tells the centre once more that evidence is complete, where it may never have been told. @param incidents their ids. */
export function completeAgain(fresh: Sql, context: StoreContext, incidents: readonly string[]): void {
  for (const id of new Set(incidents)) {
    const { rows } = fresh.get<{ rows: number }>('SELECT count(*) AS rows FROM evidence WHERE incident = ?', id) ?? { rows: 0 };
    if (rows === 0) continue;
    if (fresh.get('SELECT 1 FROM message WHERE ack_key = ?', ackKeys.evidenceComplete(id)) !== undefined) continue;
    fresh.run('UPDATE incident SET complete_queued = 0 WHERE id = ?', id);
    queueWhenComplete(fresh, context, id);
  }
}
