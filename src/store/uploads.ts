import type { UploadableFile, UploadBook, UploadOrder } from '../domain/upload.js';
import type { DurableDatabase } from '../platform/database/sqlite.js';
import { absolutePath } from './evidence.js';
import type { StoreContext } from './incidents.js';

/** A wall clock that was put back must not put a try off for longer than any wait is, milliseconds: twice the longest. */
const FARTHEST_MS = 7_200_000;

interface OrderRow extends Omit<UploadOrder, 'url' | 'headers'> {
  readonly json: string;
}

/** Announced, or delivered already: the centre knows what is about to come. */
const IS_KNOWN = 'NOT EXISTS (SELECT 1 FROM transfer t WHERE t.evidence = u.evidence AND t.announced_at_ms IS NULL)';

/** Orders to upload files, over the store's tables. */
export function createUploads(database: DurableDatabase, context: StoreContext): UploadBook {
  return {
    find: (incidentId, evidenceId) =>
      database.read(
        (sql) =>
          sql.get<UploadableFile>(
            `SELECT id AS evidenceId, incident AS incidentId, kind, bytes, sha256 FROM evidence
             WHERE incident = ? AND id = ? AND path IS NOT NULL AND status IN ('stored', 'sent')`,
            incidentId,
            evidenceId,
          ) ?? null,
      ),
    give(evidenceId, { url, headers, expiresAtMs }) {
      const nowMs = Math.round(context.now());
      database.write((sql) => {
        sql.run(
          'INSERT OR REPLACE INTO upload (evidence, json, given_at_ms, expires_at_ms, next_at_ms) VALUES (?, ?, ?, ?, ?)',
          evidenceId,
          JSON.stringify({ url, headers }),
          nowMs,
          Math.round(expiresAtMs),
          nowMs,
        );
        // The centre may have forgotten what it was told long ago.
        sql.run('UPDATE transfer SET announced_at_ms = NULL WHERE evidence = ?', evidenceId);
      });
    },
    due() {
      const nowMs = context.now();
      const row = database.read((sql) =>
        sql.get<OrderRow>(
          `SELECT u.evidence AS evidenceId, e.incident AS incidentId, e.kind, e.media_type AS mediaType, e.path, e.bytes, e.sha256, u.json,
             u.expires_at_ms AS expiresAtMs, u.attempts
           FROM upload u JOIN evidence e ON e.id = u.evidence
           WHERE (u.next_at_ms <= ? OR u.next_at_ms > ?) AND ${IS_KNOWN} ORDER BY u.given_at_ms, u.evidence LIMIT 1`,
          nowMs,
          nowMs + FARTHEST_MS,
        ),
      );
      if (row === undefined) return null;
      const { json, ...order } = row;
      const target = JSON.parse(json) as Pick<UploadOrder, 'url' | 'headers'>;
      return { ...order, ...target, path: order.path === null ? null : absolutePath(context, order.path) };
    },
    untilDueMs() {
      const row = database.read((sql) =>
        sql.get<{ next: number | null }>(`SELECT min(next_at_ms) AS next FROM upload u WHERE ${IS_KNOWN}`),
      );
      return row === undefined || row.next === null ? null : Math.max(0, row.next - context.now());
    },
    retryIn(evidenceId, waitMs) {
      const nextMs = Math.round(context.now() + waitMs);
      database.write((sql) => sql.run('UPDATE upload SET attempts = attempts + 1, next_at_ms = ? WHERE evidence = ?', nextMs, evidenceId));
    },
    close(evidenceId) {
      database.write((sql) => sql.run('DELETE FROM upload WHERE evidence = ?', evidenceId));
    },
  };
}
