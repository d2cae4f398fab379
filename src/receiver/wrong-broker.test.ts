import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../domain/evidence.js';
import { systemClock } from '../platform/clock.js';
import { openStore, type Store } from '../store/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder, until } from '../testing/delivery-fixtures.js';
import { makeUplink, startTestReceiver } from '../testing/delivery-rig.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import { type Acknowledging, startWrongBroker, type WrongBroker } from '../testing/wrong-broker.js';
import type { Uplink } from '../uplink/index.js';
import type { ReceivedEvidence, Receiver } from './index.js';

const KEEPALIVE_MS = 2_000;
const INCIDENTS = 8;

/** By the watchdog of the session, or by mqtt.js's ping; within what time, session.test.ts tells by its own clock. */
const noticed = /acknowledged nothing for|[Kk]eepalive timeout/;

describe.skipIf(!mosquittoInstalled())('between agent and receiver a broker that', () => {
  let folder: TestFolder;
  let broker: Mosquitto;
  let wrong: WrongBroker;
  let store: Store;
  let uplink: Uplink;
  let receiver: Receiver;
  let files: ReceivedEvidence[];
  let journaled: number;

  beforeEach(async () => {
    folder = await makeTestFolder();
    broker = await startMosquitto();
    wrong = await startWrongBroker(broker.port);
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger: silentLogger() });
    files = [];
    journaled = 0;
    receiver = await startTestReceiver(broker.url, folder.of('received'), silentLogger(), {
      onEvent: () => journaled++,
      onEvidence: (one) => files.push(one),
    });
    uplink = makeUplink(store, wrong.url, silentLogger(), {
      mqtt: { url: wrong.url, keepaliveMs: KEEPALIVE_MS },
      ackTimeoutMs: 1_000,
    });
    uplink.start();
    await until('the agent is connected', () => uplink.state().connected);
  });
  afterEach(async () => {
    await uplink[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    store.close();
    await wrong[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** Incidents of two cameras, each with a clip of six chunks. */
  async function recordAll(): Promise<Evidence[]> {
    const made: Evidence[] = [];
    for (let i = 0; i < INCIDENTS; i++) {
      const incident = makeIncident({ cameraId: i % 2 === 0 ? 'tower' : 'gate' });
      store.recordIncident(incident);
      const clip = await makeEvidence(incident, 'clip', folder.of('evidence', incident.id, 'clip.mp4'), 90_000);
      store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
      store.recordEvidence(clip);
      made.push(clip);
    }
    uplink.wake();
    return made;
  }

  const empty = (): boolean => {
    const { messages, transfers } = store.outbox.depth();
    return messages + transfers === 0;
  };

  /** @param inOrder false where the agent cannot know that an earlier one has not arrived: it was acknowledged. */
  async function expectAllOnce(made: readonly Evidence[], inOrder = true): Promise<void> {
    const lines = (await readFile(folder.of('received', 'events.jsonl'), 'utf8')).trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { camera: string; seq: number });
    for (const camera of ['tower', 'gate']) {
      const arrived = events.filter((event) => event.camera === camera).map(({ seq }) => seq);
      const numbers = inOrder ? arrived : arrived.sort((a, b) => a - b);
      expect(numbers, `the numbers of ${camera}, as they arrived`).toEqual(Array.from({ length: INCIDENTS }, (_, i) => i + 1));
    }
    expect(files).toHaveLength(INCIDENTS);
    for (const { id, sha256 } of made) {
      const content = await readFile(files.find((file) => file.evidence === id)?.path ?? `${id} never came`);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
  }

  const acknowledgings: readonly Acknowledging[] = [
    { how: 'late', ms: 100 },
    // Later than the link is given up for.
    { how: 'late', ms: 2 * KEEPALIVE_MS },
    { how: 'twice' },
    { how: 'never' },
    { how: 'falsely' },
  ];
  it.each(acknowledgings)('acknowledges wrongly: $how $ms, and mends: nothing is lost', async (acknowledging) => {
    wrong.acknowledge(acknowledging);
    const made = await recordAll();
    const isLasting = acknowledging.how === 'twice' || (acknowledging.how === 'late' && acknowledging.ms < KEEPALIVE_MS);
    if (!isLasting) {
      await until('it has done wrong', () => wrong.wronged() > 3);
      const before = uplink.state().connects;
      if (acknowledging.how !== 'falsely') await until('the link was given up', () => uplink.state().connects > before);
      wrong.acknowledge({ how: 'promptly' });
    }
    await until('all of it has arrived', empty);
    expect(wrong.wronged()).toBeGreaterThan(0);
    await expectAllOnce(made, acknowledging.how !== 'falsely');
  });

  it('never acknowledges, for ever: events arrive all the same, since the centre acknowledges them', async () => {
    wrong.acknowledge({ how: 'never' });
    for (let i = 0; i < INCIDENTS; i++) store.recordIncident(makeIncident());
    uplink.wake();
    await until('all of them have arrived', () => journaled === INCIDENTS && store.outbox.depth().messages === 0);
  });

  it('falls silent in mid-drain is noticed, and nothing is lost', async () => {
    const made = await recordAll();
    await until('it drains', () => journaled > 0);
    wrong.silence();
    await until('noticed', () => !uplink.state().connected);
    expect(uplink.state().lastError?.message).toMatch(noticed);
    wrong.restore();
    await until('all of it has arrived', empty);
    await expectAllOnce(made);
  });
});
