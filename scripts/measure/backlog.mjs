#!/usr/bin/env node
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { ulid } from 'ulid';
import { renderDemoScene } from '../../dist/cli/demo/scene-cache.js';
import { systemClock } from '../../dist/platform/clock.js';
import { createLogger } from '../../dist/platform/logger.js';
import { openSigningKey } from '../../dist/platform/proof/index.js';
import { openStore } from '../../dist/store/index.js';
import { ended, makeIncident } from '../../dist/testing/delivery-fixtures.js';
import { freePort, startMosquitto } from '../../dist/testing/mosquitto.js';
import { median, slope } from './facts.mjs';
import { runMeasurement, workOption } from './measurement.mjs';
import { readTree } from './process-tree.mjs';
import { filesIn, readLines, sha256Of } from './received.mjs';
import { askHealth, end, repeatVideo, startCamera, startProgram, until } from './rig.mjs';

const USAGE = `A long outage: 10,000 events and 2 GB of evidence wait on the disk of an agent whose camera runs on; then mosquitto comes back.

  node scripts/measure/backlog.mjs [--events 10000] [--gigabytes 2] [--file-mb 4] [--json FILE] [--work DIR]

  The real agent, an RTSP camera, mosquitto and the receiver. Needs twice the evidence's room. Exit code 1 when a target is missed.`;

/** How long the agent runs with the backlog and without a broker, for comparison, and how long after the drain it is watched, milliseconds. */
const BEFORE_MS = 40_000;
const AFTER_MS = 20_000;
const SAMPLE_MS = 1_000;
/** The first files fill buffers that are kept: after this memory is read, milliseconds. */
const SETTLE_MS = 20_000;
/** No drain may take longer: then something stands still. */
const LONGEST_MS = 30 * 60_000;

async function main(values, facts) {
  const fileBytes = Number(values['file-mb']) * 1e6;
  await measure(facts, values.work, {
    incidents: Math.ceil(Number(values.events) / 2),
    files: Math.ceil((Number(values.gigabytes) * 1e9) / fileBytes),
    fileBytes,
  });
}

async function measure(facts, work, wish) {
  const missedBefore = facts.missed();
  const scene = await renderDemoScene(process.env, () => console.log('backlog: rendering the scene'), new AbortController().signal);
  const folder = mkdtempSync(join(work, 'backlog-'));
  const stream = join(folder, 'stream.mp4');
  repeatVideo(scene.video, (LONGEST_MS + BEFORE_MS) / 1000, stream);
  const broker = await startMosquitto();
  const camera = await startCamera(stream);
  const port = await freePort();
  const dataDir = join(folder, 'agent');
  const made = await fill(dataDir, wish, readFileSync(scene.config, 'utf8'));
  facts.note(
    'waiting: events, records, files, GB',
    `${made.events}, ${wish.files}, ${wish.files}, ${((wish.files * wish.fileBytes) / 1e9).toFixed(2)}`,
  );
  const receiver = startProgram(['receive', '--mqtt', broker.url, '--data', join(folder, 'received')], join(folder, 'receiver.log'));
  const watcher = await watch(broker.url);
  let agent = null;
  try {
    // The receiver has its subscription before the broker goes, as it would have had all along.
    await until('the receiver has subscribed', () => broker.log().includes('parapet/+/+/evidence/#'));
    await broker.stop();
    const settings = {
      ...{ site: 'estate', agent: 'measured', data_dir: dataDir, 'console.port': port },
      ...{ 'cameras.demo.source.url': camera.url(), 'mqtt.delivery': 'centre' },
    };
    const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    agent = startProgram(['run', '-c', scene.config, '--mqtt', broker.url, '--log-level', 'info', ...set], join(folder, 'agent.log'));
    await until('the camera is online', async () => (await askHealth(port))?.cameras.demo?.state === 'online');
    await delay(15_000);
    const before = await sample(port, agent, receiver, BEFORE_MS, () => false);
    await broker.start();
    const startedMs = performance.now();
    const isEmpty = (figures) => figures.outbox_depth === 0 && figures.parapet_outbox_transfers === 0;
    const during = await sample(port, agent, receiver, LONGEST_MS, isEmpty);
    const drained = performance.now() - startedMs;
    const after = await sample(port, agent, receiver, AFTER_MS, () => false);
    await end(agent, 'SIGTERM');
    await end(receiver, 'SIGTERM');
    const figures = { before, during, after, drained, startedMs };
    judge({ facts, folder, made, wish, figures, watched: watcher.seen, fps: 25 });
    if (facts.missed() === missedBefore) rmSync(folder, { recursive: true });
    else console.log(`backlog: kept for looking into: ${folder}`);
  } finally {
    await watcher.end();
    await end(agent, 'SIGKILL');
    await end(receiver, 'SIGKILL');
    await camera.kill();
    await broker[Symbol.asyncDispose]();
  }
}

