import type { CentreState } from '../../domain/wire/case-file.js';
import type { EventMessage } from '../../domain/wire/event.js';
import { AgentError } from '../../platform/errors.js';
import type { DurableDatabase, Sql, SqlValue } from '../../platform/sqlite.js';
import { moveProblem } from './case-moves.js';
import type { CaseChange, CaseFilter, CaseRecord, CaseRules, CaseStore, CaseWord, UntoldMove } from './case-store.js';

const CASE = `SELECT event AS eventId, site, agent, camera, type, severity, verdict, state, category, opened_at_ms AS openedAtMs,
  changed_at_ms AS changedAtMs, last_event AS lastEvent FROM case_file`;

const UNTOLD = `SELECT f.site, f.agent, h.event AS "eventId", h.number, h.to_state AS "to", h.at_ms AS "atMs"
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
export function caseOfEvent(sql: Sql, rules: CaseRules, event: EventMessage, text: string, nowMs: number): void {
  const { id, site, agent, camera, type, severity, verdict } = event;
  const known = sql.get<CaseRecord & { readonly seq: number }>(
    `SELECT c.*, f.last_seq AS seq FROM (${CASE}) c JOIN case_file f ON f.event = c.eventId WHERE c.eventId = ?`,
    id,
  );
  if (known === undefined) {
    if (rules.opens(event)) open(sql, rules, event, text, nowMs);
    return;
  }
  // Another agent's word on this id is none, and an earlier number that comes late says nothing new.
  if (known.site !== site || known.agent !== agent || known.camera !== camera || known.seq >= event.seq) return;
  // The code is settled when somebody has accepted the case: from then on it is theirs.
  const category = known.state === 'new' ? rules.category(event) : known.category;
  sql.run(
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

function open(sql: Sql, rules: CaseRules, event: EventMessage, text: string, nowMs: number): void {
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
  };
  sql.run(
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
  add(sql, rules, record, { from: null, by: `agent:${site}/${agent}`, note: null });
}

/** Adds a line to the history of a case as it now is, and queues the notices of it. */
function add(
  sql: Sql,
  rules: CaseRules,
  record: CaseRecord,
  line: { from: CentreState | null } & Pick<CaseWord, 'by' | 'note' | 'evidence' | 'reference'> & { atMs?: number },
): void {
  const { eventId, state } = record;
  const last = sql.get<{ number: number | null }>('SELECT max(number) AS number FROM case_history WHERE event = ?', eventId);
  const change: CaseChange = {
    eventId,
    number: (last?.number ?? 0) + 1,
    from: line.from,
    to: state,
    atMs: line.atMs ?? record.changedAtMs,
    by: line.by,
    note: line.note,
    evidence: line.evidence ?? null,
  };
  const moved = change.from !== state;
  sql.run(
    `INSERT INTO case_history (event, number, from_state, to_state, at_ms, by_whom, note, evidence, reference, tell_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    moved && change.from !== null ? 0 : null,
  );
  if (!moved) return;
  const notice = rules.notice(record, change);
  for (const url of rules.webhooks) {
    sql.run(
      'INSERT OR IGNORE INTO webhook (url, key, body, created_at_ms, next_at_ms) VALUES (?, ?, ?, ?, ?)',
      url,
      notice.id,
      JSON.stringify(notice),
      change.atMs,
      change.atMs,
    );
  }
}

