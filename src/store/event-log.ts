import { ackKeys, GONE_SCHEMA, type GoneMessage } from '../domain/wire/delivery.js';
import { EVENT_SCHEMA, type EventMessage } from '../domain/wire/event.js';
import type { Sql } from '../platform/database/sqlite.js';
import type { StoreContext } from './incidents.js';
import { queueForCentre } from './messages.js';

/** Events queued at one request, at most: the rest is asked for when these have come. */
const RESEND_AT_ONCE = 1_000;
/** Answers `gone` that wait for the centre, at most: whoever asks for ever new ranges must not fill the disk. What is asked for beyond is answered when these are taken. */
const MAX_GONE_WAITING = 1_000;

/** Keeps an event as it was queued. A number that is given a second time (the counter was lost with the database) names the later one. */
export function logEvent(sql: Sql, event: EventMessage, topic: string, payload: string): void {
  sql.run(
    `INSERT INTO event_log (incident, camera, seq, topic, payload) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (camera, seq) DO UPDATE SET incident = excluded.incident, topic = excluded.topic, payload = excluded.payload`,
    event.id,
    event.camera,
    event.seq,
    topic,
    payload,
  );
}

interface LoggedEvent {
  readonly incident: string;
  readonly seq: number;
  readonly topic: string;
  readonly payload: string;
}

/** See `Outbox.resend`. */
export function resendEvents(
  sql: Sql,
  context: StoreContext,
  camera: string,
  first: number,
  last: number,
): { queued: number; gone: number } {
  const counter = sql.get<{ seq: number }>('SELECT seq FROM camera WHERE id = ?', camera);
  if (counter === undefined || last < first) return { queued: 0, gone: 0 };
  const known = sql.all<LoggedEvent>(
    'SELECT incident, seq, topic, payload FROM event_log WHERE camera = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?',
    camera,
    first,
    last,
    RESEND_AT_ONCE,
  );
  const queued = queueLogged(sql, context, camera, known);
  // Beyond the last of a full page nothing is known yet.
  const until = known.length === RESEND_AT_ONCE ? (known.at(-1)?.seq ?? last) : last;
  const here = new Set([...known.map(({ seq }) => seq), ...waitingNumbers(sql, camera)]);
  let gone = 0;
  for (const [from, to] of missingRanges(here, first, until)) {
    // Numbers beyond the counter are not gone for the same reason as those below it.
    const made = Math.min(to, counter.seq);
    if (from <= made) gone += queueGone(sql, context, { camera, first: from, last: made, reason: 'the incident has been forgotten' });
    if (to > made) {
      const since = Math.max(from, counter.seq + 1);
      gone += queueGone(sql, context, { camera, first: since, last: to, reason: `the agent has counted only to ${counter.seq}` });
    }
  }
  return { queued, gone };
}

/** Queues those of a camera that were told since a number, and do not wait. */
export function queueSince(sql: Sql, context: StoreContext, camera: string, first: number): void {
  const events = sql.all<LoggedEvent>(
    'SELECT incident, seq, topic, payload FROM event_log WHERE camera = ? AND seq >= ? ORDER BY seq',
    camera,
    first,
  );
  queueLogged(sql, context, camera, events);
}

/** @returns how many did not wait already. */
function queueLogged(sql: Sql, context: StoreContext, camera: string, events: readonly LoggedEvent[]): number {
  let queued = 0;
  for (const { incident, seq, topic, payload } of events) {
    const ackKey = ackKeys.event(camera, incident, seq);
    if (isQueued(sql, ackKey)) continue;
    queueForCentre(sql, { topic, payload, schema: EVENT_SCHEMA, ackKey, createdAtMs: context.now() });
    queued++;
  }
  return queued;
}

/** Those that were queued before there was a log, and have not been delivered. */
function waitingNumbers(sql: Sql, camera: string): readonly number[] {
  const start = `event/${camera}/`;
  return sql
    .all<{ key: string }>('SELECT ack_key AS key FROM message WHERE substr(ack_key, 1, ?) = ?', start.length, start)
    .map(({ key }) => Number(key.slice(key.lastIndexOf('/') + 1)));
}

/** @example missingRanges(new Set([3]), 1, 5) // [1, 2], [4, 5] */
function* missingRanges(here: ReadonlySet<number>, first: number, last: number): Generator<readonly [number, number]> {
  let from = first;
  for (const seq of [...here].filter((one) => one >= first && one <= last).sort((a, b) => a - b)) {
    if (seq > from) yield [from, seq - 1];
    from = seq + 1;
  }
  if (from <= last) yield [from, last];
}

function queueGone(sql: Sql, context: StoreContext, of: Pick<GoneMessage, 'camera' | 'first' | 'last' | 'reason'>): number {
  const ackKey = ackKeys.gone(of.camera, of.first, of.last);
  const count = of.last - of.first + 1;
  if (isQueued(sql, ackKey)) return count;
  // In the order of keys, `0` follows `/`.
  const waiting =
    sql.get<{ count: number }>(`SELECT count(*) AS count FROM message WHERE ack_key >= 'gone/' AND ack_key < 'gone0'`)?.count ?? 0;
  if (waiting >= MAX_GONE_WAITING) return 0;
  const plain: GoneMessage = {
    schema: GONE_SCHEMA,
    site: context.site,
    agent: context.agent,
    ...of,
    at: new Date(context.now()).toISOString(),
  };
  const message = context.proof?.signer.sign(plain) ?? plain;
  queueForCentre(sql, { topic: 'gone', payload: JSON.stringify(message), schema: GONE_SCHEMA, ackKey, createdAtMs: context.now() });
  return count;
}

const isQueued = (sql: Sql, ackKey: string): boolean => sql.get('SELECT 1 FROM message WHERE ack_key = ?', ackKey) !== undefined;
