import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, copyFileSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventFormat, ToldIncident } from '../domain/event-format.js';
import type { Evidence } from '../domain/evidence.js';
import { eventSchema } from '../domain/wire/event.js';
import { evidenceCompleteSchema } from '../domain/wire/evidence.js';
import { systemClock } from '../platform/clock.js';
import { ended, makeIncident, makeTestFolder, recordingLogger, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { openStore, type Store } from './index.js';

describe('the store', () => {
  let folder: TestFolder;
  let store: Store;
  const open = (differ: { deliver?: boolean; formats?: readonly EventFormat[] } = {}): Store =>
    openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box-01', clock: systemClock, logger: silentLogger(), ...differ });

  beforeEach(async () => {
    folder = await makeTestFolder();
    store = open();
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  const clip = { id: ulid(), kind: 'clip' } as const;
  const trail = { id: ulid(), kind: 'trail' } as const;
  const evidenceOf = (incidentId: string, plan: { id: string; kind: Evidence['kind'] }): Evidence => ({
    ...plan,
    incidentId,
    cameraId: 'tower',
    path: `/evidence/${plan.kind}`,
    mediaType: 'video/mp4',
    bytes: 1000,
    sha256: 'a'.repeat(64),
    fromMs: 1,
    toMs: 2,
  });

  it('makes a valid event of an incident and queues it in the same transaction', () => {
    const incident = makeIncident();
    const event = store.recordIncident(incident);
    expect(eventSchema.parse(event)).toMatchObject({ id: incident.id, seq: 1, phase: 'new', site: 'estate', agent: 'box-01' });
    const [message] = store.outbox.messages(0, 10);
    expect(message).toMatchObject({
      topic: 'events/tower/thrown_object',
      schema: 'parapet/event/v1',
      ackKey: `event/tower/${incident.id}/1`,
      attempts: 0,
    });
    expect(JSON.parse(message?.payload ?? '')).toEqual(event);
  });

  it('queues what other forms make of an event behind it, in the same transaction', () => {
    const seen: ToldIncident[] = [];
    let failing = false;
    const format: EventFormat = {
      name: 'other',
      messages(told) {
        if (failing) throw new RangeError('a format that fails');
        seen.push(told);
        return [{ topic: '/elsewhere/state', payload: '', retain: true }];
      },
    };
    store.close();
    store = open({ formats: [format] });
    const incident = makeIncident();
    const other = makeIncident();
    const elsewhere = makeIncident({ rule: 'another' });
    store.recordIncident(other);
    store.recordIncident(elsewhere);
    store.recordIncident(incident);
    store.recordIncident(ended(incident));
    expect(seen.at(-2)).toEqual({ incident, before: null, others: [other] });
    expect(seen.at(-1)).toEqual({ incident: ended(incident), before: incident, others: [other] });
    const messages = store.outbox.messages(0, 20);
    expect(messages.map(({ schema }) => schema)).toEqual(Array.from({ length: 4 }, () => ['parapet/event/v1', 'other']).flat());
    expect(messages[0]).toMatchObject({ retain: false, brokerOnly: false });
    expect(messages[1]).toMatchObject({ topic: '/elsewhere/state', payload: '', retain: true, brokerOnly: true });
    failing = true;
    expect(() => store.recordIncident(makeIncident())).toThrow('a format that fails');
    expect(store.outbox.messages(0, 20)).toEqual(messages);
    store.queue('other', [{ topic: '/elsewhere/camera', payload: '{}', retain: true }]);
    expect(store.outbox.messages(0, 20).at(-1)).toMatchObject({ topic: '/elsewhere/camera', payload: '{}', brokerOnly: true });
  });

  it('counts seq per camera without gaps, over restarts', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ camera: fc.constantFrom('a', 'b', 'c'), restart: fc.boolean() }), { maxLength: 20 }), (steps) => {
        const next = new Map<string, number>();
        for (const { camera } of store.outbox.messages(0, 1000).map((m) => JSON.parse(m.payload) as { camera: string })) {
          next.set(camera, (next.get(camera) ?? 0) + 1);
        }
        for (const { camera, restart } of steps) {
          const { seq } = store.recordIncident(makeIncident({ cameraId: camera }));
          expect(seq).toBe((next.get(camera) ?? 0) + 1);
          next.set(camera, seq);
          if (restart) {
            store.close();
            store = open();
          }
        }
      }),
      { numRuns: 10 },
    );
  });

  it.each([
    ['a second end', (s: Store) => s.recordIncident(ended(first)), 'has ended already'],
    ['an update after the end', (s: Store) => s.recordIncident({ ...first, phase: 'update' }), 'has ended already'],
    [
      'evidence planned in between',
      (s: Store) => s.recordIncident({ ...makeIncident(), phase: 'update' }, [clip]),
      'with phase new or end',
    ],
    ['evidence that was not planned', (s: Store) => s.recordEvidence(evidenceOf(first.id, clip)), 'is not one that is planned'],
    ['a failure of what was not planned', (s: Store) => s.evidenceFailed(clip.id, 'gone'), 'is not planned'],
    ['eviction of what was not delivered', (s: Store) => s.evidenceEvicted(clip.id, 'age'), 'is not evictable'],
  ])('refuses %s as a programmer error and changes nothing', (_name, misuse, message) => {
    store.recordIncident(first);
    store.recordIncident(ended(first));
    const before = store.outbox.messages(0, 100);
    expect(() => misuse(store)).toThrow(RangeError);
    expect(() => misuse(store)).toThrow(message);
    expect(store.outbox.messages(0, 100)).toEqual(before);
    expect(store.recordIncident(makeIncident()).seq).toBe(3);
  });
  const first = makeIncident();

  it('says that evidence is complete once, when all of it is sent or failed', () => {
    const incident = makeIncident();
    store.recordIncident(ended(incident), [clip, trail]);
    expect(store.unfinishedEvidence()).toEqual([{ incident: ended(incident), plans: [clip, trail] }]);
    store.recordEvidence(evidenceOf(incident.id, clip));
    expect(store.unfinishedEvidence()).toEqual([{ incident: ended(incident), plans: [trail] }]);
    store.evidenceFailed(trail.id, 'no footage');
    expect(store.outbox.transfers(10)).toMatchObject([{ evidenceId: clip.id, cameraId: 'tower', nextChunk: 0, chunkBytes: null }]);
    store.outbox.transferProgress(clip.id, 3, 1024);
    expect(store.outbox.transfers(10)).toMatchObject([{ nextChunk: 3, chunkBytes: 1024 }]);
    expect(store.outbox.messages(0, 10)).toHaveLength(1);
    store.outbox.transferDone(clip.id);
    store.outbox.transferDone(clip.id);
    const complete = store.outbox.messages(0, 10).at(-1);
    expect(complete).toMatchObject({ topic: `evidence/${incident.id}/complete`, ackKey: `evidence-complete/${incident.id}` });
    expect(evidenceCompleteSchema.parse(JSON.parse(complete?.payload ?? ''))).toMatchObject({
      camera: 'tower',
      evidence: [{ id: clip.id, bytes: 1000, status: 'sent' }],
      failed: [{ id: trail.id, reason: 'no footage' }],
    });
    expect(store.outbox.transfers(10)).toEqual([]);

    expect(store.outbox.transferAgain(clip.id)).toBe(true);
    expect(store.outbox.transferAgain(clip.id)).toBe(false);
    store.outbox.transferDone(clip.id);
    expect(store.outbox.messages(0, 10)).toHaveLength(2);
  });

  it('ends what was open when the agent stopped, with its evidence planned', () => {
    const mine = makeIncident();
    const other = makeIncident({ cameraId: 'gate' });
    store.recordIncident(mine);
    store.recordIncident(other);
    expect(store.activeCounts()).toEqual([
      { cameraId: 'gate', type: 'thrown_object', active: 1 },
      { cameraId: 'tower', type: 'thrown_object', active: 1 },
    ]);
    expect(
      store.closeInterrupted('camera_thread_lost', { of: ({ cameraId }) => cameraId === 'gate' }).map((one) => one.incident.id),
    ).toEqual([other.id]);
    const closed = store.closeInterrupted('agent_restart', { plan: () => [clip] });
    expect(closed).toMatchObject([{ incident: { id: mine.id, phase: 'end', endedAtMs: mine.startedAtMs + 3440 }, plans: [clip] }]);
    expect(closed[0]?.incident.reasons.at(-1)?.criterion).toBe('agent_restart');
    expect(store.openIncidents()).toEqual([]);
    expect(store.activeCounts().map((count) => count.active)).toEqual([0, 0]);
    expect(store.unfinishedEvidence()).toHaveLength(1);
    const end = eventSchema.parse(JSON.parse(store.outbox.messages(0, 10).at(-1)?.payload ?? ''));
    expect(end).toMatchObject({ phase: 'end', evidence: [{ id: clip.id, status: 'pending' }] });
  });

  it('removes rows by number, also those that are gone, and tells what is left', () => {
    store.recordIncident(makeIncident());
    const b = store.recordIncident(makeIncident());
    const [first, second] = store.outbox.messages(0, 10);
    expect(store.outbox.depth()).toMatchObject({ messages: 2, transfers: 0, oldestCreatedAtMs: first?.createdAtMs });
    store.outbox.attempted([second?.id ?? 0]);
    store.outbox.acknowledge([first?.id ?? 0]);
    expect(store.outbox.messages(0, 10)).toMatchObject([{ ackKey: `event/tower/${b.id}/2`, attempts: 1 }]);
    store.outbox.acknowledge([first?.id ?? 0, second?.id ?? 0]);
    expect(store.outbox.depth()).toEqual({ messages: 0, transfers: 0, bytes: 0, oldestCreatedAtMs: null });
  });

  it('lets go only of evidence that was delivered, then forgets the incident', () => {
    const incident = ended(makeIncident());
    store.recordIncident(incident, [clip]);
    store.recordEvidence(evidenceOf(incident.id, clip));
    expect(store.evictableEvidence(10)).toEqual([]);
    store.outbox.transferDone(clip.id);
    expect(store.evictableEvidence(10)).toEqual([{ id: clip.id, incidentId: incident.id, path: '/evidence/clip', bytes: 1000, toMs: 2 }]);
    expect(store.forget(Date.now())).toBe(0);
    store.evidenceEvicted(clip.id, 'age');
    expect(store.forget(Date.now())).toBe(0);
    store.outbox.acknowledge(store.outbox.messages(0, 10).map((message) => message.id));
    expect(store.recentIncidents(10)).toMatchObject([{ incident: { id: incident.id }, evidence: [{ id: clip.id, status: 'evicted' }] }]);
    expect(store.forget(Date.now())).toBe(1);
    expect(store.recentIncidents(10)).toEqual([]);
  });

  it('queues nothing when there is nowhere to deliver to', () => {
    store.close();
    store = open({ deliver: false });
    const incident = ended(makeIncident());
    store.recordIncident(incident, [clip]);
    store.recordEvidence(evidenceOf(incident.id, clip));
    expect(store.outbox.depth()).toMatchObject({ messages: 0, transfers: 0 });
    expect(store.evictableEvidence(10)).toHaveLength(1);
  });

  it('says that a thread was lost when that is why an incident ended', () => {
    store.recordIncident(makeIncident());
    const [closed] = store.closeInterrupted('camera_thread_lost');
    expect(closed?.incident.reasons.at(-1)).toEqual({ criterion: 'camera_thread_lost', value: 1, threshold: 1, unit: 'threads' });
  });

  it('queues evidence from the time before there was a broker, once', () => {
    store.close();
    store = open({ deliver: false });
    const incident = ended(makeIncident());
    store.recordIncident(incident, [clip]);
    store.recordEvidence(evidenceOf(incident.id, clip));
    for (let start = 0; start < 2; start++) {
      store.close();
      store = open();
      expect(store.outbox.transfers(10)).toMatchObject([{ evidenceId: clip.id }]);
      expect(store.evictableEvidence(10)).toEqual([]);
    }
  });

  it('lets go of what waited for a broker that is configured no more', () => {
    const incident = ended(makeIncident());
    store.recordIncident(incident, [clip]);
    store.recordEvidence(evidenceOf(incident.id, clip));
    store.close();
    store = open({ deliver: false });
    store.evidenceEvicted(clip.id, 'age');
    store.close();
    store = open();
    expect(store.outbox.transfers(10)).toEqual([]);
  });

  it('lets go of a file that can never be delivered, and says still why', () => {
    const incident = ended(makeIncident());
    store.recordIncident(incident, [clip, trail]);
    store.recordEvidence(evidenceOf(incident.id, clip));
    store.evidenceFailed(trail.id, 'no footage');
    store.outbox.transferFailed(clip.id, 'altered');
    store.outbox.acknowledge(store.outbox.messages(0, 10).map((message) => message.id));
    expect(store.forget(Date.now())).toBe(0);
    expect(store.evictableEvidence(10)).toMatchObject([{ id: clip.id }]);
    store.evidenceEvicted(clip.id, 'age');
    expect(store.recentIncidents(1)[0]?.evidence[0]).toMatchObject({ status: 'failed', reason: 'altered', path: null });
    expect(store.evictableEvidence(10)).toEqual([]);
    expect(store.forget(Date.now())).toBe(1);
  });

  it('finds its files when the folder of data has been moved', async () => {
    await using moved = await makeTestFolder();
    const incident = ended(makeIncident());
    store.recordIncident(incident, [clip]);
    store.recordEvidence({ ...evidenceOf(incident.id, clip), path: folder.of('evidence', '2026-03-01', 'clip.mp4') });
    store.close();
    copyFileSync(folder.of('store.sqlite'), moved.of('store.sqlite'));
    const path = moved.of('evidence', '2026-03-01', 'clip.mp4');
    const after = openStore({
      path: moved.of('store.sqlite'),
      site: 'estate',
      agent: 'box-01',
      clock: systemClock,
      logger: silentLogger(),
    });
    expect(after.outbox.transfers(10)).toMatchObject([{ path }]);
    expect(after.recentIncidents(1)[0]?.evidence).toMatchObject([{ path }]);
    expect([...after.evidencePaths()]).toEqual([path]);
    after.close();
    store = open();
  });

  it('is in WAL mode on the disk, and a second agent cannot have it', () => {
    const raw = readFileSync(folder.of('store.sqlite'));
    // Bytes 18 and 19 of the header: file format versions, 2 is WAL.
    expect([raw[18], raw[19]]).toEqual([2, 2]);
    const other = new Database(folder.of('store.sqlite'), { timeout: 10 });
    expect(() => other.prepare('SELECT count(*) FROM incident').get()).toThrow(/locked/);
    other.close();
  });
});

