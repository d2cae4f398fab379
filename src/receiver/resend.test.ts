import { readFile, rm } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../platform/clock.js';
import { openStore, type Store } from '../store/index.js';
import { ended, makeIncident, makeTestFolder, recordingLogger, type TestFolder, until } from '../testing/delivery-fixtures.js';
import { makeUplink, startTestReceiver } from '../testing/delivery-rig.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import { makeProof } from '../testing/proof-fixtures.js';
import type { Uplink } from '../uplink/index.js';
import { GAP_PATIENCE_MS } from './gaps.js';
import type { Receiver } from './index.js';

describe.skipIf(!mosquittoInstalled())('a centre whose database was put back from a backup', () => {
  let folder: TestFolder;
  let broker: Mosquitto;
  let store: Store;
  let uplink: Uplink;
  let receiver: Receiver | null = null;
  /** The centre's clock, ahead of the real one. */
  let aheadMs = 0;
  const log = recordingLogger();

  beforeEach(async () => {
    aheadMs = 0;
    folder = await makeTestFolder();
    broker = await startMosquitto();
    const path = folder.of('store.sqlite');
    store = openStore({ path, site: 'estate', agent: 'box', proof: makeProof(), clock: systemClock, logger: log.logger });
    uplink = makeUplink(store, broker.url, log.logger);
    uplink.start();
  });
  afterEach(async () => {
    await uplink[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
    receiver = null;
    store.close();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function startReceiver(): Promise<Receiver> {
    const clock = { ...systemClock, now: () => Date.now() + aheadMs };
    receiver = await startTestReceiver(broker.url, folder.of('received'), log.logger, { clock });
    return receiver;
  }

  /** Incidents of two events each. */
  async function record(count: number, startedAtMs: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const incident = makeIncident({ startedAtMs });
      store.recordIncident(incident);
      store.recordIncident(ended(incident));
    }
    uplink.wake();
    await until('the centre has them', () => store.outbox.depth().messages === 0);
  }

  /** Numbers 3 to 6 are gone at the centre. */
  async function loseAtCentre(): Promise<void> {
    await receiver?.[Symbol.asyncDispose]();
    const index = new Database(folder.of('received', '.receiver', 'index.sqlite'));
    index.exec('DELETE FROM event WHERE seq > 2; UPDATE camera SET highest = 2; DELETE FROM journal');
    index.close();
    await rm(folder.of('received', 'events.jsonl'));
  }

  async function journal(): Promise<number[]> {
    const text = await readFile(folder.of('received', 'events.jsonl'), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
  }

  test('gets what it lacks from the agent', async () => {
    await startReceiver();
    await record(3, Date.now());
    await loseAtCentre();
    const again = await startReceiver();
    await record(1, Date.now());
    expect(await again.status()).toMatchObject({ missed: 4, filled: 0, gaps: [{ firstSeq: 3, lastSeq: 6, asks: 0 }] });
    aheadMs = GAP_PATIENCE_MS;
    await until('it has asked and got them', () => again.counters.gapsFilled === 4);
    expect(await again.status()).toMatchObject({ missed: 4, filled: 4, lost: 0, gaps: [], lostEvents: [] });
    expect((await journal()).sort()).toEqual([3, 4, 5, 6, 7, 8]);
    expect(uplink.counters.eventsAskedFor).toBe(4);
  });

  test('is told, signed, what the agent has no more', async () => {
    await startReceiver();
    await record(3, 1_000);
    expect(store.forget(2_000)).toBe(3);
    await loseAtCentre();
    const again = await startReceiver();
    await record(1, Date.now());
    aheadMs = GAP_PATIENCE_MS;
    await until('it has the agent’s word', () => again.counters.gapsLost === 4);
    expect(await again.status()).toMatchObject({
      ...{ missed: 4, filled: 0, lost: 4, gaps: [] },
      lostEvents: [{ site: 'estate', agent: 'box', camera: 'tower', firstSeq: 3, lastSeq: 6, reason: 'the incident has been forgotten' }],
    });
    await until('the agent has its acknowledgement', () => store.outbox.depth().messages === 0);
  });
});
