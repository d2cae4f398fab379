import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEvent } from '../domain/event.js';
import { INSPECTION_SCHEMA } from '../domain/wire/case.js';
import { GONE_SCHEMA } from '../domain/wire/delivery.js';
import { COMPLETE_SCHEMA, EVIDENCE_COMPLETE_SCHEMA, MANIFEST_SCHEMA } from '../domain/wire/evidence.js';
import { KEY_SCHEMA, RECORD_SCHEMA } from '../domain/wire/proof.js';
import { systemClock } from '../platform/clock.js';
import { makeIncident, makeTestFolder, noise, recordingLogger, type TestFolder, until } from '../testing/delivery-fixtures.js';
import { fuzzMessages, fuzzRuns, plantSentinels, type SentinelTree } from '../testing/fuzzing.js';
import { type HostileBroker, type HostileMessage, startHostileBroker } from '../testing/hostile-broker.js';
import { hostileMessage, hostilePayload, hostileTopic, nastyTexts } from '../testing/hostile-messages.js';
import { makeSigner } from '../testing/proof-fixtures.js';
import { createReceiver, type Receiver } from './index.js';

/** Cases in the suite; each goes over a real connection to a real receiver with a real database. */
const RUNS = fuzzRuns(1_500);
const CHUNK_BYTES = 300;

const signer = makeSigner();
const at = '2026-03-01T07:41:30.000Z';
const ids = Array.from({ length: 4 }, (_, i) => ulid(Date.UTC(2026, 2, 1) + i));
const files = ids.map((id) => noise(2 * CHUNK_BYTES + 50, id));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Names as agents have them, and as only somebody else would choose them; no level of a topic is empty or holds a slash. */
const name = fc.oneof(
  { weight: 12, arbitrary: fc.constant('tower') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...nastyTexts.filter((text) => text !== '' && text.length < 400 && !/[/+#\0\uD800]/.test(text))),
  },
);
/** An agent that signs, one that does not, and ones that nobody has heard of. */
const agent = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('signs', 'plain') }, { weight: 1, arbitrary: name });
/** One that signs, or that nobody has heard of: what signs for `plain` would have it sign for ever. */
const signing = fc.oneof({ weight: 4, arbitrary: fc.constant('signs') }, { weight: 1, arbitrary: name });
/** Whose files come; no event of it does, so that they may be of any camera. */
const fileEvent = ids[0] as string;
const id = fc.constantFrom(...ids.slice(1));
const index = fc.nat(ids.length - 1);

interface Sound {
  readonly topic: string;
  readonly message: object;
}

/** Messages that a receiver takes, as far as their senders are believed. */
const soundMessages: readonly fc.Arbitrary<Sound>[] = [
  fc.record({ site: name, agent, camera: name, type: name, id, seq: fc.integer({ min: 1, max: 8 }) }).map((of) => {
    const event = { ...buildEvent(makeIncident({ id: of.id, cameraId: of.camera }), of, of.seq, []), type: of.type };
    return { topic: `parapet/${of.site}/${of.agent}/events/${of.camera}/${of.type}`, message: sign(of.agent, event) };
  }),
  fc.record({ signing, number: fc.integer({ min: 1, max: 20 }), index }).map(({ signing: who, number, index: i }) => {
    return { topic: `parapet/estate/${who}/records`, message: record(who, number, i) };
  }),
  fc
    .record({ agent, camera: name, first: fc.integer({ min: 1, max: 8 }), more: fc.constantFrom(0, 3, 1e6) })
    .map(({ agent: who, camera, first, more }) => {
      const gone = { schema: GONE_SCHEMA, site: 'estate', agent: who, camera, first, last: first + more, reason: 'removed', at };
      return { topic: `parapet/estate/${who}/gone`, message: sign(who, gone) };
    }),
  signing.map((who) => ({
    topic: `parapet/estate/${who}/key`,
    message: signer.sign({ schema: KEY_SCHEMA, alg: 'Ed25519', key: signer.publicKey, fingerprint: signer.fingerprint }),
  })),
  fc.record({ agent, camera: name, index }).map(({ agent: who, camera, index: i }) => {
    const bytes = files[i]?.length ?? 0;
    const manifest = {
      ...{
        schema: MANIFEST_SCHEMA,
        event: fileEvent,
        evidence: ids[i],
        kind: 'clip',
        site: 'estate',
        agent: who,
        camera,
        media_type: 'video/mp4',
      },
      ...{
        bytes,
        sha256: sha256(files[i] ?? Buffer.alloc(0)),
        chunk_bytes: CHUNK_BYTES,
        chunks: Math.ceil(bytes / CHUNK_BYTES),
        from: at,
        to: at,
      },
      ...(who === 'plain' ? {} : { record: record(who, i + 1, i) }),
    };
    return { topic: `parapet/estate/${who}/evidence/${fileEvent}/${ids[i]}/manifest`, message: manifest };
  }),
  fc.record({ agent, index }).map(({ agent: who, index: i }) => {
    const bytes = files[i]?.length ?? 0;
    const complete = {
      schema: COMPLETE_SCHEMA,
      event: fileEvent,
      evidence: ids[i],
      bytes,
      sha256: sha256(files[i] ?? Buffer.alloc(0)),
      chunks: 3,
    };
    return { topic: `parapet/estate/${who}/evidence/${fileEvent}/${ids[i]}/complete`, message: complete };
  }),
  fc.record({ agent, camera: name, id }).map(({ agent: who, camera, id: event }) => ({
    topic: `parapet/estate/${who}/evidence/${event}/complete`,
    message: sign(who, { schema: EVIDENCE_COMPLETE_SCHEMA, event, camera, evidence: [], failed: [] }),
  })),
  fc.record({ agent, camera: name, id }).map(({ agent: who, camera, id: event }) => ({
    topic: `parapet/estate/${who}/cases/${event}/inspection`,
    message: { schema: INSPECTION_SCHEMA, event, camera, verdict: 'verified', reason: 'nothing is there any more', at, evidence: null },
  })),
];

