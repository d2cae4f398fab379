import type { OutboxMessage } from '../domain/outbox.js';
import type { Sql } from '../platform/sqlite.js';

export function queueMessage(sql: Sql, message: Omit<OutboxMessage, 'id' | 'attempts'>): void {
  sql.run(
    'INSERT INTO message (topic, payload, schema, ack_key, created_at_ms) VALUES (?, ?, ?, ?, ?)',
    message.topic,
    message.payload,
    message.schema,
    message.ackKey,
    message.createdAtMs,
  );
}
