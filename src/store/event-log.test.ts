import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GoneMessage, goneSchema } from '../domain/wire/delivery.js';
import { systemClock } from '../platform/clock.js';
import { checkSignature } from '../platform/proof/index.js';
import { ended, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { makeProof } from '../testing/proof-fixtures.js';
import { openStore, type Store } from './index.js';

describe('events that the centre asks for again', () => {
  let folder: TestFolder;
  let store: Store;

  beforeEach(async () => {
    folder = await makeTestFolder();
    const path = folder.of('store.sqlite');
    store = openStore({ path, site: 'estate', agent: 'box', proof: makeProof(), clock: systemClock, logger: silentLogger() });
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  /** Incidents of two events each. @returns ids, oldest first. */
  function record(count: number, startedAtMs = Date.now()): string[] {
    return Array.from({ length: count }, () => {
      const incident = makeIncident({ startedAtMs });
      store.recordIncident(incident);
      store.recordIncident(ended(incident));
      return incident.id;
    });
  }
  const queue = () => store.outbox.messages(0, 10_000);
  const deliverAll = () => store.outbox.acknowledge(queue().map(({ id }) => id));
  const numbers = () => queue().map(({ payload }) => (JSON.parse(payload) as { seq?: number }).seq);
  const gone = (): GoneMessage[] =>
    queue()
      .filter(({ topic }) => topic === 'gone')
      .map(({ payload }) => goneSchema.parse(JSON.parse(payload)));

  test('are queued once more, byte for byte, those that still wait are left alone', () => {
    record(2);
    const before = queue().map(({ topic, payload, ackKey }) => ({ topic, payload, ackKey }));
    store.outbox.acknowledge(
      queue()
        .slice(0, 3)
        .map(({ id }) => id),
    );
    expect(store.outbox.resend('tower', 1, 4)).toEqual({ queued: 3, gone: 0 });
    expect(numbers()).toEqual([4, 1, 2, 3]);
    const after = queue().map(({ topic, payload, ackKey }) => ({ topic, payload, ackKey }));
    expect(after.slice(1)).toEqual(before.slice(0, 3));
    expect(store.outbox.resend('tower', 1, 4)).toEqual({ queued: 0, gone: 0 });
  });

  test('are gone with their incident, and the agent signs that', () => {
    record(2, 1_000);
    deliverAll();
    expect(store.forget(2_000)).toBe(2);
    record(1);
    deliverAll();
    expect(store.outbox.resend('tower', 2, 9)).toEqual({ queued: 2, gone: 6 });
    expect(gone()).toMatchObject([
      { first: 2, last: 4, camera: 'tower', reason: 'the incident has been forgotten' },
      { first: 7, last: 9, reason: 'the agent has counted only to 6' },
    ]);
    for (const message of gone()) expect(checkSignature(message).state).toBe('good');
    // Asked again before it was delivered: once is enough.
    store.outbox.resend('tower', 2, 9);
    expect(gone()).toHaveLength(2);
  });

  test('come a thousand at a time, and nothing beyond them is called gone', () => {
    record(600);
    deliverAll();
    expect(store.outbox.resend('tower', 1, 5_000)).toEqual({ queued: 1_000, gone: 0 });
    deliverAll();
    expect(store.outbox.resend('tower', 1_001, 1_200)).toEqual({ queued: 200, gone: 0 });
  });

  test('are said to be gone a thousand times at most before the centre has heard it', () => {
    record(1);
    deliverAll();
    for (let first = 10; first < 3_000; first++) store.outbox.resend('tower', first, first);
    expect(store.outbox.depth().messages).toBe(1_000);
    deliverAll();
    expect(store.outbox.resend('tower', 5_000, 5_000)).toEqual({ queued: 0, gone: 1 });
  });

  test.each([
    ['a camera that never had an event', 'gate', 1, 2],
    ['numbers in the wrong order', 'tower', 3, 2],
  ])('%s: no answer', (_what, camera, first, last) => {
    record(2);
    deliverAll();
    expect(store.outbox.resend(camera, first, last)).toEqual({ queued: 0, gone: 0 });
    expect(queue()).toEqual([]);
  });
});
