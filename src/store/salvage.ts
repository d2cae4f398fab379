import { rowFits } from '../platform/database/row-sums.js';
import type { Sql, SqlValue } from '../platform/database/sqlite.js';
import { errorMessage } from '../platform/errors.js';
import { checkRows, filingOf, isWhole, jsonColumns, type RecordRow } from './filing.js';
import type { StoreContext } from './incidents.js';
import { bringBackIncidents, completeAgain, logAgain, mendRow, planAgain, type Row, sendAgain, setNumbers } from './mend.js';

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
type Table = keyof typeof tables;

/** Columns of the primary key, where that is not the first column alone. */
const keys: Partial<Record<Table, readonly string[]>> = { rule_setting: ['camera', 'rule'] };

/** See {@link checkRows}. */
export const checkStore = (sql: Sql): string | null => checkRows(sql, tables);

/** Rows saved by table; those among them that were not as they had been written, and could be mended; rows and stretches of rows that could not. */
export type Salvaged = Readonly<Record<Table, number>> & { readonly mended: number; readonly lost: number };

/**
 * Saves from a damaged database what can still be read, row by row: above all the cameras' numbers, so that the receiver sees a gap and not a
 * second beginning, and what has not been delivered yet. A row that is not what its sum says is mended by what else vouches for it, an event's
 * signature above all, or left behind.
 */
export function salvageStore(damaged: Sql, fresh: Sql, context: StoreContext): Salvaged {
  const saved = Object.fromEntries(Object.keys(tables).map((table) => [table, 0])) as Record<Table, number>;
  const lost = { ...saved };
  let mended = 0;

  function salvage(table: Table): readonly Row[] {
    const wrong: Row[] = [];
    for (const row of rowsOf(damaged, table)) {
      if (row === null) lost[table]++;
      else if (rowFits(row) !== false && copyRow(fresh, table, row)) saved[table]++;
      else wrong.push(row);
    }
    return wrong;
  }

  function mend(table: Table, wrong: readonly Row[]): void {
    for (const row of wrong) {
      const better = attempt(() => mendRow(table, row, damaged, context));
      if (better !== null && copyRow(fresh, table, better)) {
        saved[table]++;
        mended++;
      } else lost[table]++;
    }
  }

  const wrongCameras = salvage('camera');
  const wrongIncidents = salvage('incident');
  const broughtBack = bringBackIncidents(fresh, logged(damaged));
  saved.incident += broughtBack.length;
  mended += broughtBack.length;
  mend(
    'incident',
    wrongIncidents.filter(({ id }) => !broughtBack.includes(String(id))),
  );
  const others = (Object.keys(tables) as Table[]).filter((table) => table !== 'camera' && table !== 'incident');
  const wrong = new Map(others.map((table) => [table, salvage(table)]));
  for (const [table, rows] of wrong) mend(table, rows);
  mend('camera', wrongCameras);
  logAgain(fresh);
  setNumbers(fresh, new Set(wrongCameras.map(({ id }) => String(id))));
  // A file that was made is found again by its manifest; without its record here it would be made a second time.
  if (lost.record === 0) planAgain(fresh);
  if (context.deliver) {
    if (lost.message > 0) sendAgain(fresh, context);
    completeAgain(fresh, context, [...broughtBack, ...completions(wrong.get('message') ?? [])]);
  }
  return { ...saved, mended, lost: Object.values(lost).reduce((sum, count) => sum + count, 0) };
}

/** Events as they were queued. */
function* logged(damaged: Sql): Generator<Row> {
  for (const table of ['event_log', 'message'] as const) for (const row of rowsOf(damaged, table)) if (row !== null) yield row;
}

/** Incidents whose messages "evidence complete" these rows were. */
function completions(messages: readonly Row[]): readonly string[] {
  return messages.flatMap(({ ack_key }) => /^evidence-complete\/(.+)$/.exec(String(ack_key))?.[1] ?? []);
}

/**
 * All rows of a table that can be read, in short steps by key: a damaged page costs the rows on it and not those before. Then it goes on from the
 * end, backwards, so that those behind it are read too. `null`: a stretch that cannot be read. Where an index leads to a row of another key, steps
 * by key go round in a circle: a row that has come before is the end of what can be read, too.
 */
function* rowsOf(damaged: Sql, table: Table): Generator<Row | null> {
  const key = keys[table] ?? [tables[table][0]];
  const come = new Set<string>();
  function isNew(row: Row): boolean {
    const before = come.size;
    return come.add(JSON.stringify(key.map((column) => row[column]))).size > before;
  }
  let forwards: Row | null = null;
  for (;;) {
    const row = readNext(damaged, table, key, forwards, null);
    if (row === undefined) return;
    if (row === null || !isNew(row)) break;
    yield row;
    forwards = row;
  }
  yield null;
  for (let backwards: Row | null = null; ; ) {
    const row = readNext(damaged, table, key, forwards, { before: backwards });
    if (row === null || row === undefined || !isNew(row)) return;
    yield row;
    backwards = row;
  }
}

/** The row behind `after` by key, or the last one, or the one before another: `undefined` at the end, `null` when it cannot be read. */
function readNext(
  damaged: Sql,
  table: Table,
  key: readonly string[],
  after: Row | null,
  from: { readonly before: Row | null } | null,
): Row | null | undefined {
  const columns = `(${key.join(', ')})`;
  const values = `(${key.map(() => '?').join(', ')})`;
  const bounds: [string, Row][] = [];
  if (after !== null) bounds.push([`${columns} > ${values}`, after]);
  if (from !== null && from.before !== null) bounds.push([`${columns} < ${values}`, from.before]);
  const where = bounds.length === 0 ? '' : `WHERE ${bounds.map(([bound]) => bound).join(' AND ')}`;
  const order = key.map((column) => `${column}${from === null ? '' : ' DESC'}`).join(', ');
  return attempt(() =>
    damaged.get<Row>(
      `SELECT * FROM ${table} ${where} ORDER BY ${order} LIMIT 1`,
      ...bounds.flatMap(([, row]) => key.map((column) => row[column] ?? null)),
    ),
  );
}

function copyRow(fresh: Sql, table: Table, row: Row): boolean {
  // A file of an earlier version lacks columns, which then have their defaults.
  const present = tables[table].filter((column) => row[column] !== undefined);
  return (
    attempt(() => {
      for (const column of present) {
        // An empty payload clears a topic.
        if (jsonColumns.has(column) && row[column] !== '') JSON.parse(String(row[column]));
      }
      // The journal of records has it as it was.
      if (table === 'record' && !isWhole(row as unknown as RecordRow)) return null;
      // What a message says of itself counts.
      const filed: Row = table === 'message' ? { ...row, ...filingOf(String(row['payload'])) } : row;
      const values: SqlValue[] = present.map((column) => filed[column] ?? null);
      fresh.run(`INSERT INTO ${table} (${present.join(', ')}) VALUES (${present.map(() => '?').join(', ')})`, ...values);
      return true;
    }) ?? false
  );
}

/** `null` for what cannot be read or does not fit: that is what damage looks like. Anything that is no error of SQLite or JSON is a bug. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && error.name === 'SqliteError')) return null;
    throw new TypeError(`salvage failed: ${errorMessage(error)}`, { cause: error });
  }
}
