import type { Outbox, OutboxDepth, OutboxMessage, OutboxTransfer } from '../domain/outbox.js';
import type { DurableDatabase } from '../platform/sqlite.js';
import { absolutePath, queueTransfer, settleEvidence } from './evidence.js';
import type { StoreContext } from './incidents.js';

const MESSAGE = `SELECT id, topic, payload, schema, ack_key AS ackKey, retain, broker_only AS brokerOnly, created_at_ms AS createdAtMs, attempts
  FROM message`;
const TRANSFER = `
  SELECT e.id AS evidenceId, e.incident AS incidentId, i.camera AS cameraId, e.kind, e.media_type AS mediaType, e.path, e.bytes,
    e.sha256, r.json AS record, e.from_ms AS fromMs, e.to_ms AS toMs, t.next_chunk AS nextChunk, t.chunk_bytes AS chunkBytes,
    t.created_at_ms AS createdAtMs, t.attempts
  FROM transfer t JOIN evidence e ON e.id = t.evidence JOIN incident i ON i.id = e.incident
    LEFT JOIN record r ON r.evidence = e.id AND r.what = 'evidence'`;

/** The queue of what must reach the centre, over the store's tables. */
export function createOutbox(database: DurableDatabase, context: StoreContext): Outbox {
  return {
    messages: (afterId, limit) =>
      database.read((sql) => sql.all<MessageRow>(`${MESSAGE} WHERE id > ? ORDER BY id LIMIT ?`, afterId, limit)).map(messageOf),
    message(ackKey) {
      const row = database.read((sql) => sql.get<MessageRow>(`${MESSAGE} WHERE ack_key = ?`, ackKey));
      return row === undefined ? null : messageOf(row);
    },
    attempted(ids) {
      if (ids.length === 0) return;
      database.write((sql) => {
        for (const id of ids) sql.run('UPDATE message SET attempts = attempts + 1 WHERE id = ?', id);
      });
    },
    acknowledge(ids) {
      if (ids.length === 0) return;
      database.write((sql) => {
        for (const id of ids) sql.run('DELETE FROM message WHERE id = ?', id);
      });
    },
    acknowledgeKey: (ackKey) => database.write((sql) => sql.run('DELETE FROM message WHERE ack_key = ?', ackKey).changes > 0),
    transfers: (limit) =>
      database
        .read((sql) => sql.all<OutboxTransfer>(`${TRANSFER} ORDER BY t.place LIMIT ?`, limit))
        .map((row) => ({ ...row, path: absolutePath(context, row.path) })),
    transferProgress(evidenceId, nextChunk, chunkBytes) {
      database.write((sql) =>
        sql.run('UPDATE transfer SET next_chunk = ?, chunk_bytes = ? WHERE evidence = ?', nextChunk, chunkBytes, evidenceId),
      );
    },
    transferDone(evidenceId) {
      database.write((sql) => settleEvidence(sql, context, evidenceId, 'stored', { status: 'sent' }));
    },
    transferFailed(evidenceId, reason) {
      database.write((sql) => settleEvidence(sql, context, evidenceId, 'stored', { status: 'failed', reason }));
    },
    transferAgain: (evidenceId) =>
      database.write((sql) => {
        const { changes } = sql.run(`UPDATE evidence SET status = 'stored' WHERE id = ? AND status = 'sent'`, evidenceId);
        if (changes === 1) queueTransfer(sql, context, evidenceId);
        return changes === 1;
      }),
    depth: () => database.read(depth),
  };
}

/** SQLite has no booleans. */
type MessageRow = Omit<OutboxMessage, 'retain' | 'brokerOnly'> & { readonly retain: number; readonly brokerOnly: number };

const messageOf = (row: MessageRow): OutboxMessage => ({ ...row, retain: row.retain === 1, brokerOnly: row.brokerOnly === 1 });

function depth(sql: Parameters<Parameters<DurableDatabase['read']>[0]>[0]): OutboxDepth {
  const row = sql.get<OutboxDepth>(
    `SELECT m.count AS messages, t.count AS transfers, m.bytes + t.bytes AS bytes,
       CASE WHEN m.oldest IS NULL THEN t.oldest WHEN t.oldest IS NULL THEN m.oldest ELSE min(m.oldest, t.oldest) END AS oldestCreatedAtMs
     FROM (SELECT count(*) AS count, coalesce(sum(octet_length(payload)), 0) AS bytes, min(created_at_ms) AS oldest FROM message) m,
       (SELECT count(*) AS count, coalesce(sum(e.bytes), 0) AS bytes, min(created_at_ms) AS oldest
        FROM transfer t JOIN evidence e ON e.id = t.evidence) t`,
  );
  if (row === undefined) throw new TypeError('a query without a WHERE yielded no row');
  return row;
}