/** The cases in a receiver's SQLite index. */
export function createSqliteCases(database: DurableDatabase, rules: CaseRules): CaseStore {
  const find = (sql: Sql, eventId: string): CaseRecord | undefined => sql.get<CaseRecord>(`${CASE} WHERE event = ?`, eventId);

  /** @throws {AgentError} CASE_UNKNOWN */
  function expected(sql: Sql, eventId: string): CaseRecord {
    const record = find(sql, eventId);
    if (record === undefined)
      throw new AgentError('CASE_UNKNOWN', `there is no case ${eventId.slice(0, 40)}; parapet cases list shows all`);
    return record;
  }

  function isSaid(sql: Sql, eventId: string, { reference }: CaseWord): boolean {
    if (reference === undefined) return false;
    return sql.get('SELECT 1 FROM case_history WHERE event = ? AND reference = ?', eventId, reference) !== undefined;
  }

  function move(sql: Sql, eventId: string, to: CentreState, word: CaseWord): CaseRecord {
    const record = expected(sql, eventId);
    if (record.state === to || isSaid(sql, eventId, word)) return record;
    if (word.from !== undefined && word.from !== record.state) {
      throw new AgentError('CASE_NOT_MOVED', `case ${eventId} is ${record.state} by now, not ${word.from}; look at it again`);
    }
    const problem = moveProblem(eventId, record.state, to);
    if (problem !== null) throw new AgentError('CASE_NOT_MOVED', problem);
    // The agent takes of two words the later one: two in one millisecond, or a clock that was set back, must not lose it.
    const changedAtMs = Math.max(Math.round(word.atMs), record.changedAtMs + 1);
    const moved: CaseRecord = { ...record, state: to, changedAtMs };
    sql.run('UPDATE case_file SET state = ?, changed_at_ms = ? WHERE event = ?', to, changedAtMs, eventId);
    add(sql, rules, moved, { ...word, atMs: changedAtMs, from: record.state });
    return moved;
  }

  // The database is synchronous; what it throws must reach the caller as a rejection.
  const read = async <T>(work: (sql: Sql) => T): Promise<T> => database.read(work);
  const write = async <T>(work: (sql: Sql) => T): Promise<T> => database.write(work);

  return {
    get: (eventId) => read((sql) => find(sql, eventId) ?? null),
    list: (filter, limit, after) =>
      read((sql) => {
        const where = conditions(filter);
        if (after !== null) where.push(['(opened_at_ms, event) < (?, ?)', [after.openedAtMs, after.eventId]]);
        const text = where.map(([condition]) => condition).join(' AND ');
        const values = where.flatMap(([, of]) => of);
        return sql.all<CaseRecord>(
          `${CASE}${text === '' ? '' : ` WHERE ${text}`} ORDER BY opened_at_ms DESC, event DESC LIMIT ?`,
          ...values,
          limit,
        );
      }),
    history: (eventId) =>
      read((sql) =>
        sql.all<CaseChange>(
          `SELECT event AS eventId, number, from_state AS "from", to_state AS "to", at_ms AS atMs, by_whom AS "by", note, evidence
           FROM case_history WHERE event = ? ORDER BY number`,
          eventId,
        ),
      ),
    move: (eventId, to, word) => write((sql) => move(sql, eventId, to, word)),
    note: (eventId, word) =>
      write((sql) => {
        const record = expected(sql, eventId);
        if (!isSaid(sql, eventId, word)) add(sql, rules, record, { ...word, from: record.state });
      }),
    counts: () =>
      read((sql) =>
        Object.fromEntries(
          sql
            .all<{ state: CentreState; count: number }>('SELECT state, count(*) AS count FROM case_file GROUP BY state')
            .map(({ state, count }) => [state, count]),
        ),
      ),
    untold: (nowMs, lentUntilMs, limit) =>
      write((sql) => {
        const moves = sql.all<UntoldMove>(UNTOLD, nowMs, nowMs, limit);
        for (const { eventId, number } of moves) sql.run(TELL_AT, lentUntilMs, eventId, number);
        return moves;
      }),
    told: ({ eventId, number }) => write((sql) => void sql.run(TELL_AT, null, eventId, number)),
    putOff: ({ eventId, number }, untilMs) => write((sql) => void sql.run(TELL_AT, untilMs, eventId, number)),
  };
}

/** SQL and its values. The texts are few, so that each is prepared once. */
function conditions(filter: CaseFilter): [condition: string, values: readonly SqlValue[]][] {
  const { states, sites, sinceMs } = filter;
  const where: [string, readonly SqlValue[]][] = [];
  for (const column of ['site', 'agent', 'camera', 'type'] as const) {
    const value = filter[column];
    if (value !== undefined) where.push([`${column} = ?`, [value]]);
  }
  // As JSON, so that lists of every length are one statement.
  if (states !== undefined) where.push(['state IN (SELECT value FROM json_each(?))', [JSON.stringify(states)]]);
  if (sites !== undefined) where.push(['site IN (SELECT value FROM json_each(?))', [JSON.stringify(sites)]]);
  if (sinceMs !== undefined) where.push(['changed_at_ms >= ?', [sinceMs]]);
  return where;
}