/** Has the agent's own store record what happened while the network was gone, as the agent would have. */
async function fill(dataDir, { incidents, files, fileBytes }, configText) {
  mkdirSync(dataDir, { recursive: true });
  const logger = createLogger('silent');
  const signer = await openSigningKey(dataDir, logger);
  const evidenceFolder = join(dataDir, 'evidence');
  const path = join(dataDir, 'parapet.sqlite');
  const proof = { signer, version: 'measured', configSha256: createHash('sha256').update(configText).digest('hex') };
  const store = openStore({ path, evidenceFolder, site: 'estate', agent: 'measured', proof, clock: systemClock, logger });
  const beganMs = Date.now() - 72 * 3_600_000;
  const hashes = new Map();
  let events = 0;
  for (let i = 0; i < incidents; i++) {
    const startedAtMs = beganMs + Math.round((i * 71 * 3_600_000) / incidents);
    const incident = makeIncident({ cameraId: 'demo', startedAtMs });
    store.recordIncident(incident);
    // Spread evenly, so that files wait among events.
    const hasFile = Math.floor((i * files) / incidents) !== Math.floor(((i + 1) * files) / incidents);
    const id = ulid();
    store.recordIncident(ended(incident), hasFile ? [{ id, kind: 'clip' }] : []);
    events += 2;
    if (!hasFile) continue;
    const content = randomBytes(fileBytes);
    const file = join(evidenceFolder, 'demo', incident.id, 'clip.mp4');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    hashes.set(id, sha256);
    const span = { fromMs: startedAtMs - 5_000, toMs: startedAtMs + 8_000 };
    const about = { id, incidentId: incident.id, cameraId: 'demo', kind: 'clip', path: file, mediaType: 'video/mp4' };
    store.recordEvidence({ ...about, bytes: fileBytes, sha256, ...span });
  }
  store.close();
  return { events, hashes };
}

/** Notes in which order events and pieces of files leave the broker. */
async function watch(url) {
  const seen = { events: new Map(), eventsAtFirstChunk: null, firstChunkMs: null };
  const session = { clientId: 'watcher', clean: false, properties: { sessionExpiryInterval: 3600 } };
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 200, ...session });
  // While the broker is away it cannot be reached; whatever else is wrong shows in what was seen.
  client.on('error', (error) => error.code === 'ECONNREFUSED' || console.error(`backlog: watcher: ${error.message}`));
  client.on('message', (topic, payload) => {
    if (topic.includes('/events/')) {
      const { id, seq } = JSON.parse(payload.toString());
      if (!seen.events.has(seq)) seen.events.set(seq, { id, atMs: performance.now() });
    } else if (/\/chunk\/\d+$/.test(topic)) {
      seen.eventsAtFirstChunk ??= seen.events.size;
      seen.firstChunkMs ??= performance.now();
    }
  });
  await client.subscribeAsync(['parapet/+/+/events/#', 'parapet/+/+/evidence/#'], { qos: 1 });
  return { seen, end: () => client.endAsync(true) };
}

/** Reads the agent's figures and both processes' memory once a second. */
async function sample(port, agent, receiver, forMs, isOver) {
  const rows = [];
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    const figures = await askMetrics(port);
    const atMs = performance.now();
    rows.push({ atMs, figures, agent: readTree(agent.pid), receiver: readTree(receiver.pid) });
    if (isOver(figures)) break;
    await delay(SAMPLE_MS);
  }
  return rows;
}

/** Values of `/metrics` by name; labels are left out, so of each name the sum. */
async function askMetrics(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const figures = {};
  for (const [, name, value] of text.matchAll(/^(\w+)(?:\{[^}]*\})? ([\d.e+-]+)$/gm)) figures[name] = (figures[name] ?? 0) + Number(value);
  return figures;
}

