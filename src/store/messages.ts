import { ulid } from 'ulid';
import type { FormattedMessage } from '../domain/event-format.js';
import type { OutboxMessage } from '../domain/outbox.js';
import type { Sql } from '../platform/database/sqlite.js';

type NewMessage = Omit<OutboxMessage, 'id' | 'attempts'>;

/** Queues a message for the Parapet centre. */
export function queueForCentre(sql: Sql, message: Omit<NewMessage, 'retain' | 'brokerOnly'>): void {
  queueMessage(sql, { ...message, retain: false, brokerOnly: false });
}

function queueMessage(sql: Sql, message: NewMessage): void {
  sql.run(
    'INSERT INTO message (topic, payload, schema, ack_key, retain, broker_only, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    message.topic,
    message.payload,
    message.schema,
    message.ackKey,
    message.retain ? 1 : 0,
    message.brokerOnly ? 1 : 0,
    message.createdAtMs,
  );
}

/** Queues what a format has made of an event, or of a camera's state. */
export function queueFormatted(sql: Sql, format: string, messages: readonly FormattedMessage[], createdAtMs: number): void {
  for (const message of messages) {
    queueMessage(sql, { ...message, schema: format, ackKey: `${format}/${ulid()}`, brokerOnly: true, createdAtMs });
  }
}
