import { type CentreDatabase, placesFor } from '../database/index.js';
import type { WaitingNotice, WebhookQueue } from './case-store.js';

/** The notices of a centre; see `caseMigration`. */
export function createCentreWebhooks(database: CentreDatabase): WebhookQueue {
  return {
    due: (url, nowMs, lentUntilMs, limit) =>
      database.write(async (sql) => {
        // Another receiver may be looking for work too.
        await sql.lock('webhook', url);
        const rows = await sql.all<WaitingNotice>(
          `SELECT id, url, key, body, created_at_ms AS "createdAtMs", failures FROM webhook
           WHERE url = ? AND next_at_ms <= ? ORDER BY next_at_ms, id LIMIT ?`,
          url,
          nowMs,
          limit,
        );
        for (const { id } of rows) await sql.run('UPDATE webhook SET next_at_ms = ? WHERE id = ?', lentUntilMs, id);
        return rows;
      }),
    async done(id) {
      await database.write((sql) => sql.run('DELETE FROM webhook WHERE id = ?', id));
    },
    async failed(id, nextAtMs, error) {
      await database.write((sql) =>
        sql.run('UPDATE webhook SET next_at_ms = ?, failures = failures + 1, error = ? WHERE id = ?', nextAtMs, error.slice(0, 500), id),
      );
    },
    async waiting() {
      const rows = await database.read((sql) =>
        sql.all<{ url: string; count: number }>('SELECT url, count(*) AS count FROM webhook GROUP BY url'),
      );
      return new Map(rows.map(({ url, count }) => [url, count]));
    },
    forgetOthers: (urls) =>
      database.write((sql) =>
        urls.length === 0 ? sql.run('DELETE FROM webhook') : sql.run(`DELETE FROM webhook WHERE url NOT IN (${placesFor(urls)})`, ...urls),
      ),
  };
}
