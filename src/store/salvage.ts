import { createHash } from 'node:crypto';
import { ackKeys } from '../domain/wire/delivery.js';
import { EVENT_SCHEMA } from '../domain/wire/event.js';
import { EVIDENCE_COMPLETE_SCHEMA } from '../domain/wire/evidence.js';
import { RECORD_SCHEMA } from '../domain/wire/proof.js';
import { errorMessage } from '../platform/errors.js';
import type { Sql, SqlValue } from '../platform/sqlite.js';

/** Parents before children, so that no row refers to one that is not there. */
const tables = {
  camera: ['id', 'seq'],
  incident: ['id', 'camera', 'type', 'phase', 'started_at_ms', 'json', 'complete_queued'],
  evidence: ['id', 'incident', 'place', 'kind', 'status', 'path', 'media_type', 'bytes', 'sha256', 'from_ms', 'to_ms', 'reason'],
  message: ['id', 'topic', 'payload', 'schema', 'ack_key', 'retain', 'broker_only', 'created_at_ms', 'attempts'],
  transfer: ['place', 'evidence', 'next_chunk', 'chunk_bytes', 'created_at_ms', 'attempts', 'announced_at_ms', 'wanted_at_ms'],
  upload: ['evidence', 'json', 'given_at_ms', 'expires_at_ms', 'attempts', 'next_at_ms'],
  lesson: ['incident', 'camera', 'outcome', 'strength', 'learnt_at_ms', 'json'],
  record: ['number', 'chain', 'what', 'evidence', 'sha256', 'json', 'queued'],
  fall_scale: ['incident', 'camera', 'facade', 'seen_at_ms', 'log_ratio', 'sigma'],
  case_state: ['incident', 'state', 'at_ms', 'inspection', 'hold'],
  event_log: ['id', 'incident', 'camera', 'seq', 'topic', 'payload'],
  rule_memory: ['id', 'camera', 'rule', 'kept_at_ms', 'json'],
  rule_count: ['id', 'camera', 'rule', 'kept_at_ms', 'json'],
  rule_setting: ['camera', 'rule', 'enabled', 'sensitivity'],
  nonce: ['nonce', 'taken_at_ms'],
  countersignature: ['number', 'at_ms', 'json'],
} as const;

/** Columns that hold JSON: a row with a broken one is left behind. */
const jsonColumns: ReadonlySet<string> = new Set(['json', 'payload', 'inspection']);

/**
 * What a flipped bit leaves in a row that SQLite can still read: JSON that is none, a message under another name than its content says, a record
 * that is not what its hash says.
 *
 * Cost: 0.4 s for 100,000 records.
 */
export function checkRows(sql: Sql): string | null {
  for (const [table, columns] of Object.entries(tables)) {
    for (const column of columns) {
      if (!jsonColumns.has(column)) continue;
      // An empty payload clears a topic.
      const broken = `SELECT 1 FROM ${table} WHERE ${column} IS NOT NULL AND ${column} <> '' AND NOT json_valid(${column}) LIMIT 1`;
      if (sql.get(broken) !== undefined) return `a row of ${table} holds no JSON`;
    }
  }
  for (let after = 0; ; ) {
    const messages = sql.all<MessageRow>(
      'SELECT id, topic, payload, schema, ack_key FROM message WHERE id > ? ORDER BY id LIMIT 1000',
      after,
    );
    const wrong = messages.find((row) => !isFiledRight(row));
    if (wrong !== undefined) return `message ${wrong.id} is under another name than its content says`;
    const last = messages.at(-1);
    if (last === undefined) break;
    after = last.id;
  }
  for (let after = 0; ; ) {
    const records = sql.all<RecordRow>(
      'SELECT number, chain, what, evidence, sha256, json FROM record WHERE number > ? ORDER BY number LIMIT 1000',
      after,
    );
    const wrong = records.find((row) => !isWhole(row));
    if (wrong !== undefined) return `record ${wrong.number} is not what its hash says`;
    const last = records.at(-1);
    if (last === undefined) return null;
    after = last.number;
  }
}

interface RecordRow {
  readonly number: number;
  readonly chain: string;
  readonly what: string;
  readonly evidence: string;
  readonly sha256: string;
  readonly json: string;
}

/** It is what its hash says, and goes by what it says. */
function isWhole(row: RecordRow): boolean {
  if (createHash('sha256').update(row.json).digest('hex') !== row.sha256) return false;
  const { number, chain, what, evidence } = JSON.parse(row.json) as Omit<RecordRow, 'json' | 'sha256'>;
  return number === row.number && chain === row.chain && what === row.what && evidence === row.evidence;
}

