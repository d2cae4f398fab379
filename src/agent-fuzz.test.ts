import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, type ResolvedConfig } from './config/index.js';
import { CASE_STATE_SCHEMA, caseStates } from './domain/wire/case.js';
import { commandNames } from './domain/wire/command.js';
import { ACK_SCHEMA, ackKeys, NEED_SCHEMA, RESEND_SCHEMA } from './domain/wire/delivery.js';
import { REFUSAL_SCHEMA } from './domain/wire/proof.js';
import { createPictureProcess } from './evidence/index.js';
import { createMediaTools } from './media/footage-tools.js';
import type { CameraFleet } from './pipeline/camera/camera-fleet.js';
import { createCentreDesk } from './pipeline/centre/centre-desk.js';
import { createIdFactory } from './pipeline/incidents/incident-ids.js';
import { createLearning } from './pipeline/learning/learning.js';
import { systemClock } from './platform/clock.js';
import { openStore, type Store } from './store/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, recordingLogger, type TestFolder, until } from './testing/delivery-fixtures.js';
import { fuzzMessages, fuzzRuns, plantSentinels, type SentinelTree } from './testing/fuzzing.js';
import { type HostileBroker, type HostileMessage, startHostileBroker } from './testing/hostile-broker.js';
import { hostileMessage, hostilePayload, hostileTopic, nastyTexts } from './testing/hostile-messages.js';
import { makeProof } from './testing/proof-fixtures.js';
import { noReferences } from './testing/reference-pictures.js';
import { agentSnapshot } from './testing/snapshot.js';
import { createUplink, type Uplink } from './uplink/index.js';

/** Cases in the suite; each goes over a real connection to the real uplink, commands, cases and database. */
const RUNS = fuzzRuns(1_500);
const base = 'parapet/estate/box';

const incident = makeIncident({ cameraId: 'tower' });
const clipId = '01KJM3R2M0A1B2C3D4E5F6G7H8';
const sha256 = 'a'.repeat(64);
const at = new Date().toISOString();
const event = fc.constantFrom(incident.id, '01KJM3QZ80T7V9C2M4N6P8R0S2');
const chunks = fc.oneof(fc.array(fc.nat(20), { maxLength: 20 }), fc.constant(Array.from({ length: 10_000 }, (_, i) => i)));

interface Sound {
  readonly topic: string;
  readonly message: object;
}

const payloads: Readonly<Record<(typeof commandNames)[number], object>> = {
  ping: {},
  status: {},
  snapshot: { camera: 'tower', case: 'complaint 17' },
  clip: { camera: 'tower', from: '2026-03-01T07:41:00Z', to: '2026-03-01T07:41:10Z', event: incident.id },
  verify: { event: incident.id },
  set: { camera: 'tower', enabled: true, sensitivity: 'high' },
  reload: {},
  fetch: { event: incident.id, evidence: clipId },
  upload: { event: incident.id, evidence: clipId, url: 'https://127.0.0.1:1/upload/x', headers: { authorization: 'Bearer x' } },
};

