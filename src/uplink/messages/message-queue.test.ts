import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Outbox, OutboxMessage } from '../../domain/outbox.js';
import type { Clock } from '../../platform/clock.js';
import { silentLogger } from '../../testing/delivery-fixtures.js';
import { createUplinkCounters, type UplinkCounters } from '../link/counters.js';
import { createMessageQueue, type Delivery, type MessageQueue } from './message-queue.js';

/** An outbox in memory, with the calls that a queue makes. */
function memoryOutbox(count: number, topic = (id: number) => `events/camera-${id % 2}/thrown_object`) {
  const rows = new Map<number, OutboxMessage>();
  for (let id = 1; id <= count; id++) {
    rows.set(id, {
      ...{ id, topic: topic(id), payload: `{"n":${id}}`, schema: 's', ackKey: `key-${id}` },
      ...{ retain: false, brokerOnly: false, createdAtMs: id, attempts: 0 },
    });
  }
  const attempts: number[] = [];
  const outbox: Pick<Outbox, 'messages' | 'message' | 'acknowledge' | 'attempted'> = {
    messages: (afterId, limit) => [...rows.values()].filter((row) => row.id > afterId).slice(0, limit),
    message: (key) => [...rows.values()].find((row) => row.ackKey === key) ?? null,
    acknowledge: (ids) => {
      for (const id of ids) rows.delete(id);
    },
    attempted: (ids) => {
      attempts.push(...ids);
    },
  };
  return { outbox: outbox as Outbox, rows, attempts };
}

const hashOf = (message: OutboxMessage): string => createHash('sha256').update(message.payload).digest('hex');

