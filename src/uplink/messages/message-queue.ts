import { createHash } from 'node:crypto';
import type { Outbox, OutboxMessage } from '../../domain/outbox.js';
import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logger.js';
import type { UplinkCounters } from '../link/counters.js';
import { createHeldRows } from './held-rows.js';

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

/**
 * Decides which message goes next. It knows nothing of the link but what it is told. Where the centre must acknowledge, one message of a kind
 * (events, evidence) goes ahead over a new link, and others follow once the broker had a subscriber for it: two that are under way while the centre
 * subscribes would change places, the first unheard and the second not.
 */
export interface MessageQueue {
  /** Oldest message that may be sent now, which then counts as in flight; `null` when there is none. */
  next(): OutboxMessage | null;
  /** The broker has acknowledged it. */
  accepted(id: number): void;
  /**
   * The broker has acknowledged it and says that nobody has subscribed. Where the centre must acknowledge, it counts as not sent, and what is
   * like it (camera) waits: or what comes after it would reach a centre that is just coming back before it does.
   */
  unheard(id: number): void;
  /** The broker refused it: its row stays, and what is like it (camera) waits. */
  refused(id: number, why: string): void;
  /** It cannot be sent over this link, whatever is allowed: its row stays, and no other waits for it. */
  setAside(id: number, why: string): void;
  /** The centre has acknowledged: `done`; `unknown` when there is no such message here; `mismatch` when the hash is another's. */
  confirmed(ackKey: string, sha256: string): 'done' | 'unknown' | 'mismatch';
  /** The link is gone: what was in flight will be sent again, and whether anybody listens at the next one is not known. */
  linkLost(): void;
  /** A new link, whose broker may have lost what the centre has not acknowledged yet; or the centre is back. */
  resendUnconfirmed(): void;
  /** Removes the rows whose delivery was acknowledged since the last call, in one transaction. */
  settle(): void;
  /** Messages wait for others to be acknowledged by the centre: none may go now, and the next ones soon. */
  awaitsRoom(): boolean;
  /** Nothing is in flight, and nothing waits but what is held back. */
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
/**
 * A row sent this often makes room when the window is full and the centre acknowledges others: it rejects this one. With
 * 30 s and 60 s between them that is 90 s; fewer would push out rows that are only late.
 */
const SENDS_BEFORE_ASIDE = 3;

interface Row {
  readonly message: OutboxMessage;
  state: 'waiting' | 'in-flight' | 'unconfirmed' | 'delivered';
  /** Monotonic; before it an unconfirmed message is not sent again. */
  dueMs: number;
  timeoutMs: number;
  /** How often, without those that the link's end cut short: they say nothing of what the centre thinks of it. */
  sends: number;
  /** Monotonic, of the last time. */
  sentMs: number;
}

export function createMessageQueue(options: MessageQueueOptions): MessageQueue {
  const { outbox, delivery, counters, clock, logger } = options;
  const ackTimeoutMs = options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS;
  /** What may be sent or is on its way. */
  const window = new Map<number, Row>();
  const held = createHeldRows(clock);
  /** Rows whose delivery was acknowledged and that are still in the outbox. */
  const delivered = new Set<number>();
  const tried: number[] = [];
  /** By kind of message: the row that goes ahead, or `heard` since somebody has subscribed. */
  const ahead = new Map<string, number | 'heard'>();
  let lastLoadedId = 0;
  let nextRoomMs = 0;

  function load(message: OutboxMessage, sends: number): void {
    // The centre may acknowledge what the process before this one has sent before it is loaded.
    if (delivered.has(message.id)) return;
    if (held.park(laneOf(message), message.id)) return;
    window.set(message.id, { message, state: 'waiting', dueMs: 0, timeoutMs: ackTimeoutMs, sends, sentMs: 0 });
  }

  function refill(): void {
    if (window.size >= WINDOW) makeRoom();
    for (let row = held.due(); row !== null && window.size < WINDOW; row = held.due()) {
      const [message] = outbox.messages(row.id - 1, 1);
      const found = message?.id === row.id && !delivered.has(row.id);
      held.take(row, found);
      if (message === undefined || !found) continue;
      if (row.lane === null) load(message, SENDS_BEFORE_ASIDE - 1);
      else window.set(row.id, { message, state: 'waiting', dueMs: 0, timeoutMs: ackTimeoutMs, sends: 0, sentMs: 0 });
    }
    while (window.size < WINDOW) {
      const page = outbox.messages(lastLoadedId, WINDOW - window.size);
      if (page.length === 0) return;
      for (const message of page) {
        lastLoadedId = message.id;
        load(message, 0);
      }
    }
  }

  /**
   * The centre is away, or rejects all that is out for ever. One row in the place of another now and then finds out which,
   * and adds little to what a broker must keep for an absent centre.
   */
  function makeRoom(): void {
    const nowMs = clock.monotonic();
    if (nowMs < nextRoomMs) return;
    for (const row of window.values()) {
      if (row.state !== 'unconfirmed' || row.sends < SENDS_BEFORE_ASIDE) continue;
      nextRoomMs = nowMs + ackTimeoutMs;
      stepAside(row, 'the centre does not acknowledge it');
      return;
    }
  }

  /** The centre has acknowledged what was sent after these, so it is there and will not have them. */
  function passOver(sentMs: number): void {
    for (const row of [...window.values()]) {
      if (row.state === 'unconfirmed' && row.sends >= SENDS_BEFORE_ASIDE && row.sentMs < sentMs) {
        stepAside(row, 'the centre acknowledges others but not this one');
      }
    }
  }

  function stepAside(row: Row, why: string): void {
    const { id, topic } = row.message;
    window.delete(id);
    held.setAside(laneOf(row.message), id);
    logger.warn({ event: 'message-set-aside', topic, row: id }, `${topic}: ${why}; it is kept and tried again later`);
  }

  function find(): Row | null {
    const nowMs = clock.monotonic();
    const sendable = (row: Row): boolean =>
      (row.state === 'waiting' || (row.state === 'unconfirmed' && row.dueMs <= nowMs)) && (!needsCentre(row) || mayFollow(row));
    for (const row of window.values()) if (sendable(row)) return row;
    refill();
    for (const row of window.values()) if (sendable(row)) return row;
    return null;
  }

  function needsCentre({ message }: Row): boolean {
    return delivery === 'centre' && !message.brokerOnly;
  }

  /** None of its kind is on its way alone: one was heard, or was refused, set aside, or confirmed before the broker had answered. */
  function mayFollow({ message }: Row): boolean {
    const first = ahead.get(kindOf(message));
    return first === undefined || first === 'heard' || window.get(first)?.state !== 'in-flight';
  }

  /** Its lane waits, in order. @returns how long, milliseconds; `null` when it did already. */
  function hold(row: Row, maxWaitMs?: number): number | null {
    const { id } = row.message;
    const lane = laneOf(row.message);
    window.delete(id);
    const waitMs = held.refuse(lane, id, maxWaitMs);
    for (const other of [...window.values()]) {
      if (other.state === 'in-flight' || other.state === 'delivered' || laneOf(other.message) !== lane) continue;
      window.delete(other.message.id);
      held.park(lane, other.message.id);
    }
    return waitMs;
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
      row.sends++;
      row.sentMs = clock.monotonic();
      if (needsCentre(row) && ahead.get(kindOf(row.message)) !== 'heard') ahead.set(kindOf(row.message), row.message.id);
      return row.message;
    },
    accepted(id) {
      const row = window.get(id);
      if (row === undefined) return;
      held.release(laneOf(row.message));
      if (!needsCentre(row)) {
        row.state = 'delivered';
        delivered.add(id);
        return;
      }
      ahead.set(kindOf(row.message), 'heard');
      row.state = 'unconfirmed';
      row.dueMs = clock.monotonic() + row.timeoutMs;
    },
    unheard(id) {
      const row = window.get(id);
      if (row === undefined) return;
      if (!needsCentre(row)) {
        this.accepted(id);
        return;
      }
      tried.push(id);
      // Whoever listened has gone, with its subscription.
      ahead.delete(kindOf(row.message));
      hold(row, ackTimeoutMs);
    },
    refused(id, why) {
      counters.refusals++;
      const row = window.get(id);
      if (row === undefined) return;
      tried.push(id);
      const waitMs = hold(row);
      if (waitMs === null) return;
      logger.warn(
        { event: 'message-refused', topic: row.message.topic, waitMs },
        `${row.message.topic}: ${why}; it is kept and tried again in ${waitMs / 1000} s`,
      );
    },
    setAside(id, why) {
      counters.refusals++;
      const row = window.get(id);
      if (row === undefined) return;
      tried.push(id);
      stepAside(row, why);
    },
    confirmed(ackKey, sha256) {
      const row = [...window.values()].find(({ message }) => message.ackKey === ackKey);
      // Held back, or sent by the process before this one.
      const message = row?.message ?? outbox.message(ackKey);
      // A repeat that came before the row was removed.
      if (message === null || delivered.has(message.id)) return 'unknown';
      if (createHash('sha256').update(message.payload).digest('hex') !== sha256) return 'mismatch';
      delivered.add(message.id);
      if (row !== undefined) {
        if (window.size >= WINDOW) passOver(row.sentMs);
        // Its place is free at once; a crash before its row is removed costs a repeat.
        window.delete(message.id);
        held.spare(laneOf(message), message.id);
      }
      return 'done';
    },
    linkLost() {
      ahead.clear();
      for (const row of [...window.values()]) {
        if (row.state !== 'in-flight') continue;
        row.state = 'waiting';
        row.sends--;
        counters.messagesResent++;
        tried.push(row.message.id);
        if (held.park(laneOf(row.message), row.message.id)) window.delete(row.message.id);
      }
      held.linkLost();
    },
    resendUnconfirmed() {
      const nowMs = clock.monotonic();
      for (const row of window.values()) {
        if (row.state !== 'unconfirmed') continue;
        if (row.dueMs > nowMs) row.sends--;
        row.dueMs = 0;
        row.timeoutMs = ackTimeoutMs / 2;
      }
    },
    settle() {
      outbox.acknowledge([...delivered]);
      for (const id of delivered) window.delete(id);
      counters.messagesDelivered += delivered.size;
      delivered.clear();
      outbox.attempted(tried);
      tried.length = 0;
    },
    awaitsRoom: () => window.size >= WINDOW && outbox.messages(lastLoadedId, 1).length > 0,
    idle: () => window.size === 0 && outbox.messages(lastLoadedId, 1).length === 0,
  };
}

/** What the centre subscribes to, by the first part of the topic. */
function kindOf({ topic }: OutboxMessage): string {
  return topic.split('/', 1).join();
}

/** Messages of one lane wait for each other after a refusal: those of one camera, or of one incident's evidence. */
function laneOf(message: OutboxMessage): string {
  return message.topic.split('/', 2).join('/');
}