function judge({ facts, folder, made, wish, figures, watched, fps }) {
  const { before, during, after, drained, startedMs } = figures;
  const minutes = (rows) => rows.map(({ atMs, agent }) => [atMs / 60_000, agent.rssMb]);
  const gained = (rows, name) => (rows.at(-1).figures[name] ?? 0) - (rows[0].figures[name] ?? 0);
  const seconds = (rows) => (rows.at(-1).atMs - rows[0].atMs) / 1000;
  const framesOf = (rows) => gained(rows, 'parapet_frames_total') / seconds(rows);

  facts.judge('drained', `${(drained / 1000).toFixed(0)} s`, `< ${LONGEST_MS / 60_000} min`, drained < LONGEST_MS);
  const messages = readLines(join(folder, 'received/events.jsonl'));
  const numbers = messages.map(({ seq }) => seq);
  const inOrder = numbers.every((seq, i) => seq === i + 1);
  facts.judge('events at the receiver, live ones included', messages.length, `≥ ${made.events}`, messages.length >= made.events);
  facts.judge(
    'their numbers, in the order of the journal',
    inOrder ? `1 to ${numbers.length}, no gap` : 'not in order',
    'in order',
    inOrder,
  );
  const share = (watched.eventsAtFirstChunk ?? 0) / made.events;
  facts.judge('events out before the first piece of a file', `${(share * 100).toFixed(1)} %`, '100 %', share >= 1);
  const lastEventMs = watched.events.get(made.events)?.atMs ?? Number.NaN;
  facts.note('the backlog of events took, from the start of the broker, s', ((lastEventMs - startedMs) / 1000).toFixed(1));
  const files = filesIn(join(folder, 'received')).filter((name) => /clip[^/]*\.mp4$/.test(name));
  const hashes = new Set(files.map((name) => sha256Of(join(folder, 'received', name))));
  const whole = [...made.hashes.values()].filter((sha256) => hashes.has(sha256)).length;
  facts.judge('files at the receiver, equal by hash', `${whole} of ${wish.files}`, 'all', whole === wish.files);
  const evidenceMs = startedMs + drained - watched.firstChunkMs;
  facts.note(
    'the evidence took then, s, and went at MB/s',
    `${(evidenceMs / 1000).toFixed(0)}, ${((wish.files * wish.fileBytes) / 1e3 / evidenceMs).toFixed(1)}`,
  );

  const rss = (rows) => rows.map(({ agent }) => agent.rssMb);
  const calm = median(rss(before));
  const steady = during.filter(({ atMs }) => atMs > watched.firstChunkMs + SETTLE_MS);
  const growth = steady.length < 2 ? Number.NaN : slope(minutes(steady));
  const show = (rows) =>
    `${Math.min(...rss(rows)).toFixed(0)} to ${Math.max(...rss(rows)).toFixed(0)}, median ${median(rss(rows)).toFixed(0)}`;
  facts.note('RSS of the agent before, MB', show(before));
  const highest = Math.max(...rss(during));
  facts.judge(
    'RSS of the agent during the drain, MB',
    show(during),
    `at most 80 above the median before (${calm.toFixed(0)})`,
    highest < calm + 80,
  );
  const over = steady.length < 2 ? 0 : (steady.at(-1).atMs - steady[0].atMs) / 1000;
  facts.judge(`its slope while files went, over ${over.toFixed(0)} s, MB/min`, growth.toFixed(1), '≤ 5', growth <= 5);
  facts.note('RSS of the agent after, MB', show(after));
  facts.note('RSS of the receiver, highest, MB', Math.max(...during.map(({ receiver }) => receiver.rssMb)).toFixed(0));

  facts.note('pictures a second looked at, before', framesOf(before).toFixed(2));
  facts.judge('during the drain', framesOf(during).toFixed(2), `≥ ${(fps * 0.99).toFixed(2)}`, framesOf(during) >= fps * 0.99);
  const overall = framesOf([before[0], after.at(-1)]);
  facts.judge('over the whole run, so that none is only late', overall.toFixed(2), `≥ ${(fps * 0.99).toFixed(2)}`, overall >= fps * 0.99);
  for (const name of ['parapet_skipped_frames_total', 'parapet_restarts_total']) {
    const count = gained(during, name);
    facts.judge(`${name} during the drain`, count, '0', count === 0);
  }
  const live = [...watched.events].filter(([seq]) => seq > made.events).length;
  facts.note('events that the camera made meanwhile, at the broker', live);
}

await runMeasurement(
  'backlog',
  USAGE,
  {
    events: { type: 'string', default: '10000' },
    gigabytes: { type: 'string', default: '2' },
    'file-mb': { type: 'string', default: '4' },
    ...workOption,
  },
  main,
);