describe('a database that cannot be used', () => {
  let folder: TestFolder;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(() => folder[Symbol.asyncDispose]());
  const recorded = recordingLogger();
  const open = (path: string): Store => openStore({ path, site: 's', agent: 'a', clock: systemClock, logger: recorded.logger });

  it('is set aside when it is no database, and a fresh one is begun', () => {
    const path = folder.of('store.sqlite');
    writeFileSync(path, randomBytes(9000));
    const store = open(path);
    expect(store.recordIncident(makeIncident()).seq).toBe(1);
    store.close();
    expect(readdirSync(folder.path).some((name) => name.startsWith('store.sqlite.damaged-'))).toBe(true);
    expect(recorded.lines()).toContainEqual(expect.objectContaining({ event: 'store-damaged', code: 'STORE_CORRUPT', level: 'error' }));
  });

  it('is set aside when a page is damaged; numbers and messages that can be read are saved', () => {
    const path = folder.of('store.sqlite');
    const before = open(path);
    before.queue('other', [{ topic: '/elsewhere', payload: '', retain: true }]);
    for (let i = 0; i < 300; i++) before.recordIncident(ended(makeIncident()));
    before.close();
    // The last pages hold the youngest rows of some table: break several in the middle of the file.
    const file = openSync(path, 'r+');
    for (let page = 40; page < 48; page++) writeSync(file, randomBytes(4096), 0, 4096, page * 4096);
    closeSync(file);
    const store = open(path);
    const saved = [...store.outbox.messages(0, 1000)];
    expect(saved.length).toBeGreaterThan(1);
    expect(saved.shift()).toMatchObject({ topic: '/elsewhere', payload: '', retain: true, brokerOnly: true });
    for (const message of saved) expect(eventSchema.safeParse(JSON.parse(message.payload)).success).toBe(true);
    expect(store.recordIncident(makeIncident()).seq).toBe(301);
    store.close();
  });

  it('says what to do in one line when the folder cannot be written', () => {
    writeFileSync(folder.of('file'), '');
    expect(() => open(folder.of('file', 'store.sqlite'))).toThrow(/^the folder of the database .* cannot be made/);
  });

  it('says so when another process has it', () => {
    const path = folder.of('store.sqlite');
    const holder = new Database(path);
    holder.pragma('journal_mode = WAL');
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('CREATE TABLE t (x)');
    expect(() => open(path)).toThrow(/another process uses it/);
    holder.close();
  });

  it('refuses a newer schema without touching it', () => {
    const path = folder.of('store.sqlite');
    const newer = new Database(path);
    newer.pragma('user_version = 99');
    newer.exec('CREATE TABLE future (x)');
    newer.close();
    chmodSync(path, 0o644);
    expect(() => open(path)).toThrow(/newer Parapet/);
  });
});
