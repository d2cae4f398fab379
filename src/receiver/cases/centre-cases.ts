import type { CentreState } from '../../domain/wire/case-file.js';
import type { EventMessage } from '../../domain/wire/event.js';
import type { SqlValue } from '../../platform/database/sqlite.js';
import { AgentError } from '../../platform/errors.js';
import { type CentreDatabase, type CentreSql, placesFor } from '../database/index.js';
import { moveProblem } from './case-moves.js';
import type { CaseChange, CaseFilter, CaseRecord, CaseRules, CaseStore, CaseWord, UntoldMove } from './case-store.js';

/**
 * Tables of cases and of what is to be sent about them. `case_file`, since `case` is a word of SQL. `tell_at_ms`: when the agent may be told
 * of the move; null when it has been, or need not be.
 */
export const caseMigration = `
  CREATE TABLE case_file (
    event TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    camera TEXT NOT NULL,
    type TEXT NOT NULL,
    severity TEXT NOT NULL,
    verdict TEXT NOT NULL,
    state TEXT NOT NULL,
    category TEXT,
    opened_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    last_event TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX case_opened ON case_file (opened_at_ms, event);
  CREATE INDEX case_changed ON case_file (changed_at_ms);
  CREATE INDEX case_state ON case_file (state, opened_at_ms, event);

  CREATE TABLE case_history (
    event TEXT NOT NULL REFERENCES case_file (event),
    number INTEGER NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    note TEXT,
    evidence TEXT,
    reference TEXT,
    tell_at_ms INTEGER,
    PRIMARY KEY (event, number)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX case_history_reference ON case_history (event, reference) WHERE reference IS NOT NULL;
  CREATE INDEX case_history_untold ON case_history (at_ms, event, number) WHERE tell_at_ms IS NOT NULL;

  CREATE TABLE webhook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    next_at_ms INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    UNIQUE (url, key)
  ) STRICT;
  CREATE INDEX webhook_due ON webhook (url, next_at_ms);
`;

/** `hold`: 1 while evidence must stay at the agent, 0 when it was let go; null where nobody has said. */
export const holdMigration = `
  ALTER TABLE case_file ADD COLUMN hold INTEGER;
  ALTER TABLE case_history ADD COLUMN hold INTEGER;
`;

const CASE = `SELECT event AS "eventId", site, agent, camera, type, severity, verdict, state, category, opened_at_ms AS "openedAtMs",
  changed_at_ms AS "changedAtMs", last_event AS "lastEvent", last_seq AS seq, hold FROM case_file`;

const UNTOLD = `SELECT f.site, f.agent, h.event AS "eventId", h.number, h.to_state AS "to", h.at_ms AS "atMs", f.hold
  FROM case_history h JOIN case_file f ON f.event = h.event
  WHERE h.tell_at_ms <= ? AND NOT EXISTS (SELECT 1 FROM case_history o WHERE o.event = h.event AND o.tell_at_ms > ?)
  ORDER BY h.at_ms, h.event, h.number LIMIT ?`;
const TELL_AT = 'UPDATE case_history SET tell_at_ms = ? WHERE event = ? AND number = ?';

/**
 * Opens the case of an event that has just been stored, or brings an open one up to date, in the transaction that stores the event.
 *
 * @param text the event as JSON on one line.
 * @param nowMs UTC milliseconds since 1970.
 */
export async function caseOfEvent(sql: CentreSql, rules: CaseRules, event: EventMessage, text: string, nowMs: number): Promise<void> {
  const { id, site, agent, camera, type, severity, verdict } = event;
  // Two receivers may have two messages of one event at once.
  await sql.lock('case', id);
  const known = await sql.get<CaseRow>(`${CASE} WHERE event = ?`, id);
  if (known === undefined) {
    if (rules.opens(event)) await open(sql, rules, event, text, nowMs);
    return;
  }
  // Another agent's word on this id is none, and an earlier number that comes late says nothing new.
  if (known.site !== site || known.agent !== agent || known.camera !== camera || known.seq >= event.seq) return;
  // The code is settled when somebody has accepted the case: from then on it is theirs.
  const category = known.state === 'new' ? rules.category(event) : known.category;
  await sql.run(
    'UPDATE case_file SET type = ?, severity = ?, verdict = ?, category = ?, last_seq = ?, last_event = ? WHERE event = ?',
    type,
    severity,
    verdict,
    category,
    event.seq,
    text,
    id,
  );
}

