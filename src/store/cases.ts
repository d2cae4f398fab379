import type { CaseState, InspectionMessage } from '../domain/wire/case.js';
import { openCaseStates } from '../domain/wire/case.js';
import type { DurableDatabase, Sql } from '../platform/database/sqlite.js';

/** What the centre last said of the case that it made of an incident, and what the agent answered. */
export interface StoredCase {
  readonly incidentId: string;
  readonly state: CaseState;
  /** When the centre said so, UTC milliseconds since 1970. */
  readonly atMs: number;
  /** The answer to `solved`; `null` while there is none. */
  readonly inspection: InspectionMessage | null;
}

/** Cases of incidents that are known here. Each writing call is one transaction that is on the disk when it returns. */
export interface Cases {
  /**
   * Keeps what the centre said, unless something later is known. A new word makes an earlier inspection void.
   *
   * @param hold whether its evidence must stay whatever the state is; left out: as before.
   * @returns `kept`; `revised` when an inspection became void by it; `old` for a repeat or what is overtaken; `unknown` when there is no
   * such incident any more.
   */
  keep(incidentId: string, state: CaseState, atMs: number, hold?: boolean): 'kept' | 'revised' | 'old' | 'unknown';
  /** Keeps the answer to `solved`; false when the case has moved on since `atMs`. */
  keepInspection(atMs: number, inspection: InspectionMessage): boolean;
  /** Cases that are solved and have not been inspected, oldest first. */
  uninspected(): readonly StoredCase[];
  /** The answers of cases that are not closed, oldest first. */
  inspections(): readonly InspectionMessage[];
  /** How many cases are in each state. */
  counts(): Readonly<Partial<Record<CaseState, number>>>;
}

/** Of an incident: 1 while its case is open or held by law. Its evidence must stay then. */
export const caseIsOpen = (incident: string): string =>
  `EXISTS (SELECT 1 FROM case_state c WHERE c.incident = ${incident} AND (c.hold = 1 OR c.state IN (${openCaseStates.map((s) => `'${s}'`).join(', ')})))`;

/** Of an incident: whether its case is over. Its evidence goes first. */
export const caseIsOver = (incident: string): string =>
  `EXISTS (SELECT 1 FROM case_state c WHERE c.incident = ${incident} AND c.state IN ('closed', 'false_alarm'))`;

interface CaseRow {
  readonly incidentId: string;
  readonly state: CaseState;
  readonly atMs: number;
  readonly inspection: string | null;
}

const CASE = 'SELECT incident AS incidentId, state, at_ms AS atMs, inspection FROM case_state';

export function createCases(database: DurableDatabase): Cases {
  return {
    keep: (incidentId, state, atMs, hold) => database.write((sql) => keep(sql, incidentId, state, Math.round(atMs), hold ?? null)),
    keepInspection: (atMs, inspection) =>
      database.write(
        (sql) =>
          sql.run(
            `UPDATE case_state SET inspection = ? WHERE incident = ? AND at_ms = ? AND state = 'solved'`,
            JSON.stringify(inspection),
            inspection.event,
            Math.round(atMs),
          ).changes === 1,
      ),
    uninspected: () =>
      database.read((sql) =>
        sql.all<CaseRow>(`${CASE} WHERE state = 'solved' AND inspection IS NULL ORDER BY at_ms, incident`).map(caseOf),
      ),
    inspections: () =>
      database.read((sql) =>
        sql.all<CaseRow>(`${CASE} WHERE inspection IS NOT NULL ORDER BY at_ms, incident`).flatMap((row) => caseOf(row).inspection ?? []),
      ),
    counts: () =>
      database.read((sql) =>
        Object.fromEntries(
          sql
            .all<{ state: CaseState; count: number }>('SELECT state, count(*) AS count FROM case_state GROUP BY state ORDER BY state')
            .map(({ state, count }) => [state, count]),
        ),
      ),
  };
}

function keep(sql: Sql, incidentId: string, state: CaseState, atMs: number, hold: boolean | null): ReturnType<Cases['keep']> {
  if (sql.get<{ id: string }>('SELECT id FROM incident WHERE id = ?', incidentId) === undefined) return 'unknown';
  const held = hold === null ? null : Number(hold);
  const before = sql.get<CaseRow>(`${CASE} WHERE incident = ?`, incidentId);
  const { changes } = sql.run(
    `INSERT INTO case_state (incident, state, at_ms, hold) VALUES (?, ?, ?, coalesce(?, 0))
     ON CONFLICT (incident) DO UPDATE SET state = excluded.state, at_ms = excluded.at_ms, inspection = NULL, hold = coalesce(?, hold)
     WHERE excluded.at_ms > at_ms`,
    incidentId,
    state,
    atMs,
    held,
    held,
  );
  if (changes !== 1) return 'old';
  return (before?.inspection ?? null) === null ? 'kept' : 'revised';
}

/** Written by this store alone, so its shape is known. */
const caseOf = ({ inspection, ...row }: CaseRow): StoredCase => ({
  ...row,
  inspection: inspection === null ? null : (JSON.parse(inspection) as InspectionMessage),
});
