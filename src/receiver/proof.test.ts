import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent } from '../domain/event.js';
import type { EventMessage } from '../domain/wire/event.js';
import type { ManifestMessage } from '../domain/wire/evidence.js';
import { type ChainRecord, type CountersignMessage, countersignSchema, KEY_SCHEMA, RECORD_SCHEMA } from '../domain/wire/proof.js';
import { systemClock } from '../platform/clock.js';
import { checkSignature, publicKeyFromPem, recordText, type Signer } from '../platform/proof/index.js';
import { makeIncident, makeTestFolder, noise, recordingLogger, type TestFolder, until } from '../testing/delivery-fixtures.js';
import { makeSigner } from '../testing/proof-fixtures.js';
import { createTestClock } from '../testing/test-clock.js';
import { createPlainCaseRules } from './cases/case-rules.js';
import { createReceiverCounters, type ReceiverContext } from './context.js';
import { countersignDaily } from './countersign.js';
import { type CentreDatabase, createSqliteDatabase } from './database/index.js';
import { createEventSink, type EventSink } from './events.js';
import { createEvidenceSink, type EvidenceSink } from './evidence.js';
import { createKeyring } from './keyring.js';
import { createRecordSink, type RecordSink } from './records.js';
import { Refused } from './refused.js';
import { Rejected } from './rejected.js';
import { migrations } from './schema.js';

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('what the receiver believes', () => {
  let folder: TestFolder;
  let database: CentreDatabase;
  let context: ReceiverContext;
  let events: EventSink;
  let records: RecordSink;
  let evidence: EvidenceSink;
  let told: Record<string, unknown>[];
  let log: ReturnType<typeof recordingLogger>;
  const box = makeSigner();
  const forger = makeSigner();

  async function open(pinned: Record<string, string> = {}): Promise<void> {
    log = recordingLogger();
    const { logger } = log;
    database = createSqliteDatabase({ path: folder.of('index.sqlite'), migrations, clock: systemClock, logger });
    await database.open();
    const keyring = createKeyring({
      dataDir: folder.path,
      database,
      pinned: new Map(Object.entries(pinned)),
      now: () => Date.now(),
      logger,
    });
    const counters = createReceiverCounters();
    const tell = (_site: string, _agent: string, _topic: string, message: object): void => void told.push({ ...message });
    const caseRules = createPlainCaseRules();
    context = {
      dataDir: folder.path,
      name: 'centre',
      database,
      counters,
      keyring,
      caseRules,
      unordered: false,
      clock: systemClock,
      logger,
      tell,
    };
    events = createEventSink(context, () => undefined);
    records = createRecordSink(context);
    evidence = createEvidenceSink(context, records, 1_000_000, () => undefined);
  }
  beforeEach(async () => {
    folder = await makeTestFolder();
    told = [];
    await open();
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  let seq = 0;
  const event = (differ: Partial<EventMessage> = {}): EventMessage => ({
    ...buildEvent(makeIncident(), { site: 'estate', agent: 'box' }, ++seq, []),
    ...differ,
  });
  const takeEvent = (message: EventMessage) =>
    events.take({ kind: 'event', site: 'estate', agent: 'box', camera: 'tower', type: 'thrown_object' }, json(message));
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Refused);
    return (error as Refused).message;
  };

  /** The next record after `before`, of a file with `content`. */
  function nextRecord(
    before: ChainRecord | null,
    content = noise(2_500, ulid()),
    signer: Signer = box,
    differ: Partial<ChainRecord> = {},
  ): ChainRecord {
    return signer.sign({
      schema: RECORD_SCHEMA,
      chain: before?.chain ?? ulid(),
      number: (before?.number ?? 0) + 1,
      previous: before === null ? null : recordText(before).hash,
      at: '2026-03-01T07:41:30.000Z',
      site: 'estate',
      agent: 'box',
      version: '0.1.0',
      config: 'c'.repeat(64),
      what: 'evidence',
      event: ulid(),
      evidence: ulid(),
      sha256: sha256(content),
      file: {
        name: 'clip.mp4',
        camera: 'tower',
        kind: 'clip',
        media_type: 'video/mp4',
        bytes: content.length,
        from: '2026-03-01T07:41:07.480Z',
        to: '2026-03-01T07:41:20.480Z',
        stream_time: { start: 7.48, end: 20.48 },
      },
      reason: null,
      ...differ,
    } satisfies Omit<ChainRecord, 'signature'>);
  }
  const takeRecord = (record: ChainRecord) => records.take({ kind: 'record', site: 'estate', agent: 'box' }, json(record));
  function manifestOf(record: ChainRecord, differ: Partial<ManifestMessage> = {}): ManifestMessage {
    const { file } = record;
    if (file === null) throw new TypeError('no file');
    return {
      schema: 'parapet/manifest/v1',
      event: record.event,
      evidence: record.evidence,
      kind: file.kind,
      site: 'estate',
      agent: 'box',
      camera: file.camera,
      media_type: file.media_type,
      bytes: file.bytes,
      sha256: record.sha256,
      chunk_bytes: 1_000,
      chunks: 3,
      from: file.from,
      to: file.to,
      record,
      ...differ,
    };
  }
  const takeManifest = (message: ManifestMessage) =>
    evidence.take({ kind: 'manifest', site: 'estate', agent: 'box', event: message.event, evidence: message.evidence }, json(message));

  it('trusts the first key that it sees of an agent, keeps it over a restart, and takes no other', async () => {
    await takeEvent(box.sign(event()));
    expect(publicKeyFromPem(readFileSync(folder.of('estate', 'box', 'key.pem'), 'utf8'))).toBe(box.publicKey);
    expect(log.lines()).toContainEqual(expect.objectContaining({ event: 'key-trusted', fingerprint: box.fingerprint }));
    await database[Symbol.asyncDispose]();
    await open();
    expect(await refusal(takeEvent(forger.sign(event())))).toContain(
      `signed with the key ${forger.fingerprint}, and that of estate/box is ${box.fingerprint}`,
    );
    await takeEvent(box.sign(event()));
    expect(told.map(({ schema }) => schema)).toEqual(['parapet/ack/v1', 'parapet/ack/v1']);
  });

  it('takes only the pinned key, from the first message, whatever it had learnt before', async () => {
    await takeEvent(forger.sign(event()));
    await database[Symbol.asyncDispose]();
    await open({ 'estate/box': box.fingerprint });
    await refusal(takeEvent(forger.sign(event())));
    await refusal(takeEvent(event()));
    await takeEvent(box.sign(event()));
    expect(publicKeyFromPem(readFileSync(folder.of('estate', 'box', 'key.pem'), 'utf8'))).toBe(box.publicKey);
  });

  it('takes unsigned events only of agents that have never signed', async () => {
    await takeEvent(event());
    await takeEvent(box.sign(event()));
    expect(await refusal(takeEvent(event()))).toContain('it is not signed');
    expect(context.counters.events).toBe(2);
  });

  it('acknowledges an event that comes again, signed now, as what it is', async () => {
    const plain = event();
    await takeEvent(plain);
    const signed = box.sign(plain);
    await takeEvent(signed);
    expect(told.map(({ sha256: hash }) => hash)).toEqual([sha256(json(plain)), sha256(json(signed))]);
    await takeEvent(box.sign({ ...plain, labels: ['x'] }));
    expect(told.at(-1)).toMatchObject({ sha256: sha256(json(plain)) });
    expect(context.counters).toMatchObject({ events: 1, duplicates: 2 });
  });

  it('learns the key that an agent announces, when that agent holds it', async () => {
    const topic = { kind: 'key', site: 'estate', agent: 'box' } as const;
    const announced = { schema: KEY_SCHEMA, alg: 'Ed25519', key: box.publicKey, fingerprint: box.fingerprint };
    await expect(records.takeKey(topic, json(forger.sign(announced)))).rejects.toThrow('key is');
    await records.takeKey(topic, json(box.sign(announced)));
    await records.takeKey(topic, Buffer.alloc(0));
    await refusal(takeEvent(event()));
  });

  it('refuses an event with anything changed in it', async () => {
    const signed = box.sign(event());
    await takeEvent(signed);
    const changes = fc.constantFrom<Partial<EventMessage>>(
      { seq: 4_000 },
      { verdict: 'suspected' },
      { confidence: 0.5 },
      { severity: 'info' },
      { started_at: '2026-03-01T07:41:12.481Z' },
      { labels: ['x'] },
      { zone: 'gate' },
      { reasons: [] },
      { rule: 'other' },
    );
    await fc.assert(
      fc.asyncProperty(changes, async (change) => {
        expect(await refusal(takeEvent({ ...signed, ...change }))).toContain('does not fit its content');
      }),
    );
    expect(context.counters.events).toBe(1);
  });

  it('does not fall over what is nested without end', async () => {
    const signed = JSON.stringify(box.sign(event()));
    const deeper = (text: string): Buffer => Buffer.from(`${text.slice(0, -1)},"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    const topic = { kind: 'event', site: 'estate', agent: 'box', camera: 'tower', type: 'thrown_object' } as const;
    // Of an agent that does not sign, too: writing it out again would overflow the stack.
    for (const text of [signed, JSON.stringify(event())]) {
      await expect(events.take(topic, deeper(text))).rejects.toThrow(new Rejected('not JSON (nested more than 32 deep)'));
    }
  });

  it('takes a chain in any order, once each, with a line in the journal, and acknowledges repeats', async () => {
    const first = nextRecord(null);
    const second = nextRecord(first);
    const third = nextRecord(second);
    for (const one of [first, third, second, first]) await takeRecord(one);
    expect(context.counters).toMatchObject({ records: 3, recordGaps: 1 });
    expect(told).toHaveLength(4);
    expect(told[0]).toEqual({ schema: 'parapet/ack/v1', key: `record/${first.chain}/1`, sha256: sha256(json(first)) });
    const lines = readFileSync(folder.of('estate', 'box', 'records.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as ChainRecord).number)).toEqual([1, 3, 2]);
    expect(log.lines()).toContainEqual(expect.objectContaining({ event: 'record-gap', skipped: 1 }));
  });

  it.each([
    ['a second record 2', (a: ChainRecord) => nextRecord(a), 'here already, with other content'],
    [
      'one that leaves out the record before it',
      (a: ChainRecord, b: ChainRecord) => nextRecord(b, undefined, box, { previous: recordText(a).hash }),
      'does not hold the hash',
    ],
    ['one of another key', (_: ChainRecord, b: ChainRecord) => nextRecord(b, undefined, forger), 'signed with the key'],
    [
      'one of another agent',
      (_: ChainRecord, b: ChainRecord) => nextRecord(b, undefined, box, { agent: 'other' }),
      'its record is of estate/other',
    ],
    [
      'one with a byte changed',
      (_: ChainRecord, b: ChainRecord) => ({ ...nextRecord(b), sha256: 'a'.repeat(64) }),
      'does not fit its content',
    ],
  ])('refuses %s', async (_, forge, why) => {
    const first = nextRecord(null);
    const second = nextRecord(first);
    await takeRecord(first);
    await takeRecord(second);
    expect(await refusal(takeRecord(forge(first, second)))).toContain(why);
    expect(context.counters.records).toBe(2);
  });

  it('refuses another record in a gap than the one that the next was made after', async () => {
    const first = nextRecord(null);
    const second = nextRecord(first);
    await takeRecord(first);
    await takeRecord(nextRecord(second));
    expect(await refusal(takeRecord(nextRecord(first)))).toContain('record 3, which is here, holds another hash');
    await takeRecord(second);
    expect(context.counters.records).toBe(3);
  });

  it('countersigns daily how far each chain is here without a gap', async () => {
    const first = nextRecord(null);
    const second = nextRecord(first);
    const third = nextRecord(second);
    for (const one of [first, second, nextRecord(third)]) await takeRecord(one);
    const clock = createTestClock();
    const centre = makeSigner();
    const stop = new AbortController();
    const sent: CountersignMessage[] = [];
    const daily = countersignDaily({
      signer: centre,
      heads: () => records.heads(),
      tell: (_site, _agent, message) => void sent.push(message),
      clock,
      logger: log.logger,
      signal: stop.signal,
    });
    await clock.advance(60_000);
    await until('the first countersignature', () => sent.length === 1);
    expect(sent[0]).toMatchObject({ site: 'estate', agent: 'box', chain: first.chain, number: 2, sha256: recordText(second).hash });
    expect(checkSignature(sent[0])).toEqual({ state: 'good', key: centre.publicKey });
    expect(countersignSchema.parse(sent[0])).toEqual(sent[0]);
    await takeRecord(third);
    await clock.advance(100);
    await clock.advance(86_400_000);
    await until('the second', () => sent.length === 2);
    expect(sent[1]?.number).toBe(4);
    stop.abort();
    await daily;
  });

  it('reports a second chain of the same agent, and takes it', async () => {
    await takeRecord(nextRecord(null));
    await takeRecord(nextRecord(null));
    expect(context.counters.chainsRestarted).toBe(1);
    expect(log.lines()).toContainEqual(expect.objectContaining({ event: 'chain-restarted', level: 'error' }));
  });

  it('keeps the manifest beside a file, and takes its record in when that has not come by itself', async () => {
    const content = noise(2_500, 'clip');
    const record = nextRecord(null, content);
    await takeManifest(manifestOf(record));
    const at = { kind: 'chunk', site: 'estate', agent: 'box', event: record.event, evidence: record.evidence } as const;
    for (const index of [0, 1, 2]) await evidence.take({ ...at, index }, content.subarray(index * 1_000, (index + 1) * 1_000));
    const file = folder.of('estate', 'box', 'tower', record.event, 'clip.mp4');
    expect(readFileSync(file)).toEqual(content);
    expect(readFileSync(`${file}.manifest.json`, 'utf8')).toBe(`${recordText(record).text}\n`);
    expect(context.counters).toMatchObject({ records: 1, evidenceVerified: 1 });
  });

  it.each([
    ['no record, of an agent that signs', (m: ManifestMessage) => ({ ...m, record: undefined }), 'it is not signed'],
    ['another hash than its record', (m: ManifestMessage) => ({ ...m, sha256: 'a'.repeat(64) }), 'of another file'],
    ['another size than its record', (m: ManifestMessage) => ({ ...m, bytes: 2_501 }), 'of another file'],
    ['another span than its record', (m: ManifestMessage) => ({ ...m, to: '2026-03-01T07:41:20.481Z' }), 'of another file'],
    [
      'a record that was altered with it',
      (m: ManifestMessage) => ({ ...m, sha256: 'a'.repeat(64), record: m.record && { ...m.record, sha256: 'a'.repeat(64) } }),
      'does not fit its content',
    ],
    ['a record of another key', (m: ManifestMessage) => ({ ...m, record: m.record && forger.sign(m.record) }), 'signed with the key'],
  ])('refuses a manifest with %s, and does not ask for its file', async (_, forge, why) => {
    const first = nextRecord(null);
    await takeRecord(first);
    told = [];
    const manifest = manifestOf(nextRecord(first));
    expect(await refusal(takeManifest(forge(manifest) as ManifestMessage))).toContain(why);
    const at = { kind: 'chunk', site: 'estate', agent: 'box', event: manifest.event, evidence: manifest.evidence } as const;
    await evidence.take({ ...at, index: 0 }, Buffer.alloc(1_000));
    expect(told).toEqual([]);
    expect(existsSync(folder.of('estate', 'box', 'tower'))).toBe(false);
  });

  it('never acknowledges what it refuses, and says what an acknowledgement would have named', async () => {
    await takeEvent(box.sign(event()));
    const forged = forger.sign(event());
    const error = await takeEvent(forged).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect((error as Refused).of).toMatchObject({ ackKey: `event/tower/${forged.id}/${forged.seq}`, sha256: sha256(json(forged)) });
    expect(told).toHaveLength(1);
  });
});
