import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence, EvidenceKind } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import { systemClock } from '../platform/clock.js';
import { openStore, type Store } from '../store/index.js';
import {
  ended,
  makeEvidence,
  makeIncident,
  makeTestFolder,
  recordingLogger,
  type TestFolder,
  until,
} from '../testing/delivery-fixtures.js';
import { makeUplink, startTestReceiver } from '../testing/delivery-rig.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import type { Uplink, UplinkOptions } from '../uplink/index.js';
import type { ReceivedEvent, ReceivedEvidence, Receiver } from './index.js';

/** By the watchdog of the session, or by mqtt.js's ping; within what time, session.test.ts tells by its own clock. */
const noticed = /acknowledged nothing for|[Kk]eepalive timeout/;

describe.skipIf(!mosquittoInstalled())('from the store to the receiver over a real broker', () => {
  let folder: TestFolder;
  let broker: Mosquitto;
  let store: Store;
  let uplink: Uplink | null = null;
  let receiver: Receiver | null = null;
  let events: ReceivedEvent[];
  let files: ReceivedEvidence[];
  let completions: string[];
  const log = recordingLogger();

  beforeEach(async () => {
    folder = await makeTestFolder();
    broker = await startMosquitto();
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger: log.logger });
    events = [];
    files = [];
    completions = [];
  });
  afterEach(async () => {
    await uplink?.[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
    uplink = null;
    receiver = null;
    store.close();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  function startUplink(differ: Partial<UplinkOptions> = {}): Uplink {
    uplink = makeUplink(store, broker.url, log.logger, differ);
    uplink.start();
    return uplink;
  }

  async function startReceiver(): Promise<Receiver> {
    receiver = await startTestReceiver(broker.url, folder.of('received'), log.logger, {
      onEvent: (one) => events.push(one),
      onEvidence: (one) => files.push(one),
      onComplete: (one) => completions.push(one.message.event),
    });
    return receiver;
  }

  /** An incident that has ended, with files of the given sizes. */
  async function incidentWith(sizes: Partial<Record<EvidenceKind, number>>): Promise<Evidence[]> {
    const incident = makeIncident();
    store.recordIncident(incident);
    const made: Evidence[] = [];
    for (const [kind, bytes] of Object.entries(sizes) as [EvidenceKind, number][]) made.push(await fileOf(incident, kind, bytes));
    recordEnd(incident, made);
    return made;
  }

  const fileOf = (incident: Incident, kind: EvidenceKind, bytes: number): Promise<Evidence> =>
    makeEvidence(incident, kind, folder.of('evidence', incident.id, kind), bytes);

  function recordEnd(incident: Incident, made: readonly Evidence[]): void {
    store.recordIncident(
      ended(incident),
      made.map(({ id, kind }) => ({ id, kind })),
    );
    for (const evidence of made) store.recordEvidence(evidence);
    uplink?.wake();
  }

  const empty = (): boolean => {
    const { messages, transfers } = store.outbox.depth();
    return messages + transfers === 0;
  };

  async function journal(): Promise<{ id: string; seq: number }[]> {
    const text = await readFile(folder.of('received', 'events.jsonl'), 'utf8');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; seq: number });
  }

  async function expectDelivered(made: readonly Evidence[]): Promise<void> {
    for (const { id, sha256 } of made) {
      const received = files.filter((file) => file.evidence === id);
      expect(received).toHaveLength(1);
      const content = await readFile(received[0]?.path ?? '');
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
  }

  it.each(['centre', 'broker'] as const)('delivers events and evidence once each, delivery: %s', async (delivery) => {
    await startReceiver();
    startUplink({ delivery });
    const made = await incidentWith({ clip: 300_000, trail: 16 * 1024, snapshot: 1, track: 5_000 });
    const again = await incidentWith({ clip: 100_000 });
    await until('all of it has arrived', () => completions.length === 2 && empty());
    await expectDelivered([...made, ...again]);
    expect((await journal()).map((event) => event.seq)).toEqual([1, 2, 3, 4]);
    const eventFolder = events[0]?.folder ?? '';
    expect(eventFolder).toBe(folder.of('received', 'estate', 'box', 'tower', events[0]?.event.id ?? ''));
    for (const name of ['clip.mp4', 'trail.jpg', 'snapshot.jpg', 'track.json', 'event.json', 'evidence.json']) {
      expect(existsSync(join(eventFolder, name)), name).toBe(true);
    }
    expect(JSON.parse(await readFile(join(eventFolder, 'event.json'), 'utf8'))).toMatchObject({ phase: 'end', seq: 2 });
    expect(store.evictableEvidence(10)).toHaveLength(5);
  });

  it('keeps everything while no broker is there, and sends events before evidence when it is', async () => {
    // A receiver that the broker knows: a message that nobody has subscribed to is not kept for it.
    await startReceiver();
    await broker.stop();
    startUplink();
    const made = await incidentWith({ clip: 2_000_000 });
    for (let i = 0; i < 50; i++) store.recordIncident(makeIncident());
    uplink?.wake();
    const before = store.outbox.depth();
    expect(before).toMatchObject({ messages: 52, transfers: 1 });
    await until('it has tried', () => uplink?.state().lastError?.code === 'BROKER_UNREACHABLE');
    await broker.start();
    await until('all of it has arrived', () => completions.length === 1 && empty());
    await expectDelivered(made);
    expect((await journal()).map((event) => event.seq)).toEqual(Array.from({ length: 52 }, (_, index) => index + 1));
    // The broker's log tells the order on the wire.
    const wire = broker.log();
    expect(wire.slice(0, wire.indexOf('/chunk/0')).match(/Received PUBLISH from parapet:estate:box .*events/g)).toHaveLength(52);
  });

  it('loses nothing when the broker is killed with an unsaved queue', async () => {
    const first = await startReceiver();
    startUplink({ ackTimeoutMs: 500 });
    await until('up', () => uplink?.state().connected === true);
    // The receiver is away, so that the broker holds acknowledged messages in memory alone.
    await first[Symbol.asyncDispose]();
    const made = await incidentWith({ clip: 400_000 });
    for (let i = 0; i < 20; i++) store.recordIncident(makeIncident());
    uplink?.wake();
    await until('the broker has taken them', () => /PUBLISH from parapet:estate:box .*chunk\/24/.test(broker.log()));
    await broker.kill();
    await broker.start();
    await startReceiver();
    await until('all of it has arrived', () => completions.length === 1 && empty());
    await expectDelivered(made);
    expect(new Set((await journal()).map((event) => event.seq)).size).toBe(22);
    expect(await journal()).toHaveLength(22);
  });

  it('notices a broker that is frozen in mid-drain, and resumes', async () => {
    await startReceiver();
    startUplink({ mqtt: { url: broker.url, keepaliveMs: 2_000 } });
    await until('up', () => uplink?.state().connected === true);
    const incident = makeIncident();
    // Made beforehand: what is measured is the watchdog, not how long three megabytes take to be written.
    const made = [await fileOf(incident, 'clip', 3_000_000)];
    broker.freeze();
    store.recordIncident(incident);
    recordEnd(incident, made);
    for (let i = 0; i < 30; i++) store.recordIncident(makeIncident());
    uplink?.wake();
    await until('noticed', () => uplink?.state().connected === false);
    expect(uplink?.state().lastError?.message).toMatch(noticed);
    broker.thaw();
    await until('all of it has arrived', () => completions.length === 1 && empty());
    await expectDelivered(made);
    expect((await journal()).map((event) => event.seq)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
  });

  it('fails a file that was altered on disk, and never says that it is complete', async () => {
    await startReceiver();
    const made = await incidentWith({ clip: 50_000, trail: 50_000, snapshot: 50_000 });
    const [clip, trail, snapshot] = made as [Evidence, Evidence, Evidence];
    const content = await readFile(clip.path);
    content[40_000] = (content[40_000] ?? 0) ^ 1;
    await writeFile(clip.path, content);
    await appendFile(trail.path, 'x');
    startUplink();
    await until('all of it has been dealt with', () => completions.length === 1 && empty());
    expect(files.map((file) => file.evidence)).toEqual([snapshot.id]);
    const evidence = JSON.parse(await readFile(join(events[0]?.folder ?? '', 'evidence.json'), 'utf8')) as {
      failed: { id: string; reason: string }[];
    };
    expect(evidence.failed.map((one) => one.id)).toEqual([clip.id, trail.id]);
    expect(evidence.failed[0]?.reason).toMatch(/has the hash/);
    expect(evidence.failed[1]?.reason).toMatch(/50001 bytes instead of 50000/);
    expect(broker.log()).not.toContain(`${clip.id}/complete`);
  });

  it('sends again what a receiver lacks after the broker had counted as delivery', async () => {
    startUplink({ delivery: 'broker' });
    const made = await incidentWith({ clip: 100_000 });
    await until('handed to the broker', empty);
    // Nobody had subscribed: all of it is gone. A repeat of the last word makes a receiver that comes later ask.
    await startReceiver();
    const [clip] = made as [Evidence];
    expect(store.outbox.transferAgain(clip.id)).toBe(true);
    uplink?.wake();
    await until('it has arrived', () => files.length === 1);
    await expectDelivered(made);
    expect(uplink?.counters.unheard).toBeGreaterThan(0);
  });
});