describe('the message queue', () => {
  let nowMs = 0;
  let counters: UplinkCounters;
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs, delay: () => Promise.reject(new TypeError('a queue does not wait')) };
  beforeEach(() => {
    nowMs = 1_000_000;
    counters = createUplinkCounters();
  });
  const create = (outbox: Outbox, delivery: Delivery): MessageQueue =>
    createMessageQueue({ outbox, delivery, counters, clock, logger: silentLogger() });

  function drain(queue: MessageQueue): number[] {
    const ids: number[] = [];
    for (let message = queue.next(); message !== null; message = queue.next()) ids.push(message.id);
    return ids;
  }

  it('keeps the order of a camera while nobody has subscribed, and goes on when somebody has', () => {
    const { outbox } = memoryOutbox(6);
    const queue = create(outbox, 'centre');
    // Camera 1 has 1, 3, 5; camera 0 has 2, 4, 6: both wait with all they have.
    for (const id of [1, 2]) {
      expect(drain(queue)).toEqual([id]);
      queue.unheard(id);
    }
    expect(drain(queue)).toEqual([]);
    nowMs += 1_000;
    // One row asks whether anybody is there by now.
    expect(drain(queue)).toEqual([1]);
    queue.accepted(1);
    expect(drain(queue)).toEqual([2, 3, 5]);
    queue.unheard(2);
    nowMs += 2_000;
    expect(drain(queue)).toEqual([2]);
    queue.accepted(2);
    expect(drain(queue)).toEqual([4, 6]);
  });

  it('sends one message ahead over a new link, so that no two change places while the centre subscribes', () => {
    const { outbox } = memoryOutbox(4, (id) => `events/gate/${id}`);
    const queue = create(outbox, 'centre');
    for (let link = 0; link < 2; link++) {
      expect(drain(queue)).toEqual([1]);
      queue.linkLost();
    }
    expect(drain(queue)).toEqual([1]);
    queue.accepted(1);
    expect(drain(queue)).toEqual([2, 3, 4]);
    // Who listened has gone, perhaps before it had taken the first to its disk.
    queue.unheard(2);
    nowMs += 1_000;
    expect(drain(queue)).toEqual([1]);
  });

  it('has the next one go ahead when the first is refused, is too large, or another kind has no subscriber', () => {
    const { outbox, rows } = memoryOutbox(6, (id) => (id % 2 === 0 ? `events/camera-${id}/smoke` : `evidence/${id}/manifest`));
    const queue = create(outbox, 'centre');
    expect(drain(queue)).toEqual([1, 2]);
    queue.refused(2, 'Not authorized');
    expect(drain(queue)).toEqual([4]);
    queue.setAside(4, 'too large');
    expect(drain(queue)).toEqual([6]);
    // The centre may be faster than the broker.
    queue.confirmed('key-6', hashOf(rows.get(6) as OutboxMessage));
    queue.unheard(1);
    expect(drain(queue)).toEqual([3]);
    queue.accepted(3);
    expect(drain(queue)).toEqual([5]);
  });

  it('does not wait for one that went ahead and was confirmed, before it was loaded or before the broker had answered', () => {
    const { outbox, rows } = memoryOutbox(5, (id) => `events/gate/${id}`);
    const queue = create(outbox, 'centre');
    const confirm = (id: number) => queue.confirmed(`key-${id}`, hashOf(rows.get(id) as OutboxMessage));
    // What the process before this one had sent.
    expect(confirm(1)).toBe('done');
    expect(drain(queue)).toEqual([2]);
    expect(confirm(2)).toBe('done');
    queue.settle();
    queue.accepted(2);
    // An old word of the centre does not say that it listens now.
    expect(drain(queue)).toEqual([3]);
    queue.accepted(3);
    expect(drain(queue)).toEqual([4, 5]);
  });

  it('asks at least as often as it would repeat, while nobody has subscribed', () => {
    const { outbox } = memoryOutbox(1);
    const queue = create(outbox, 'centre');
    for (let wait = 0; wait < 10; wait++) {
      expect(drain(queue)).toEqual([1]);
      queue.unheard(1);
      nowMs += 30_000;
    }
  });

  it('takes an acknowledgement for good that says that nobody has subscribed, where the broker decides', () => {
    const { outbox, rows } = memoryOutbox(2);
    const queue = create(outbox, 'broker');
    expect(drain(queue)).toEqual([1, 2]);
    for (const id of [1, 2]) queue.unheard(id);
    queue.settle();
    expect(rows.size).toBe(0);
  });

  it('has done with what is of no concern to the centre when the broker has it, whatever the delivery', () => {
    const { outbox, rows } = memoryOutbox(3);
    rows.set(1, { ...(rows.get(1) as OutboxMessage), brokerOnly: true });
    const queue = create(outbox, 'centre');
    rows.set(2, { ...(rows.get(2) as OutboxMessage), brokerOnly: true });
    expect(drain(queue)).toEqual([1, 2, 3]);
    queue.accepted(1);
    queue.unheard(2);
    queue.accepted(3);
    queue.settle();
    expect([...rows.keys()]).toEqual([3]);
  });

  it('yields rows in order, each once, and removes those that the broker has acknowledged in one go', () => {
    const { outbox, rows } = memoryOutbox(5);
    const queue = create(outbox, 'broker');
    expect(drain(queue)).toEqual([1, 2, 3, 4, 5]);
    for (const id of [2, 1, 4]) queue.accepted(id);
    expect(rows.size).toBe(5);
    queue.settle();
    expect([...rows.keys()]).toEqual([3, 5]);
    expect(queue.idle()).toBe(false);
    queue.accepted(3);
    queue.accepted(5);
    queue.settle();
    expect(queue.idle()).toBe(true);
    expect(counters.messagesDelivered).toBe(5);
  });

  it('sends again in order what was in flight when the link was lost', () => {
    const { outbox, attempts } = memoryOutbox(4);
    const queue = create(outbox, 'broker');
    expect(drain(queue)).toEqual([1, 2, 3, 4]);
    queue.accepted(2);
    queue.linkLost();
    queue.settle();
    expect(drain(queue)).toEqual([1, 3, 4]);
    expect(attempts).toEqual([1, 3, 4]);
  });

  it('holds back a camera whose message was refused, with doubling waits, and no other', () => {
    const { outbox } = memoryOutbox(6);
    const queue = create(outbox, 'broker');
    expect([queue.next()?.id, queue.next()?.id]).toEqual([1, 2]);
    queue.refused(1, 'not authorised');
    queue.accepted(2);
    expect(drain(queue)).toEqual([4, 6]);
    nowMs += 999;
    expect(queue.next()).toBeNull();
    nowMs += 1;
    expect(queue.next()?.id).toBe(1);
    queue.refused(1, 'not authorised');
    nowMs += 1_999;
    expect(queue.next()).toBeNull();
    nowMs += 1;
    // One row tries for its lane; when it is taken, the others follow.
    expect(drain(queue)).toEqual([1]);
    queue.accepted(1);
    expect(drain(queue)).toEqual([3, 5]);
    expect(counters.refusals).toBe(2);
  });

  it('keeps a row until the centre acknowledges it with its own hash', () => {
    const { outbox, rows } = memoryOutbox(2);
    const queue = create(outbox, 'centre');
    const first = queue.next() as OutboxMessage;
    queue.accepted(1);
    queue.settle();
    expect(rows.size).toBe(2);
    expect(queue.confirmed('key-1', 'f'.repeat(64))).toBe('mismatch');
    expect(queue.confirmed('key-9', hashOf(first))).toBe('unknown');
    expect(rows.size).toBe(2);
    expect(queue.confirmed('key-1', hashOf(first))).toBe('done');
    // Its place is free at once; the row goes with others, in one transaction.
    expect(queue.confirmed('key-1', hashOf(first))).toBe('unknown');
    expect(queue.idle()).toBe(false);
    expect(rows.size).toBe(2);
    queue.settle();
    expect([...rows.keys()]).toEqual([2]);
    expect(queue.confirmed('key-1', hashOf(first))).toBe('unknown');
  });

  it('sends again what the centre does not acknowledge, after 30 s doubling to 10 min', () => {
    const { outbox } = memoryOutbox(1);
    const queue = create(outbox, 'centre');
    const waitsS: number[] = [];
    expect(queue.next()?.id).toBe(1);
    for (let i = 0; i < 7; i++) {
      queue.accepted(1);
      const sentMs = nowMs;
      while (queue.next() === null) nowMs += 1_000;
      waitsS.push((nowMs - sentMs) / 1_000);
    }
    expect(waitsS).toEqual([30, 60, 120, 240, 480, 600, 600]);
    queue.accepted(1);
    queue.resendUnconfirmed();
    expect(queue.next()?.id).toBe(1);
  });

  it('has at most 256 rows out that the centre has not acknowledged', () => {
    const { outbox, rows } = memoryOutbox(1_000);
    const queue = create(outbox, 'centre');
    expect(drain(queue)).toEqual([1]);
    queue.accepted(1);
    const sent = drain(queue);
    expect(sent).toHaveLength(255);
    for (const id of sent) queue.accepted(id);
    expect(queue.next()).toBeNull();
    const third = rows.get(3) as OutboxMessage;
    expect(queue.confirmed('key-3', hashOf(third))).toBe('done');
    expect(drain(queue)).toEqual([257]);
  });

  it('keeps rows whose removal failed and removes them later', () => {
    const { outbox, rows } = memoryOutbox(1);
    let broken = true;
    const queue = create(
      {
        ...outbox,
        acknowledge: (ids) => {
          if (broken) throw new RangeError('disk');
          outbox.acknowledge(ids);
        },
      },
      'broker',
    );
    queue.next();
    queue.accepted(1);
    expect(() => queue.settle()).toThrow('disk');
    expect(queue.next()).toBeNull();
    broken = false;
    queue.settle();
    expect(rows.size).toBe(0);
  });

  it('lets other cameras go past any number of refused rows of one, and sends these in order when they are allowed', () => {
    const { outbox, rows } = memoryOutbox(1_000, (id) => `events/${id <= 990 ? 'forbidden' : 'gate'}/thrown_object`);
    const queue = create(outbox, 'broker');
    const others: number[] = [];
    for (let message = queue.next(); message !== null; message = queue.next()) {
      if (message.topic.includes('forbidden')) queue.refused(message.id, 'not authorised');
      else {
        others.push(message.id);
        queue.accepted(message.id);
      }
    }
    queue.settle();
    expect(others).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000]);
    expect(counters.refusals).toBe(1);
    const late: number[] = [];
    nowMs += 1_000;
    for (let message = queue.next(); message !== null; message = queue.next()) {
      late.push(message.id);
      queue.accepted(message.id);
      queue.settle();
    }
    expect(late).toEqual(Array.from({ length: 990 }, (_, index) => index + 1));
    expect(rows.size).toBe(0);
    expect(queue.idle()).toBe(true);
  });

  it('counts a burst of refusals of one camera as one', () => {
    const { outbox } = memoryOutbox(20, () => 'events/gate/thrown_object');
    const queue = create(outbox, 'broker');
    for (const id of drain(queue)) queue.refused(id, 'not authorised');
    expect(queue.next()).toBeNull();
    nowMs += 1_000;
    expect(drain(queue)).toEqual([1]);
    queue.linkLost();
    expect(drain(queue)).toEqual([1]);
    queue.accepted(1);
    expect(drain(queue)).toEqual(Array.from({ length: 19 }, (_, index) => index + 2));
  });

  it('sets one row aside alone, and tries it again after 10 min or over the next link', () => {
    const { outbox } = memoryOutbox(4, () => 'events/gate/thrown_object');
    const queue = create(outbox, 'broker');
    expect(queue.next()?.id).toBe(1);
    queue.setAside(1, 'too large');
    expect(drain(queue)).toEqual([2, 3, 4]);
    for (const id of [2, 3, 4]) queue.accepted(id);
    queue.settle();
    expect(queue.next()).toBeNull();
    nowMs += 600_000;
    expect(drain(queue)).toEqual([1]);
    queue.setAside(1, 'too large');
    expect(queue.next()).toBeNull();
    queue.linkLost();
    expect(drain(queue)).toEqual([1]);
    expect(counters.refusals).toBe(2);
  });

  it('tries another of a camera that waits when the centre has confirmed the one that was tried', () => {
    const { outbox, rows } = memoryOutbox(4, (id) => `events/gate/${id}`);
    const queue = create(outbox, 'centre');
    expect(drain(queue)).toEqual([1]);
    queue.unheard(1);
    nowMs += 1_000;
    expect(drain(queue)).toEqual([1]);
    expect(queue.confirmed('key-1', hashOf(rows.get(1) as OutboxMessage))).toBe('done');
    queue.accepted(1);
    expect(drain(queue)).toEqual([2]);
    queue.accepted(2);
    expect(drain(queue)).toEqual([3, 4]);
  });

  it('sets nothing aside that the end of a link kept from its answer', () => {
    const { outbox, rows } = memoryOutbox(1_000);
    const queue = create(outbox, 'centre');
    const link = (acceptedUpTo: number) => {
      queue.resendUnconfirmed();
      for (let message = queue.next(); message !== null; message = queue.next()) {
        nowMs += 10;
        if (message.id <= acceptedUpTo) queue.accepted(message.id);
      }
    };
    for (let cut = 0; cut < 4; cut++) {
      link(200);
      queue.linkLost();
    }
    link(256);
    expect(queue.confirmed('key-256', hashOf(rows.get(256) as OutboxMessage))).toBe('done');
    expect(drain(queue)).toEqual([257]);
  });

  it('gets past rows that the centre never acknowledges', () => {
    const { outbox, rows } = memoryOutbox(1_000);
    const queue = create(outbox, 'centre');
    const startedMs = nowMs;
    const rejectedUpTo = 266;
    while (rows.size > rejectedUpTo && nowMs - startedMs < 600_000) {
      for (let message = queue.next(); message !== null; message = queue.next()) {
        queue.accepted(message.id);
        if (message.id > rejectedUpTo) expect(queue.confirmed(message.ackKey, hashOf(message))).toBe('done');
      }
      queue.settle();
      nowMs += 1_000;
    }
    expect([...rows.keys()]).toEqual(Array.from({ length: rejectedUpTo }, (_, index) => index + 1));
  });

  it('adds no more than two rows a minute for a centre that is away, and takes late acknowledgements of all', () => {
    const { outbox, rows } = memoryOutbox(1_000);
    const queue = create(outbox, 'centre');
    const sent = new Map<number, OutboxMessage>();
    for (let second = 0; second < 3_600; second++) {
      for (let message = queue.next(); message !== null; message = queue.next()) {
        sent.set(message.id, message);
        queue.accepted(message.id);
      }
      nowMs += 1_000;
    }
    expect(sent.size).toBeGreaterThan(256);
    expect(sent.size).toBeLessThan(256 + 120);
    for (const message of sent.values()) expect(queue.confirmed(message.ackKey, hashOf(message))).toBe('done');
    queue.settle();
    expect(rows.size).toBe(1_000 - sent.size);
  });
});
