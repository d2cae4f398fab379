import { createHash, randomFillSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '../../dist/config/schema.js';
import { ackKeys } from '../../dist/domain/wire/delivery.js';
import { KEY_SCHEMA } from '../../dist/domain/wire/proof.js';
import { createProofFiles } from '../../dist/evidence/proof/proof-files.js';
import { brokerOptions } from '../../dist/pipeline/centre/broker-options.js';
import { evidencePolicy } from '../../dist/pipeline/centre/transfer-desk.js';
import { createIdFactory } from '../../dist/pipeline/incidents/incident-ids.js';
import { createStatePublisher } from '../../dist/pipeline/telling/state-publisher.js';
import { systemClock } from '../../dist/platform/clock.js';
import { openSigningKey } from '../../dist/platform/proof/index.js';
import { openStore } from '../../dist/store/index.js';
import { agentSnapshot, cameraSnapshot } from '../../dist/testing/snapshot.js';
import { createUplink } from '../../dist/uplink/index.js';
import { ended, makeThrow } from './incident.mjs';

/** From `new` to `end`: a fall of some floors, milliseconds. */
const FALL_MS = 3_000;
/** From `end` until its files are made: a clip has 5 s after the fall, milliseconds. */
const FILES_AFTER_MS = 6_000;
const VERSION = '0.0.0';
const kinds = {
  clip: ['mp4', 'video/mp4'],
  trail: ['jpg', 'image/jpeg'],
  snapshot: ['jpg', 'image/jpeg'],
  track: ['json', 'application/json'],
};
/** Sites that the boxes are spread over: districts of the city. */
const SITES = 20;

/**
 * The delivering half of an agent, with no camera: key, store, chain of records and uplink are the program's own, with a config's defaults and
 * `delivery: centre`.
 *
 * @param {{number: number, folder: string, url: string, fileBytes: Record<string, number>, logger: object,
 *   made: (line: object) => void, delivered: (what: 'event' | 'file', tookMs: number) => void}} options `fileBytes` by kind; `made` is
 *   told of all that must arrive, `delivered` how long it took from being recorded until the centre's acknowledgement was here
 */
export async function openSimulatedAgent({ number, folder, url, fileBytes, logger, made, delivered }) {
  const agent = `box-${String(number).padStart(5, '0')}`;
  const site = `district-${String(number % SITES).padStart(2, '0')}`;
  const camera = 'tower';
  const config = configSchema.parse({ site, agent, mqtt: { url, delivery: 'centre' } });
  const dataDir = join(folder, agent);
  const signer = await openSigningKey(dataDir, logger);
  const evidenceFolder = join(dataDir, 'evidence');
  const proof = { signer, version: VERSION, configSha256: '0'.repeat(64) };
  const store = openStore({ path: join(dataDir, 'parapet.sqlite'), evidenceFolder, site, agent, proof, clock: systemClock, logger });
  const proofFiles = createProofFiles({ dataDir, records: store.records, signer, logger });
  await proofFiles.start();
  /** When each was recorded, by acknowledgement key or evidence id, monotonic milliseconds. */
  const waiting = new Map();
  const uplink = createUplink({
    mqtt: brokerOptions(config.mqtt),
    identity: { site, agent, version: VERSION, prefix: config.mqtt.prefix },
    outbox: timed(store.outbox),
    delivery: config.mqtt.delivery,
    chunkBytes: config.mqtt.chunk_size,
    maxInFlight: config.mqtt.max_in_flight,
    evidence: evidencePolicy(config.mqtt),
    uploads: store.uploads,
    clock: systemClock,
    logger,
  });
  const publisher = createStatePublisher(uplink);
  const createId = createIdFactory(null);
  const timers = new Set();

  /** The store's outbox, with an eye on what leaves it. */
  function timed(outbox) {
    const left = (what, key) => {
      const madeMs = waiting.get(key);
      if (madeMs === undefined) return;
      waiting.delete(key);
      delivered(what, performance.now() - madeMs);
    };
    /** Keys of the rows that the uplink has read and not removed. */
    const keys = new Map();
    return {
      ...outbox,
      messages(afterId, limit) {
        const rows = outbox.messages(afterId, limit);
        for (const { id, ackKey } of rows) keys.set(id, ackKey);
        return rows;
      },
      acknowledge(ids) {
        outbox.acknowledge(ids);
        for (const id of ids) {
          left('event', keys.get(id));
          keys.delete(id);
        }
      },
      transferDone(id) {
        outbox.transferDone(id);
        left('file', id);
      },
    };
  }

  function later(ms, work) {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  }

  function record(incident, plans) {
    const startMs = performance.now();
    const event = store.recordIncident(incident, plans);
    waiting.set(ackKeys.event(camera, event.id, event.seq), startMs);
    const sha256 = createHash('sha256').update(JSON.stringify(event)).digest('hex');
    made({ what: 'event', site, agent, camera, id: event.id, seq: event.seq, sha256 });
    uplink.wake();
  }

  function makeFile(incident, { id, kind }) {
    const [extension, mediaType] = kinds[kind];
    const path = join(evidenceFolder, incident.id, `${kind}.${extension}`);
    const content = randomFillSync(Buffer.allocUnsafe(fileBytes[kind]));
    mkdirSync(join(evidenceFolder, incident.id), { recursive: true });
    writeFileSync(path, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const span = { fromMs: incident.startedAtMs - 5_000, toMs: incident.startedAtMs + 8_000 };
    waiting.set(id, performance.now());
    store.recordEvidence({ id, incidentId: incident.id, cameraId: camera, kind, path, mediaType, bytes: content.length, sha256, ...span });
    made({ what: 'file', site, agent, camera, event: incident.id, id, kind, bytes: content.length, sha256 });
  }

  const snapshot = () => agentSnapshot({ site, agent, nowMs: Date.now(), cameras: [cameraSnapshot({ id: camera })] });
  publisher.cameras(snapshot());
  const key = { schema: KEY_SCHEMA, alg: 'Ed25519', key: signer.publicKey, fingerprint: signer.fingerprint };
  uplink.publishRetained('key', signer.sign(key));

  return {
    name: `${site}/${agent}`,
    start: () => uplink.start(),
    /** A throw is found now. @param {boolean} withFiles */
    incident(withFiles) {
      const nowMs = Date.now();
      const found = makeThrow(createId(nowMs), camera, nowMs);
      record(found, []);
      later(FALL_MS, () => {
        const over = ended(found, Date.now());
        const plans = withFiles ? Object.keys(kinds).map((kind) => ({ id: createId(Date.now()), kind })) : [];
        record(over, plans);
        if (!withFiles) return;
        later(FILES_AFTER_MS, () => {
          for (const plan of plans) makeFile(over, plan);
          proofFiles.catchUp();
          uplink.wake();
        });
      });
    },
    metrics: () => publisher.metrics(snapshot()),
    state: () => uplink.state(),
    counters: uplink.counters,
    depth: () => store.outbox.depth(),
    /** Nothing is still to come of what was found. */
    quiet: () => timers.size === 0,
    async end() {
      for (const timer of timers) clearTimeout(timer);
      await uplink[Symbol.asyncDispose]();
      await proofFiles.idle();
      store.close();
    },
  };
}