/** What a centre says. */
const soundMessages: readonly fc.Arbitrary<Sound>[] = [
  fc
    .constantFrom(
      ackKeys.event('tower', incident.id, 1),
      ackKeys.evidence(clipId),
      ackKeys.evidenceComplete(incident.id),
      ackKeys.record(clipId, 1),
    )
    .map((key) => ({ topic: `${base}/ack`, message: { schema: ACK_SCHEMA, key, sha256 } })),
  event.map((id) => ({
    topic: `${base}/ack`,
    message: { schema: REFUSAL_SCHEMA, key: ackKeys.event('tower', id, 1), sha256, reason: 'no' },
  })),
  fc.record({ event, chunks }).map((of) => ({ topic: `${base}/need`, message: { schema: NEED_SCHEMA, evidence: clipId, ...of } })),
  fc
    .record({ camera: fc.constantFrom('tower', 'gate'), first: fc.nat(50), more: fc.constantFrom(0, 3, 1e6) })
    .map(({ camera, first, more }) => {
      return { topic: `${base}/need`, message: { schema: RESEND_SCHEMA, camera, first, last: first + more } };
    }),
  fc.record({ event, state: fc.constantFrom(...caseStates) }).map((of) => {
    return { topic: `${base}/cases/${of.event}/state`, message: { schema: CASE_STATE_SCHEMA, at, ...of } };
  }),
  fc.constantFrom(...commandNames).map((name) => ({ topic: `${base}/cmd/${name}`, message: payloads[name] })),
  fc.constantFrom(...commandNames).map((name) => {
    const signature = { alg: 'Ed25519', key: Buffer.alloc(32).toString('base64'), value: Buffer.alloc(64).toString('base64') };
    return {
      topic: `${base}/cmd/${name}`,
      message: { ...payloads[name], topic: `${base}/cmd/${name}`, at, nonce: 'used only once', signature },
    };
  }),
  fc.constantFrom(...nastyTexts.filter((text) => !/[/+#\0\uD800]/.test(text) && text.length < 400)).map((text) => {
    return { topic: `${base}/cmd/${text}`, message: {} };
  }),
];

const message: fc.Arbitrary<HostileMessage> = fc.oneof(
  ...soundMessages.flatMap((sound) => [
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

/** Whether MQTT lets it through: then nothing that is in it may cost the link. Larger than the agent takes, it may. */
function isProper({ topic, payload, properties }: HostileMessage): boolean {
  const text = Buffer.from(topic).toString('utf8');
  const small = topic.length + payload.length < 64 * 1024;
  return small && (properties?.length ?? 0) === 0 && text !== '' && Buffer.from(text).equals(Buffer.from(topic)) && !/[+#\0]/.test(text);
}

describe('an agent and whatever comes', { timeout: 600_000 + RUNS * 20 }, () => {
  let folder: TestFolder;
  let tree: SentinelTree;
  let broker: HostileBroker;
  let store: Store;
  let uplink: Uplink;
  let config: ResolvedConfig;
  const log = recordingLogger();
  const stop = new AbortController();
  /** Limits by time would leave little of a fuzz; they have tests of their own. */
  let aheadMs = 0;
  const clock = { ...systemClock, monotonic: () => performance.now() + aheadMs };
  let desk: ReturnType<typeof createCentreDesk>;

  beforeAll(async () => {
    folder = await makeTestFolder();
    broker = await startHostileBroker(2);
    const { logger } = log;
    const file = folder.of('parapet.yaml');
    const readConfig = (): ResolvedConfig => loadConfig({ file, env: {}, cwd: folder.path }).config;
    writeFileSync(
      file,
      `{ site: estate, agent: box, mqtt: { commands: { allow: [${commandNames.join(', ')}] } }, cameras: [{ id: tower, source: { url: "rtsp://127.0.0.1:1/x" }, rules: [{ type: thrown_object }] }] }`,
    );
    config = readConfig();
    tree = plantSentinels(folder.path);
    const evidenceFolder = join(tree.dataDir, 'evidence');
    store = openStore({
      path: join(tree.dataDir, 'parapet.sqlite'),
      evidenceFolder,
      site: 'estate',
      agent: 'box',
      proof: makeProof(),
      clock,
      logger,
    });
    store.recordIncident(incident);
    const clip = await makeEvidence(incident, 'clip', join(evidenceFolder, incident.id, 'clip.mp4'), 5_000, clipId);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
    const createId = createIdFactory('fuzz');
    // No camera is there: what is asked of one is refused, as when it is away.
    const fleet = {
      configs: () => config.cameras,
      evidenceCamera: () => null,
      reconfigure: async () => ({ added: [], removed: [], reconnected: [], changed: [] }),
    } as unknown as CameraFleet;
    desk = createCentreDesk({
      ...{ config, readConfig, store, clock, logger, folder: evidenceFolder, signal: stop.signal },
      ...{ fleet: () => fleet, eyes: { reconfigure: async () => undefined } },
      ...{ uplink: () => uplink, snapshot: agentSnapshot, onChanged: () => undefined, onQueued: () => undefined },
      ...{ tools: createMediaTools(), references: noReferences, pictures: createPictureProcess(), createId: () => createId(clock.now()) },
    });
    const learning = createLearning({ cameras: config.cameras, store, clock, logger, onTaught: () => undefined });
    uplink = createUplink({
      mqtt: { url: broker.url, keepaliveMs: 0 },
      identity: { site: 'estate', agent: 'box', version: '0.1.0', prefix: 'parapet' },
      outbox: store.outbox,
      delivery: 'centre',
      chunkBytes: 1024,
      maxInFlight: 20,
      backoff: { minMs: 1, spreadMs: 5 },
      onCase: (state) => {
        learning.onCase(state);
        desk.onCase(state);
      },
      createCommands: (above, counters) => desk.createCommands(above, counters),
      clock,
      logger,
    });
    uplink.start();
    await broker.ready();
  });
  afterAll(async () => {
    stop.abort();
    await uplink?.[Symbol.asyncDispose]();
    await desk?.idle();
    store?.close();
    await broker?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  it(`goes on after ${RUNS.toLocaleString('en')} of them, and writes nothing outside its folder`, async () => {
    const { counters } = uplink;
    await fuzzMessages({
      ...{ what: 'agent', runs: RUNS, message, broker, isProper, log, tree, counters },
      before: () => {
        aheadMs += 100;
      },
      sorts: ['cases', 'commands', 'commandsRefused', 'refusedByCentre', 'badInbound'],
    });
    // Nothing was a mistake of the agent's own.
    expect(log.lines().filter(({ event: what }) => what === 'command-crashed')).toEqual([]);
    // Nobody has acknowledged the first event with its own hash: it is still there.
    expect(store.outbox.depth().messages).toBeGreaterThan(0);

    // And it still works.
    const before = counters.commands;
    const replies = broker.publishedTo(`${base}/reply`);
    await broker.send({ topic: Buffer.from(`${base}/cmd/ping`), payload: Buffer.alloc(0) });
    expect(counters.commands).toBe(before + 1);
    await until('it answers', () => broker.publishedTo(`${base}/reply`) > replies);
  });
});
