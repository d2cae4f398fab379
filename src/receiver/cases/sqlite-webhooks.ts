import type { DurableDatabase } from '../../platform/sqlite.js';
import type { WaitingNotice, WebhookQueue } from './case-store.js';

/** The notices in a receiver's SQLite index; see `caseMigration`. */
export function createSqliteWebhooks(database: DurableDatabase): WebhookQueue {
  return {
    due: async (url, nowMs, lentUntilMs, limit) =>
      database.write((sql) => {
        const rows = sql.all<WaitingNotice>(
          `SELECT id, url, key, body, created_at_ms AS createdAtMs, failures FROM webhook
           WHERE url = ? AND next_at_ms <= ? ORDER BY next_at_ms, id LIMIT ?`,
          url,
          nowMs,
          limit,
        );
        for (const { id } of rows) sql.run('UPDATE webhook SET next_at_ms = ? WHERE id = ?', lentUntilMs, id);
        return rows;
      }),
    done: async (id) => database.write((sql) => void sql.run('DELETE FROM webhook WHERE id = ?', id)),
    failed: async (id, nextAtMs, error) =>
      database.write(
        (sql) =>
          void sql.run(
            'UPDATE webhook SET next_at_ms = ?, failures = failures + 1, error = ? WHERE id = ?',
            nextAtMs,
            error.slice(0, 500),
            id,
          ),
      ),
    waiting: async () =>
      database.read(
        (sql) =>
          new Map(
            sql
              .all<{ url: string; count: number }>('SELECT url, count(*) AS count FROM webhook GROUP BY url')
              .map(({ url, count }) => [url, count]),
          ),
      ),
    forgetOthers: async (urls) =>
      database.write(
        (sql) => sql.run('DELETE FROM webhook WHERE url NOT IN (SELECT value FROM json_each(?))', JSON.stringify(urls)).changes,
      ),
  };
}