async function open(sql: CentreSql, rules: CaseRules, event: EventMessage, text: string, nowMs: number): Promise<void> {
  const { id, site, agent, camera, type, severity, verdict, seq } = event;
  const record: CaseRecord = {
    eventId: id,
    site,
    agent,
    camera,
    type,
    severity,
    verdict,
    state: 'new',
    category: rules.category(event),
    openedAtMs: Math.round(nowMs),
    changedAtMs: Math.round(nowMs),
    lastEvent: text,
    hold: null,
  };
  await sql.run(
    `INSERT INTO case_file (event, site, agent, camera, type, severity, verdict, state, category, opened_at_ms, changed_at_ms, last_seq, last_event)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    site,
    agent,
    camera,
    type,
    severity,
    verdict,
    record.state,
    record.category,
    record.openedAtMs,
    record.changedAtMs,
    seq,
    text,
  );
  await add(sql, rules, record, { from: null, by: `agent:${site}/${agent}`, note: null });
}

/** Adds a line to the history of a case as it now is; queues what agents are to be told, and the notices of a move. */
async function add(
  sql: CentreSql,
  rules: CaseRules,
  record: CaseRecord,
  line: { from: CentreState | null } & Pick<CaseWord, 'by' | 'note' | 'evidence' | 'reference'> & { atMs?: number; hold?: boolean },
): Promise<void> {
  const { eventId, state } = record;
  const last = await sql.get<{ number: number | null }>('SELECT max(number) AS number FROM case_history WHERE event = ?', eventId);
  const change: CaseChange = {
    eventId,
    number: (last?.number ?? 0) + 1,
    from: line.from,
    to: state,
    atMs: line.atMs ?? record.changedAtMs,
    by: line.by,
    note: line.note,
    evidence: line.evidence ?? null,
    hold: line.hold ?? null,
  };
  const moved = change.from !== state;
  await sql.run(
    `INSERT INTO case_history (event, number, from_state, to_state, at_ms, by_whom, note, evidence, reference, tell_at_ms, hold)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    eventId,
    change.number,
    change.from,
    change.to,
    change.atMs,
    change.by,
    change.note,
    change.evidence,
    line.reference ?? null,
    // The agent knows that its own event is new.
    (moved && change.from !== null) || change.hold !== null ? 0 : null,
    change.hold === null ? null : Number(change.hold),
  );
  if (!moved) return;
  const notice = rules.notice(record, change);
  for (const url of rules.webhooks) {
    await sql.run(
      'INSERT INTO webhook (url, key, body, created_at_ms, next_at_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
      url,
      notice.id,
      JSON.stringify(notice),
      change.atMs,
      change.atMs,
    );
  }
}

/** As the database has it: 1, 0 or null for the hold. */
type InDatabase<T> = Omit<T, 'hold'> & { readonly hold: number | null };

type CaseRow = InDatabase<CaseRecord> & { readonly seq: number };

