import { ulid } from 'ulid';
import { type Checkpoint, MAX_KEPT_RECORDS } from '../domain/wire/proof.js';
import type { Sql } from '../platform/database/sqlite.js';
import type { StoreContext } from './incidents.js';
import { appendRecord } from './records.js';

export interface PruneOptions {
  /** Records from before may go, UTC milliseconds since 1970. */
  readonly beforeMs: number;
  /** Fewer than so many are not worth a checkpoint. */
  readonly atLeast: number;
}

/** Number of the last record that is closed; 0 before the first checkpoint. */
export function closedThrough(sql: Sql): number {
  return latestCheckpoint(sql)?.through ?? 0;
}

/**
 * Closes the oldest part of the chain by a signed record that holds the hash of its last one, what it came to, and which of its records stay
 * because their files are still there; and forgets the others. What follows is provable as before: its first record holds that same hash.
 * What has not been delivered stays.
 *
 * @returns how many are gone.
 */
export function pruneRecords(sql: Sql, context: StoreContext, { beforeMs, atLeast }: PruneOptions): number {
  if (context.proof === null) return 0;
  const before = latestCheckpoint(sql);
  const base = before?.through ?? 0;
  const through = lastToClose(sql, base, beforeMs);
  if (through - base < atLeast) return 0;
  const last = sql.get<{ sha256: string }>('SELECT sha256 FROM record WHERE number = ?', through);
  if (last === undefined) throw new TypeError(`record ${through} is to be closed and is not there`);
  const counts = sql.all<{ what: string; count: number }>(
    'SELECT what, count(*) AS count FROM record WHERE number > ? AND number <= ? GROUP BY what',
    base,
    through,
  );
  const total = (what: 'evidence' | 'removed' | 'lost' | 'dropped'): number =>
    (before?.[what] ?? 0) + (counts.find((row) => row.what === what)?.count ?? 0);
  const kept = sql.all<{ number: number; sha256: string }>(
    `SELECT r.number, r.sha256 ${KEPT} AND r.number <= ? ORDER BY r.number`,
    through,
  );
  const id = ulid();
  appendRecord(sql, context, {
    what: 'checkpoint',
    event: id,
    evidence: id,
    sha256: last.sha256,
    file: null,
    reason: null,
    checkpoint: { through, evidence: total('evidence'), removed: total('removed'), lost: total('lost'), dropped: total('dropped'), kept },
  });
  return sql.run(`DELETE FROM record WHERE number <= ? AND number NOT IN (SELECT r.number ${KEPT})`, through).changes;
}

/** Manifests of files that are still on the disk. */
const KEPT = `FROM record r JOIN evidence e ON e.id = r.evidence AND e.path IS NOT NULL WHERE r.what = 'evidence'`;

/** All before it are old enough, delivered, and few enough of them stay. */
function lastToClose(sql: Sql, base: number, beforeMs: number): number {
  const young = sql.get<{ number: number }>(
    `SELECT number FROM record WHERE number > ? AND json_extract(json, '$.at') >= ? ORDER BY number LIMIT 1`,
    base,
    new Date(beforeMs).toISOString(),
  );
  const waiting = sql.get<{ number: number | null }>(
    `SELECT min(json_extract(payload, '$.number')) AS number FROM message WHERE ack_key GLOB 'record/*'`,
  );
  const crowd = sql.get<{ number: number }>(`SELECT r.number ${KEPT} ORDER BY r.number LIMIT 1 OFFSET ?`, MAX_KEPT_RECORDS);
  const head = sql.get<{ number: number }>('SELECT number FROM record ORDER BY number DESC LIMIT 1')?.number ?? 0;
  return Math.min(head, ...[young, waiting, crowd].flatMap((row) => (row?.number == null ? [] : [row.number - 1])));
}

function latestCheckpoint(sql: Sql): Checkpoint | null {
  const row = sql.get<{ checkpoint: string }>(
    `SELECT json_extract(json, '$.checkpoint') AS checkpoint FROM record WHERE what = 'checkpoint' ORDER BY number DESC LIMIT 1`,
  );
  return row === undefined ? null : (JSON.parse(row.checkpoint) as Checkpoint);
}
