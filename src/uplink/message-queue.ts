import { createHash } from 'node:crypto';
import type { Outbox, OutboxMessage } from '../domain/outbox.js';
import type { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import type { UplinkCounters } from './counters.js';

export type Delivery = 'broker' | 'centre';

export interface MessageQueueOptions {
  readonly outbox: Outbox;
  readonly delivery: Delivery;
  /** First wait for the centre's acknowledgement, doubled at every repeat up to 10 min. Default 30 s. */
  readonly ackTimeoutMs?: number;
  readonly counters: UplinkCounters;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Decides which message goes next. It knows nothing of the link but what it is told. */
export interface MessageQueue {
  /** Oldest message that may be sent now, which then counts as in flight; `null` when there is none. */
  next(): OutboxMessage | null;
  /** The broker has acknowledged it. */
  accepted(id: number): void;
  /** The broker refused it: its row stays, and what is like it (camera) waits. */
  refused(id: number, why: string): void;
  /** The centre has acknowledged: `done`; `unknown` when there is no such message here; `mismatch` when the hash is another's. */
  confirmed(ackKey: string, sha256: string): 'done' | 'unknown' | 'mismatch';
  /** The link is gone: what was in flight will be sent again. */
  linkLost(): void;
  /** A new link, whose broker may have lost what the centre has not acknowledged yet; or the centre is back. */
  resendUnconfirmed(): void;
  /** Removes the rows whose delivery was acknowledged since the last call, in one transaction. */
  settle(): void;
  /** Nothing waits, nothing is in flight. */
  idle(): boolean;
}

/**
 * Messages held in memory at most. With `delivery: centre` it is also how many go out unconfirmed, so that a centre that
 * is away does not fill the broker's queue for it (1,000 messages in mosquitto, then they are dropped).
 */
const WINDOW = 256;
/** First wait for the centre: its disk, both ways over a slow link, and a busy hour. */
export const DEFAULT_ACK_TIMEOUT_MS = 30_000;
/** Longest wait: an absent centre is asked this often. */
export const MAX_ACK_TIMEOUT_MS = 600_000;
/** Wait after a refusal, doubled at every further one, milliseconds. */
const FIRST_REFUSAL_WAIT_MS = 1_000;
const MAX_REFUSAL_WAIT_MS = 300_000;

interface Row {
  readonly message: OutboxMessage;
  state: 'waiting' | 'in-flight' | 'unconfirmed' | 'delivered';
  /** Monotonic; before it an unconfirmed message is not sent again. */
  dueMs: number;
  timeoutMs: number;
}

export function createMessageQueue(options: MessageQueueOptions): MessageQueue {
  const { outbox, delivery, counters, clock, logger } = options;
  const ackTimeoutMs = options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS;
  /** In row order. */
  const window = new Map<number, Row>();
  const lanes = new Map<string, { untilMs: number; waitMs: number }>();
  const delivered: number[] = [];
  const tried: number[] = [];
  let lastLoadedId = 0;

  function refill(): void {
    if (window.size >= WINDOW) return;
    for (const message of outbox.messages(lastLoadedId, WINDOW - window.size)) {
      window.set(message.id, { message, state: 'waiting', dueMs: 0, timeoutMs: ackTimeoutMs });
      lastLoadedId = message.id;
    }
  }

  function find(): Row | null {
    const nowMs = clock.monotonic();
    const sendable = (row: Row): boolean =>
      (row.state === 'waiting' || row.state === 'unconfirmed') &&
      row.dueMs <= nowMs &&
      (lanes.get(laneOf(row.message))?.untilMs ?? 0) <= nowMs;
    for (const row of window.values()) if (sendable(row)) return row;
    const known = lastLoadedId;
    refill();
    if (lastLoadedId === known) return null;
    for (const row of window.values()) if (row.message.id > known && sendable(row)) return row;
    return null;
  }

  function remove(row: Row): void {
    window.delete(row.message.id);
    counters.messagesDelivered++;
  }

  return {
    next() {
      const row = find();
      if (row === null) return null;
      if (row.state === 'unconfirmed') {
        row.timeoutMs = Math.min(row.timeoutMs * 2, MAX_ACK_TIMEOUT_MS);
        counters.messagesResent++;
        tried.push(row.message.id);
      }
      row.state = 'in-flight';
      return row.message;
    },
    accepted(id) {
      const row = window.get(id);
      if (row === undefined) return;
      lanes.delete(laneOf(row.message));
      if (delivery === 'broker') {
        row.state = 'delivered';
        delivered.push(id);
        return;
      }
      row.state = 'unconfirmed';
      row.dueMs = clock.monotonic() + row.timeoutMs;
    },
    refused(id, why) {
      counters.refusals++;
      const row = window.get(id);
      if (row === undefined) return;
      row.state = 'waiting';
      tried.push(id);
      const lane = laneOf(row.message);
      const waitMs = Math.min((lanes.get(lane)?.waitMs ?? FIRST_REFUSAL_WAIT_MS / 2) * 2, MAX_REFUSAL_WAIT_MS);
      lanes.set(lane, { untilMs: clock.monotonic() + waitMs, waitMs });
      logger.warn(
        { event: 'message-refused', topic: row.message.topic, wait_ms: waitMs },
        `${row.message.topic}: ${why}; it is kept and tried again in ${waitMs / 1000} s`,
      );
    },
    confirmed(ackKey, sha256) {
      for (const row of window.values()) {
        if (row.message.ackKey !== ackKey) continue;
        if (createHash('sha256').update(row.message.payload).digest('hex') !== sha256) return 'mismatch';
        outbox.acknowledgeKey(ackKey);
        remove(row);
        return 'done';
      }
      return 'unknown';
    },
    linkLost() {
      for (const row of window.values()) {
        if (row.state !== 'in-flight') continue;
        row.state = 'waiting';
        counters.messagesResent++;
        tried.push(row.message.id);
      }
    },
    resendUnconfirmed() {
      for (const row of window.values()) {
        if (row.state !== 'unconfirmed') continue;
        row.dueMs = 0;
        row.timeoutMs = ackTimeoutMs / 2;
      }
      lanes.clear();
    },
    settle() {
      outbox.acknowledge(delivered);
      for (const id of delivered.splice(0)) {
        const row = window.get(id);
        if (row !== undefined) remove(row);
      }
      outbox.attempted(tried);
      tried.length = 0;
    },
    idle: () => window.size === 0 && outbox.messages(lastLoadedId, 1).length === 0,
  };
}

/** Messages of one lane wait for each other after a refusal: those of one camera, or of one incident's evidence. */
function laneOf(message: OutboxMessage): string {
  return message.topic.split('/', 2).join('/');
}