/** The cases of a centre. */
export function createCentreCases(database: CentreDatabase, rules: CaseRules): CaseStore {
  /** @throws {AgentError} CASE_UNKNOWN */
  async function expected(sql: CentreSql, eventId: string): Promise<CaseRecord> {
    await sql.lock('case', eventId);
    const row = await sql.get<CaseRow>(`${CASE} WHERE event = ?`, eventId);
    if (row === undefined) throw new AgentError('CASE_UNKNOWN', `there is no case ${eventId.slice(0, 40)}; parapet cases list shows all`);
    return recordOf(row);
  }

  async function isSaid(sql: CentreSql, eventId: string, { reference }: CaseWord): Promise<boolean> {
    if (reference === undefined) return false;
    return (await sql.get('SELECT 1 FROM case_history WHERE event = ? AND reference = ?', eventId, reference)) !== undefined;
  }

  async function move(sql: CentreSql, eventId: string, to: CentreState, word: CaseWord): Promise<CaseRecord> {
    const record = await expected(sql, eventId);
    if (record.state === to || (await isSaid(sql, eventId, word))) return record;
    if (word.from !== undefined && word.from !== record.state) {
      throw new AgentError('CASE_NOT_MOVED', `case ${eventId} is ${record.state} by now, not ${word.from}; look at it again`);
    }
    const problem = moveProblem(eventId, record.state, to);
    if (problem !== null) throw new AgentError('CASE_NOT_MOVED', problem);
    const changedAtMs = laterThan(record, word.atMs);
    const moved: CaseRecord = { ...record, state: to, changedAtMs };
    await sql.run('UPDATE case_file SET state = ?, changed_at_ms = ? WHERE event = ?', to, changedAtMs, eventId);
    await add(sql, rules, moved, { ...word, atMs: changedAtMs, from: record.state });
    return moved;
  }

  async function hold(sql: CentreSql, eventId: string, held: boolean, word: Pick<CaseWord, 'by' | 'note' | 'atMs'>): Promise<CaseRecord> {
    const record = await expected(sql, eventId);
    if ((record.hold ?? false) === held) return record;
    if (record.state === 'new') {
      const message = `case ${eventId} is new, and agents hear of a hold with a state; accept it first`;
      throw new AgentError('CASE_NOT_MOVED', message);
    }
    const changed: CaseRecord = { ...record, hold: held, changedAtMs: laterThan(record, word.atMs) };
    await sql.run('UPDATE case_file SET hold = ?, changed_at_ms = ? WHERE event = ?', Number(held), changed.changedAtMs, eventId);
    await add(sql, rules, changed, { by: word.by, note: word.note, from: record.state, hold: held });
    return changed;
  }

  return {
    async get(eventId) {
      const row = await database.read((sql) => sql.get<CaseRow>(`${CASE} WHERE event = ?`, eventId));
      return row === undefined ? null : recordOf(row);
    },
    async list(filter, limit, after) {
      const where = conditions(filter);
      if (after !== null) where.push(['(opened_at_ms, event) < (?, ?)', [after.openedAtMs, after.eventId]]);
      const text = where.map(([condition]) => condition).join(' AND ');
      const values = where.flatMap(([, of]) => of);
      const rows = await database.read((sql) =>
        sql.all<CaseRow>(`${CASE}${text === '' ? '' : ` WHERE ${text}`} ORDER BY opened_at_ms DESC, event DESC LIMIT ?`, ...values, limit),
      );
      return rows.map(recordOf);
    },
    async history(eventId) {
      const rows = await database.read((sql) =>
        sql.all<InDatabase<CaseChange>>(
          `SELECT event AS "eventId", number, from_state AS "from", to_state AS "to", at_ms AS "atMs", by_whom AS "by", note, evidence, hold
           FROM case_history WHERE event = ? ORDER BY number`,
          eventId,
        ),
      );
      return rows.map(outOfDatabase);
    },
    move: (eventId, to, word) => database.write((sql) => move(sql, eventId, to, word)),
    hold: (eventId, held, word) => database.write((sql) => hold(sql, eventId, held, word)),
    note: (eventId, word) =>
      database.write(async (sql) => {
        const record = await expected(sql, eventId);
        if (!(await isSaid(sql, eventId, word))) await add(sql, rules, record, { ...word, from: record.state });
      }),
    async counts() {
      const rows = await database.read((sql) =>
        sql.all<{ state: CentreState; count: number }>('SELECT state, count(*) AS count FROM case_file GROUP BY state'),
      );
      return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    },
    untold: (nowMs, lentUntilMs, limit) =>
      database.write(async (sql) => {
        await sql.lock('case', 'untold');
        const moves = await sql.all<InDatabase<UntoldMove>>(UNTOLD, nowMs, nowMs, limit);
        for (const { eventId, number } of moves) await sql.run(TELL_AT, lentUntilMs, eventId, number);
        return moves.map(outOfDatabase);
      }),
    async told({ eventId, number }) {
      await database.write((sql) => sql.run(TELL_AT, null, eventId, number));
    },
    async putOff({ eventId, number }, untilMs) {
      await database.write((sql) => sql.run(TELL_AT, untilMs, eventId, number));
    },
  };
}

function recordOf({ seq: _, ...record }: CaseRow): CaseRecord {
  return outOfDatabase(record);
}

function outOfDatabase<T extends { readonly hold: number | null }>(row: T): Omit<T, 'hold'> & { readonly hold: boolean | null } {
  return { ...row, hold: row.hold === null ? null : row.hold === 1 };
}

/** The agent takes of two words the later one: two in one millisecond, or a clock that was set back, must not lose it. */
function laterThan({ changedAtMs }: CaseRecord, atMs: number): number {
  return Math.max(Math.round(atMs), changedAtMs + 1);
}

/** SQL and its values. */
function conditions(filter: CaseFilter): [condition: string, values: readonly SqlValue[]][] {
  const { states, sites, sinceMs } = filter;
  const where: [string, readonly SqlValue[]][] = [];
  for (const column of ['site', 'agent', 'camera', 'type'] as const) {
    const value = filter[column];
    if (value !== undefined) where.push([`${column} = ?`, [value]]);
  }
  if (states !== undefined) where.push(isOneOf('state', states));
  if (sites !== undefined) where.push(isOneOf('site', sites));
  if (sinceMs !== undefined) where.push(['changed_at_ms >= ?', [sinceMs]]);
  return where;
}

function isOneOf(column: string, values: readonly string[]): [string, readonly string[]] {
  return values.length === 0 ? ['1 = 0', []] : [`${column} IN (${placesFor(values)})`, values];
}