interface MessageRow extends Filing {
  readonly id: number;
  readonly payload: string;
}

/** What a message goes by. */
interface Filing {
  readonly topic: string;
  readonly schema: string;
  readonly ack_key: string;
}

/** What an own message's content says that it goes by; `null` for what is another format's. */
function filingOf(payload: string): Filing | null {
  const parsed: unknown = payload === '' ? null : JSON.parse(payload);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { schema, ...said } = parsed as Record<string, string> & { seq: number; number: number };
  if (schema === EVENT_SCHEMA) {
    const { camera = '', type = '', id = '', seq } = said;
    return { schema, topic: `events/${camera}/${type}`, ack_key: ackKeys.event(camera, id, seq) };
  }
  if (schema === RECORD_SCHEMA) return { schema, topic: 'records', ack_key: ackKeys.record(said['chain'] ?? '', said.number) };
  if (schema !== EVIDENCE_COMPLETE_SCHEMA) return null;
  const { event = '' } = said;
  return { schema, topic: `evidence/${event}/complete`, ack_key: ackKeys.evidenceComplete(event) };
}

function isFiledRight({ payload, topic, schema, ack_key }: MessageRow): boolean {
  const filing = filingOf(payload);
  return filing === null || (filing.topic === topic && filing.schema === schema && filing.ack_key === ack_key);
}

/**
 * Saves from a damaged database what can still be read, row by row: above all the cameras' numbers, so that the receiver
 * sees a gap and not a second beginning, and what has not been delivered yet. Returns the rows saved by table, and the
 * troubles met.
 */
export function salvageStore(damaged: Sql, fresh: Sql): Record<string, number> & { readonly troubles: number } {
  const saved: Record<string, number> & { troubles: number } = { troubles: 0 };
  for (const [table, columns] of Object.entries(tables)) {
    saved[table] = 0;
    const key = columns[0];
    // In short steps by key: a damaged page costs the rows behind it, not those read before.
    let after: SqlValue | null = null;
    for (;;) {
      const row: Record<string, SqlValue> | null | undefined = readNext(damaged, table, key, after);
      if (row === null) saved.troubles++;
      if (row === null || row === undefined) break;
      after = row[key] ?? null;
      if (after === null) break;
      if (copyRow(fresh, table, columns, row)) saved[table]++;
      else saved.troubles++;
    }
  }
  return saved;
}

/** The row after `after` by key, `undefined` at the end, `null` when it cannot be read. */
function readNext(damaged: Sql, table: string, key: string, after: SqlValue): Record<string, SqlValue> | null | undefined {
  try {
    const next = `ORDER BY ${key} LIMIT 1`;
    return after === null
      ? damaged.get<Record<string, SqlValue>>(`SELECT * FROM ${table} ${next}`)
      : damaged.get<Record<string, SqlValue>>(`SELECT * FROM ${table} WHERE ${key} > ? ${next}`, after);
  } catch (error) {
    return unreadable(error);
  }
}

function copyRow(fresh: Sql, table: string, columns: readonly string[], row: Record<string, SqlValue>): boolean {
  try {
    // A file of an earlier version lacks columns, which then have their defaults.
    const present = columns.filter((column) => row[column] !== undefined);
    for (const column of present) {
      // An empty payload clears a topic.
      if (jsonColumns.has(column) && row[column] !== '') JSON.parse(String(row[column]));
    }
    // What it says of itself counts: it is signed.
    const filed = table === 'message' ? { ...row, ...filingOf(String(row['payload'])) } : row;
    // The journal of records has it as it was.
    if (table === 'record' && !isWhole(row as unknown as RecordRow)) return false;
    const values = present.map((column) => filed[column] ?? null);
    fresh.run(`INSERT INTO ${table} (${present.join(', ')}) VALUES (${present.map(() => '?').join(', ')})`, ...values);
    return true;
  } catch (error) {
    return unreadable(error) !== null;
  }
}

/** A row that cannot be read or does not fit is what damage looks like; anything that is no error of SQLite or JSON is a bug. */
function unreadable(error: unknown): null {
  if (error instanceof SyntaxError || (error instanceof Error && error.name === 'SqliteError')) return null;
  throw new TypeError(`salvage failed: ${errorMessage(error)}`, { cause: error });
}