function sign(who: string, message: object): object {
  return who === 'signs' ? signer.sign(message) : message;
}

function record(who: string, number: number, i: number): object {
  const file = {
    name: 'clip.mp4',
    camera: 'tower',
    kind: 'clip',
    media_type: 'video/mp4',
    bytes: files[i]?.length ?? 0,
    from: at,
    to: at,
    stream_time: null,
  };
  return signer.sign({
    ...{
      schema: RECORD_SCHEMA,
      chain: ids[0],
      number,
      previous: number === 1 ? null : 'a'.repeat(64),
      at,
      site: 'estate',
      agent: who,
      version: '0.1.0',
    },
    ...{
      config: 'c'.repeat(64),
      what: 'evidence',
      event: fileEvent,
      evidence: ids[i],
      sha256: sha256(files[i] ?? Buffer.alloc(0)),
      file,
      reason: null,
    },
  });
}

/** A piece of a file: the right one, one that is too long, or one of a file that nobody knows. */
const chunk: fc.Arbitrary<HostileMessage> = fc
  .record({
    agent,
    index,
    piece: fc.constantFrom('0', '0', '1', '1', '2', '2', '3', '9999999', '-1', '1e3', '..'),
    right: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    bytes: fc.uint8Array({ maxLength: 400 }),
  })
  .map(({ agent: who, index: i, piece, right, bytes }) => ({
    topic: Buffer.from(`parapet/estate/${who}/evidence/${fileEvent}/${ids[i]}/chunk/${piece}`),
    payload: right ? (files[i] ?? Buffer.alloc(0)).subarray(Number(piece) * CHUNK_BYTES, (Number(piece) + 1) * CHUNK_BYTES) : bytes,
  }));

const message: fc.Arbitrary<HostileMessage> = fc.oneof(
  { weight: 8, arbitrary: chunk },
  ...soundMessages.flatMap((sound) => [
    // As it should be; with wrong values on the right topic; anyhow on any.
    { weight: 1, arbitrary: sound.map((one) => ({ topic: Buffer.from(one.topic), payload: Buffer.from(JSON.stringify(one.message)) })) },
    {
      weight: 2,
      arbitrary: sound.chain((one) =>
        hostilePayload(fc.constant(one.message)).map((payload) => ({ topic: Buffer.from(one.topic), payload })),
      ),
    },
    {
      weight: 1,
      arbitrary: hostileMessage(hostileTopic(sound.map(({ topic }) => topic)), hostilePayload(sound.map((one) => one.message))),
    },
  ]),
);

/** Whether MQTT lets it through: then nothing that is in it may cost the link. */
function isProper({ topic, properties }: HostileMessage): boolean {
  const text = Buffer.from(topic).toString('utf8');
  return (properties?.length ?? 0) === 0 && text !== '' && Buffer.from(text).equals(Buffer.from(topic)) && !/[+#\0]/.test(text);
}

describe('the receiver and whatever comes', { timeout: 600_000 + RUNS * 20 }, () => {
  let folder: TestFolder;
  let tree: SentinelTree;
  let broker: HostileBroker;
  let receiver: Receiver;
  const log = recordingLogger();
  /** Limits by time would leave little of a fuzz; they have tests of their own. */
  let aheadMs = 0;
  const clock = { ...systemClock, monotonic: () => performance.now() + aheadMs };

  beforeAll(async () => {
    folder = await makeTestFolder();
    tree = plantSentinels(folder.path);
    broker = await startHostileBroker(1);
    receiver = createReceiver({
      mqtt: { url: broker.url, keepaliveMs: 0 },
      prefix: 'parapet',
      dataDir: tree.dataDir,
      maxEvidenceBytes: 100_000,
      backoff: { minMs: 1, spreadMs: 5 },
      clock,
      logger: log.logger,
    });
    await receiver.start();
    await broker.ready();
  });
  afterAll(async () => {
    await receiver?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it(`goes on after ${RUNS.toLocaleString('en')} of them, and writes nothing outside its folder`, async () => {
    const { counters } = receiver;
    await fuzzMessages({
      ...{ what: 'receiver', runs: RUNS, message, broker, isProper, log, tree, counters },
      before: () => {
        aheadMs += 200;
      },
      // A whole file comes together by chance only, so in the long run.
      sorts: ['events', 'duplicates', 'rejected', 'refused', 'records', ...(RUNS < 10_000 ? [] : (['evidenceVerified'] as const))],
    });

    // And it still works.
    const event = sign('signs', buildEvent(makeIncident(), { site: 'estate', agent: 'signs' }, 1_000_000, []));
    const before = counters.events;
    const acks = broker.publishedTo('parapet/estate/signs/ack');
    await broker.send({
      topic: Buffer.from('parapet/estate/signs/events/tower/thrown_object'),
      payload: Buffer.from(JSON.stringify(event)),
    });
    expect(counters.events).toBe(before + 1);
    await until('it acknowledges', () => broker.publishedTo('parapet/estate/signs/ack') > acks);
  });
});
