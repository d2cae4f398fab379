import type { CountersignMessage } from '../domain/wire/proof.js';
import type { Sql } from '../platform/database/sqlite.js';

/**
 * What became of a countersignature: `kept`; `old` when a later one is here; `unknown` when its record is not here (any more), so nothing
 * can be said of it; `differs` when the chain here says something else: one of the two was altered. `other_key`: an earlier one was by another key.
 */
export type CountersignOutcome = 'kept' | 'old' | 'unknown' | 'differs' | 'other_key';

/** At one a day more than a year's; then the oldest goes. */
const MAX_KEPT = 400;

/** The signature itself must have been checked. */
export function keepCountersignature(sql: Sql, message: CountersignMessage): CountersignOutcome {
  const { chain, number, sha256, at, signature } = message;
  const latest = sql.get<{ number: number; key: string }>(
    "SELECT number, json_extract(json, '$.signature.key') AS key FROM countersignature ORDER BY at_ms DESC, number DESC LIMIT 1",
  );
  if (latest !== undefined && latest.key !== signature.key) return 'other_key';
  const own = sql.get<{ sha256: string }>('SELECT sha256 FROM record WHERE chain = ? AND number = ?', chain, number);
  if (own === undefined) return 'unknown';
  if (own.sha256 !== sha256) return 'differs';
  if (latest !== undefined && latest.number >= number) return 'old';
  sql.run('INSERT INTO countersignature (number, at_ms, json) VALUES (?, ?, ?)', number, Date.parse(at), JSON.stringify(message));
  sql.run('DELETE FROM countersignature WHERE number NOT IN (SELECT number FROM countersignature ORDER BY number DESC LIMIT ?)', MAX_KEPT);
  return 'kept';
}
