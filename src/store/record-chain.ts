import { EVENT_SCHEMA } from '../domain/wire/event.js';
import { EVIDENCE_COMPLETE_SCHEMA } from '../domain/wire/evidence.js';
import type { CountersignMessage } from '../domain/wire/proof.js';
import type { DurableDatabase, Sql } from '../platform/database/sqlite.js';
import type { CheckedRecord } from '../platform/proof/index.js';
import { type CountersignOutcome, keepCountersignature } from './countersignatures.js';
import { absolutePath, type EvidenceRow } from './evidence.js';
import type { StoreContext } from './incidents.js';
import { closedThrough, type PruneOptions, pruneRecords } from './prune-records.js';
import { appendRecord, insertRecord, manifestOf, type ProofContext, queueRecords } from './records.js';

/** A record of the chain as it is kept. */
export interface StoredRecord {
  readonly number: number;
  /** The record as one line of JSON. */
  readonly json: string;
  /** Absolute path of the file that it is the manifest of, while that is on the disk; `null` for any other record. */
  readonly path: string | null;
}

/** The agent's chain of records. It is written only in the transactions of what it records. */
export interface Records {
  /** Those with a number above `after`, in order, at most `limit`. */
  after(after: number, limit: number): readonly StoredRecord[];
  /** Manifests of all files that are on the disk. */
  manifests(): readonly StoredRecord[];
  /** Number and hash of the last one; `null` before the first. */
  head(): { readonly number: number; readonly sha256: string } | null;
  /** Whether records between the first and the last are missing: damage has taken them. */
  hasHoles(): boolean;
  /** Closes and forgets what is old, see {@link pruneRecords}. Returns how many are gone. */
  prune(options: PruneOptions): number;
  /** Keeps what the centre has countersigned; see {@link CountersignOutcome}. */
  countersigned(message: CountersignMessage): CountersignOutcome;
  /** What the centre has countersigned, oldest first, as lines of JSON. */
  countersignatures(): readonly string[];
  /** Takes up records that the database has lost, from its journal; those that it has stay. Returns how many were new. */
  adopt(records: readonly CheckedRecord[]): number;
  /** Signs what was recorded before there was a key: files without a record, messages that wait. Returns how many. */
  signOld(): { readonly files: number; readonly messages: number };
}

export function createRecords(database: DurableDatabase, context: StoreContext): Records {
  const MANIFEST = `FROM record r JOIN evidence e ON e.id = r.evidence AND r.what = 'evidence' AND e.path IS NOT NULL`;
  const shown = (row: StoredRecord): StoredRecord => ({ ...row, path: row.path === null ? null : absolutePath(context, row.path) });
  return {
    after: (after, limit) =>
      database
        .read((sql) =>
          sql.all<StoredRecord>(
            `SELECT r.number, r.json, e.path FROM record r LEFT JOIN evidence e ON e.id = r.evidence AND r.what = 'evidence'
             WHERE r.number > ? ORDER BY r.number LIMIT ?`,
            after,
            limit,
          ),
        )
        .map(shown),
    manifests: () =>
      database.read((sql) => sql.all<StoredRecord>(`SELECT r.number, r.json, e.path ${MANIFEST} ORDER BY r.number`)).map(shown),
    head: () =>
      database.read((sql) =>
        sql.get<{ number: number; sha256: string }>('SELECT number, sha256 FROM record ORDER BY number DESC LIMIT 1'),
      ) ?? null,
    hasHoles: () =>
      database.read((sql) => {
        const closed = closedThrough(sql);
        const { held, last } = sql.get<{ held: number; last: number | null }>(
          'SELECT count(*) AS held, max(number) AS last FROM record WHERE number > ?',
          closed,
        ) ?? { held: 0, last: null };
        return last !== null && held !== last - closed;
      }),
    prune: (options) => database.write((sql) => pruneRecords(sql, context, options)),
    countersigned: (message) => database.write((sql) => keepCountersignature(sql, message)),
    countersignatures: () =>
      database.read((sql) => sql.all<{ json: string }>('SELECT json FROM countersignature ORDER BY at_ms, number')).map(({ json }) => json),
    adopt: (records) =>
      database.write((sql) => {
        const adopted = records.filter((record) => insertRecord(sql, record)).length;
        if (context.deliver) queueRecords(sql, context);
        return adopted;
      }),
    signOld: () =>
      database.write((sql) => ({
        files: recordOldFiles(sql, context),
        messages: context.proof === null ? 0 : signWaiting(sql, context.proof),
      })),
  };
}

function recordOldFiles(sql: Sql, context: StoreContext): number {
  const rows = sql.all<EvidenceRow & { camera: string }>(
    `SELECT e.*, i.camera FROM evidence e JOIN incident i ON i.id = e.incident
     WHERE e.path IS NOT NULL AND e.status IN ('stored', 'sent')
       AND NOT EXISTS (SELECT 1 FROM record r WHERE r.evidence = e.id AND r.what = 'evidence') ORDER BY e.from_ms, e.id`,
  );
  for (const { id, incident, camera, kind, path, media_type, bytes, sha256, from_ms, to_ms } of rows) {
    const evidence = { id, incidentId: incident, cameraId: camera, kind, path: path ?? '', mediaType: media_type ?? '' };
    appendRecord(
      sql,
      context,
      manifestOf({ ...evidence, bytes: bytes ?? 0, sha256: sha256 ?? '', fromMs: from_ms ?? 0, toMs: to_ms ?? 0 }),
    );
  }
  return rows.length;
}

/** Messages that were queued before there was a key: a centre that knows the key takes none without. */
function signWaiting(sql: Sql, { signer }: ProofContext): number {
  const rows = sql.all<{ id: number; payload: string }>(
    `SELECT id, payload FROM message WHERE schema IN (?, ?) AND json_extract(payload, '$.signature') IS NULL`,
    EVENT_SCHEMA,
    EVIDENCE_COMPLETE_SCHEMA,
  );
  for (const { id, payload } of rows)
    sql.run('UPDATE message SET payload = ? WHERE id = ?', JSON.stringify(signer.sign(JSON.parse(payload) as object)), id);
  return rows.length;
}
