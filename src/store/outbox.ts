import type { Outbox, OutboxDepth, OutboxMessage, OutboxTransfer } from '../domain/outbox.js';
import type { DurableDatabase, SqlValue } from '../platform/database/sqlite.js';
import { resendEvents } from './event-log.js';
import { absolutePath, queueTransfer, settleEvidence } from './evidence.js';
import type { StoreContext } from './incidents.js';

const MESSAGE = `SELECT id, topic, payload, schema, ack_key AS ackKey, retain, broker_only AS brokerOnly, created_at_ms AS createdAtMs, attempts
  FROM message`;
/** Larger than the parameter, and not asked for. A parameter of NULL holds nothing. */
const IS_HELD = '(t.wanted_at_ms IS NULL AND coalesce(e.bytes > ?, 0))';
const IS_UPLOAD = 'e.id IN (SELECT evidence FROM upload)';
const TRANSFER = `
  SELECT e.id AS evidenceId, e.incident AS incidentId, i.camera AS cameraId, e.kind, e.media_type AS mediaType, e.path, e.bytes,
    e.sha256, r.json AS record, e.from_ms AS fromMs, e.to_ms AS toMs, t.next_chunk AS nextChunk, t.chunk_bytes AS chunkBytes,
    t.created_at_ms AS createdAtMs, t.attempts
  FROM transfer t JOIN evidence e ON e.id = t.evidence JOIN incident i ON i.id = e.incident
    LEFT JOIN record r ON r.evidence = e.id AND r.what = 'evidence'`;

/** The queue of what must reach the centre, over the store's tables. */
export function createOutbox(database: DurableDatabase, context: StoreContext): Outbox {
  const find = (which: string, ...values: SqlValue[]): readonly OutboxTransfer[] =>
    database
      .read((sql) => sql.all<OutboxTransfer>(`${TRANSFER} ${which}`, ...values))
      .map((row) => ({ ...row, path: absolutePath(context, row.path) }));

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
    transfers(limit, heldAbove = null) {
      // Two queries that each follow an index: one that sorts would read all that waits for every file that goes.
      const wanted = find(`WHERE t.wanted_at_ms IS NOT NULL AND NOT ${IS_UPLOAD} ORDER BY t.wanted_at_ms, t.place LIMIT ?`, limit);
      if (wanted.length === limit) return wanted;
      const others = `WHERE t.wanted_at_ms IS NULL AND NOT ${IS_UPLOAD} AND NOT ${IS_HELD} ORDER BY t.place LIMIT ?`;
      return [...wanted, ...find(others, heldAbove, limit - wanted.length)];
    },
    mayGo: (evidenceId, heldAbove) => find(`WHERE e.id = ? AND NOT ${IS_UPLOAD} AND NOT ${IS_HELD}`, evidenceId, heldAbove).length > 0,
    transfer: (evidenceId) => find('WHERE e.id = ?', evidenceId)[0] ?? null,
    unannounced: (limit, heldAbove) =>
      find(`WHERE t.announced_at_ms IS NULL AND (${IS_HELD} OR ${IS_UPLOAD}) ORDER BY t.place LIMIT ?`, heldAbove, limit),
    transferAnnounced(evidenceId) {
      database.write((sql) => sql.run('UPDATE transfer SET announced_at_ms = ? WHERE evidence = ?', context.now(), evidenceId));
    },
    announceAgain: (evidenceId) =>
      database.write((sql) => sql.run('UPDATE transfer SET announced_at_ms = NULL WHERE evidence = ?', evidenceId).changes > 0),
    want(incidentId, evidenceId) {
      database.write((sql) =>
        sql.run(
          `UPDATE transfer SET wanted_at_ms = ? WHERE wanted_at_ms IS NULL
           AND evidence IN (SELECT id FROM evidence WHERE incident = ? AND id = coalesce(?, id))`,
          context.now(),
          incidentId,
          evidenceId,
        ),
      );
      return find('WHERE e.incident = ? AND e.id = coalesce(?, e.id) ORDER BY t.place', incidentId, evidenceId);
    },
    held: (heldAbove) =>
      database.read(
        (sql) =>
          sql.get<{ files: number; bytes: number }>(
            `SELECT count(*) AS files, coalesce(sum(e.bytes), 0) AS bytes FROM transfer t JOIN evidence e ON e.id = t.evidence
             WHERE NOT ${IS_UPLOAD} AND ${IS_HELD}`,
            heldAbove,
          ) ?? { files: 0, bytes: 0 },
      ),
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
    resend: (camera, first, last) => database.write((sql) => resendEvents(sql, context, camera, first, last)),
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
