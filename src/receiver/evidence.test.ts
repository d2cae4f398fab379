import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { NeedMessage } from '../domain/wire/delivery.js';
import type { ManifestMessage } from '../domain/wire/evidence.js';
import type { Clock } from '../platform/clock.js';
import { describeCentreDatabases } from '../testing/centre-databases.js';
import { makeTestFolder, noise, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { createPlainCaseRules } from './cases/case-rules.js';
import { takeCompletion } from './completions.js';
import { createReceiverCounters, type ReceiverContext, Rejected } from './context.js';
import type { CentreDatabase } from './database/index.js';
import { createEvidenceSink, type EvidenceSink, type ReceivedEvidence } from './evidence.js';
import { createKeyring } from './keyring.js';
import { createRecordSink } from './records.js';
import { migrations } from './schema.js';

describeCentreDatabases('the evidence sink', (databases) => {
  let folder: TestFolder;
  let place: string;
  let database: CentreDatabase;
  let context: ReceiverContext;
  let sink: EvidenceSink;
  let told: { topic: string; message: Record<string, unknown> }[];
  let received: ReceivedEvidence[];
  let nowMs = 0;
  const clock: Clock = { now: () => nowMs, monotonic: () => nowMs, delay: () => Promise.reject(new TypeError('nothing waits here')) };

  async function open(): Promise<void> {
    database = await databases.at(place, migrations);
    context = {
      dataDir: folder.path,
      name: 'centre',
      database,
      clock,
      logger: silentLogger(),
      counters: createReceiverCounters(),
      keyring: createKeyring({ dataDir: folder.path, database, pinned: new Map(), now: clock.now, logger: silentLogger() }),
      caseRules: createPlainCaseRules(),
      unordered: false,
      tell: (_site, _agent, topic, message) => told.push({ topic, message: message as Record<string, unknown> }),
    };
    sink = createEvidenceSink(context, createRecordSink(context), 1_000_000, (one) => received.push(one));
  }
  beforeEach(async () => {
    folder = await makeTestFolder();
    place = await databases.place();
    told = [];
    received = [];
    nowMs = 1_000_000;
    await open();
    await sink.reconcile();
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  /** A file cut in chunks, with the messages that carry it. */
  function parcel(bytes: number, chunkBytes = 1_000, differ: Partial<ManifestMessage> = {}) {
    const content = noise(bytes, 'parcel');
    const manifest: ManifestMessage = {
      schema: 'parapet/manifest/v1',
      event: ulid(),
      evidence: ulid(),
      kind: 'clip',
      site: 'estate',
      agent: 'box',
      camera: 'tower',
      media_type: 'video/mp4',
      bytes,
      sha256: createHash('sha256').update(content).digest('hex'),
      chunk_bytes: chunkBytes,
      chunks: Math.ceil(bytes / chunkBytes),
      from: '2026-03-01T07:41:07.480Z',
      to: '2026-03-01T07:41:20.920Z',
      ...differ,
    };
    const at = { site: manifest.site, agent: manifest.agent, event: manifest.event, evidence: manifest.evidence };
    const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
    const chunk = (index: number): Buffer => content.subarray(index * chunkBytes, (index + 1) * chunkBytes);
    return {
      content,
      manifest,
      chunk,
      sendManifest: (change: Partial<ManifestMessage> = {}) => sink.take({ kind: 'manifest', ...at }, json({ ...manifest, ...change })),
      sendChunk: (index: number, payload: Uint8Array = chunk(index)) => sink.take({ kind: 'chunk', ...at, index }, payload),
      sendComplete: () => {
        const { event, evidence, sha256, chunks } = manifest;
        return sink.take({ kind: 'complete', ...at }, json({ schema: 'parapet/complete/v1', event, evidence, bytes, sha256, chunks }));
      },
      path: folder.of('estate', 'box', 'tower', manifest.event, 'clip.mp4'),
      ack: { topic: 'ack', message: { schema: 'parapet/ack/v1', key: `evidence/${manifest.evidence}`, sha256: manifest.sha256 } },
    };
  }
  const needs = (): number[][] => told.filter((one) => one.topic === 'need').map((one) => (one.message as NeedMessage).chunks);
  const acks = (): number => told.filter((one) => one.topic === 'ack').length;

  it('puts chunks together in any order, with repeats, and acknowledges once the file is in its place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12_345 }).chain((bytes) => {
          const all = Array.from({ length: Math.ceil(bytes / 1_000) }, (_, index) => index);
          const repeats = all.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...all), { maxLength: 5 });
          return fc.tuple(
            fc.constant(bytes),
            repeats.chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length })),
          );
        }),
        async ([bytes, order]) => {
          const one = parcel(bytes);
          await one.sendManifest();
          for (const index of order) await one.sendChunk(index);
          await one.sendComplete();
          expect(readFileSync(one.path).equals(one.content)).toBe(true);
          expect(received.filter((file) => file.evidence === one.manifest.evidence)).toHaveLength(1);
          expect(told.at(-1)).toEqual(one.ack);
        },
      ),
      { numRuns: 20 },
    );
    expect(await readdir(folder.of('.incoming'))).toEqual([]);
    expect(needs()).toEqual([]);
  });

  it('lets no message put files into another camera’s folder once the event is known', async () => {
    const one = parcel(3_000);
    const { site, agent, camera, event } = one.manifest;
    await database.write((sql) =>
      sql.run(
        'INSERT INTO event (site, agent, camera, id, seq, payload, sha256, received_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        ...[site, agent, camera, event, 1, '{}', '', 0],
      ),
    );
    await expect(one.sendManifest({ camera: 'gate' })).rejects.toThrow('camera is gate in the message');
    const message = { schema: 'parapet/evidence-complete/v1', event, camera: 'gate', evidence: [], failed: [] };
    const completion = takeCompletion(
      context,
      { kind: 'completion', site, agent, event },
      Buffer.from(JSON.stringify(message)),
      () => undefined,
    );
    await expect(completion).rejects.toThrow(Rejected);
    await one.sendManifest();
    for (const index of [0, 1, 2]) await one.sendChunk(index);
    expect(told).toEqual([one.ack]);
  });

  it('gives up a file of which nothing has come for a week, and takes it if it is sent again', async () => {
    const one = parcel(3_000);
    await one.sendManifest();
    nowMs += 6 * 86_400_000;
    await one.sendChunk(0);
    nowMs += 7 * 86_400_000 - 1;
    await sink.sweep();
    expect(context.counters.evidenceExpired).toBe(0);
    nowMs += 1;
    await sink.sweep();
    expect(context.counters.evidenceExpired).toBe(1);
    expect(await readdir(folder.of('.incoming'))).toEqual([]);
    expect(await database.read((sql) => sql.all('SELECT id FROM evidence'))).toEqual([]);
    await one.sendManifest();
    for (const index of [0, 1, 2]) await one.sendChunk(index);
    expect(told.at(-1)).toEqual(one.ack);
  });

  it('keeps 1,024 files of an agent under way, and gives up the most idle one for the next', async () => {
    const first = parcel(2_000);
    await first.sendManifest();
    // Twins of the first, one a millisecond.
    await database.write(async (sql) => {
      for (let n = 0; n < 1_023; n++) {
        await sql.run(
          `INSERT INTO evidence (site, agent, id, event, camera, kind, media_type, bytes, sha256, chunk_bytes, chunks, file, state, have, arrived_at_ms)
           SELECT site, agent, ?, event, camera, kind, media_type, bytes, sha256, chunk_bytes, chunks, ?, state, have, ? FROM evidence WHERE id = ?`,
          ...[ulid(), `clip-${n}.mp4`, ++nowMs, first.manifest.evidence],
        );
      }
    });
    await parcel(2_000, 1_000, { agent: 'other' }).sendManifest();
    expect(context.counters.evidenceExpired).toBe(0);
    nowMs++;
    await parcel(2_000).sendManifest();
    expect(context.counters.evidenceExpired).toBe(1);
    expect(await database.read((sql) => sql.all('SELECT id FROM evidence WHERE id = ?', first.manifest.evidence))).toEqual([]);
  });

  it('asks for exactly what is missing when it is told that all was sent', async () => {
    const one = parcel(9_500);
    await one.sendManifest();
    for (const index of [0, 2, 3, 5, 6, 9]) await one.sendChunk(index);
    await one.sendComplete();
    expect(needs()).toEqual([[1, 4, 7, 8]]);
    expect(acks()).toBe(0);
    for (const index of [1, 4, 7, 8]) await one.sendChunk(index);
    expect(told.at(-1)).toEqual(one.ack);
  });

  it('throws away what has the wrong hash and asks for all of it', async () => {
    const one = parcel(3_000);
    await one.sendManifest();
    await one.sendChunk(0);
    await one.sendChunk(1, noise(1_000, 'other'));
    await one.sendChunk(2);
    expect(context.counters.evidenceMismatched).toBe(1);
    expect(needs()).toEqual([[]]);
    expect(existsSync(one.path)).toBe(false);
    for (const index of [0, 1, 2]) await one.sendChunk(index);
    expect(readFileSync(one.path).equals(one.content)).toBe(true);
    expect(acks()).toBe(1);
  });

  it('asks with growing waits, so that a sender that never sends it right does not run in circles', async () => {
    const one = parcel(2_000);
    await one.sendManifest();
    for (let i = 0; i < 50; i++) await one.sendComplete();
    expect(needs()).toHaveLength(1);
    for (let second = 0; second < 60; second++) {
      nowMs += 1_000;
      await one.sendComplete();
      await sink.sweep();
    }
    expect(needs().length).toBeLessThanOrEqual(7);
    expect(needs().length).toBeGreaterThan(3);
  });

  it('asks by itself when a transfer has stopped', async () => {
    const one = parcel(3_000);
    await one.sendManifest();
    await one.sendChunk(1);
    nowMs += 59_000;
    await sink.sweep();
    expect(needs()).toEqual([]);
    nowMs += 1_000;
    await sink.sweep();
    expect(needs()).toEqual([[0, 2]]);
  });

  it('asks for the manifest when chunks come without one', async () => {
    const one = parcel(3_000);
    for (const index of [0, 1, 2]) await one.sendChunk(index);
    expect(needs()).toEqual([[]]);
    expect(await readdir(folder.of('.incoming'))).toEqual([]);
  });

  it('acknowledges again what it has, and never lets another file take its place', async () => {
    const one = parcel(1_500);
    await one.sendManifest();
    await one.sendChunk(0);
    await one.sendChunk(1);
    await one.sendComplete();
    await one.sendManifest();
    expect(acks()).toBe(3);
    await expect(one.sendManifest({ sha256: 'a'.repeat(64) })).rejects.toThrow(/another hash/);
    expect(readFileSync(one.path).equals(one.content)).toBe(true);
    expect(received).toHaveLength(1);
  });

  it('begins anew when the sender comes back with other chunks', async () => {
    const one = parcel(4_000);
    await one.sendManifest();
    await one.sendChunk(0);
    const { sha256, event, evidence } = one.manifest;
    const other = parcel(4_000, 500, { event, evidence, sha256 });
    await other.sendManifest();
    for (let index = 0; index < 8; index++) await other.sendChunk(index);
    expect(readFileSync(one.path).equals(one.content)).toBe(true);
  });

  it('goes on after a restart with what it had noted, and finishes what was renamed but not noted', async () => {
    const one = parcel(20_000);
    await one.sendManifest();
    for (let index = 0; index < 12; index++) await one.sendChunk(index);
    const done = parcel(2_000);
    await done.sendManifest();
    await done.sendChunk(0);
    await done.sendChunk(1);
    // As if the crash had come between the file's place and its row.
    await database.write((sql) =>
      sql.run(`UPDATE evidence SET state = 'incoming', have = ? WHERE id = ?`, new Uint8Array([3]), done.manifest.evidence),
    );
    await database[Symbol.asyncDispose]();
    await open();
    await sink.reconcile();
    await done.sendComplete();
    expect(told.at(-1)).toEqual(done.ack);
    await one.sendComplete();
    // Eight chunks were noted; the four after them are asked for again.
    expect(needs().at(-1)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    for (let index = 8; index < 20; index++) await one.sendChunk(index);
    expect(readFileSync(one.path).equals(one.content)).toBe(true);
  });

  it.each<[string, Partial<ManifestMessage>]>([
    ['too many bytes', { bytes: 1_000_001, chunks: 1_001 }],
    ['chunks that do not make its bytes', { chunks: 4 }],
    ['no chunks at all for its bytes', { chunks: 0 }],
    ['another site than its topic', { site: 'elsewhere' }],
    ['another agent than its topic', { agent: 'other' }],
    ['another piece than its topic', { evidence: ulid() }],
    ['an unknown kind', { kind: '../clip' as 'clip' }],
    ['chunks that are too large', { chunk_bytes: 300_000, chunks: 1 }],
  ])('rejects a manifest with %s', async (_name, change) => {
    await expect(parcel(3_000).sendManifest(change)).rejects.toThrow(Rejected);
    expect(await readdir(folder.of('.incoming'))).toEqual([]);
  });

  it('rejects ids that are no ULIDs, though topic and message agree', async () => {
    for (const bad of ['..', 'a/b', 'x'.repeat(10_000), 'CON', '\0', '01J0']) {
      await expect(parcel(10, 1_000, { event: bad }).sendManifest()).rejects.toThrow(Rejected);
      await expect(parcel(10, 1_000, { evidence: bad }).sendManifest()).rejects.toThrow(Rejected);
    }
    expect(await readdir(folder.path)).toEqual(['.incoming']);
  });

  it.each([
    ['beyond the end', 3, 1_000],
    ['too short', 1, 999],
    ['too long', 1, 1_001],
    ['a last one that is too long', 2, 1_000],
  ])('rejects a chunk that is %s', async (_name, index, bytes) => {
    const one = parcel(2_500);
    await one.sendManifest();
    await expect(one.sendChunk(index, noise(bytes, 'bad'))).rejects.toThrow(Rejected);
  });

  it('puts two pieces of one kind beside each other, and a camera with a hostile name into its own folder', async () => {
    const event = ulid();
    const first = parcel(10, 1_000, { event, camera: '../../tower' });
    const second = parcel(10, 1_000, { event, camera: '../../tower' });
    for (const one of [first, second]) {
      await one.sendManifest();
      await one.sendChunk(0);
    }
    const names = await readdir(folder.of('estate', 'box', '%2E.%2F..%2Ftower', event));
    expect(names.sort()).toEqual([`clip-${second.manifest.evidence}.mp4`, 'clip.mp4']);
  });
});
