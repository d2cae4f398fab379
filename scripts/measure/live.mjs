#!/usr/bin/env node
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, startMosquitto } from '../../dist/testing/mosquitto.js';
import { slope } from './facts.mjs';
import { runMeasurement, workOption } from './measurement.mjs';
import { readTree } from './process-tree.mjs';
import { readLines, readReceived } from './received.mjs';
import { askHealth, end, renderTower, repeatVideo, startCamera, startProgram, until } from './rig.mjs';
import { assignEvents, listThrows } from './throws.mjs';

const USAGE = `A live 1080p25 camera for minutes, killed and started again: does every throw arrive once, is the agent back at once, does it grow?

  node scripts/measure/live.mjs [--minutes 10] [--restarts 3] [--json FILE] [--work DIR]

  The restarts fall into the first two fifths, so that the second half shows how memory behaves when nothing happens but throws.
  Needs ffmpeg, mosquitto and GStreamer's RTSP server, and a built program. Exit code 1 when a target is missed.`;

/** How long the camera is away each time, and how often memory is looked at, milliseconds. */
const DOWN_MS = 5_000;
const SAMPLE_MS = 5_000;
/** Share of the time within which the restarts fall. A new connection's thread needs a minute to reach its usual size. */
const RESTARTS_SHARE = 0.4;
const LIMITS = { backS: 10, rssMb: 350, slopeMbPerMin: 1 };

async function main(values, facts) {
  const durationS = Number(values.minutes) * 60;
  const scene = renderTower(values.work);
  const folder = mkdtempSync(join(values.work, 'live-'));
  const stream = join(folder, 'stream.mp4');
  const offlineEvents = join(folder, 'offline.jsonl');
  // Beside the rest: it takes a quarter of the scene's length.
  const offline = once(
    startProgram(['analyze', scene.video, '-c', scene.config, '--events', offlineEvents], join(folder, 'analyze.log')),
    'exit',
  );
  repeatVideo(scene.video, durationS + 60, stream);
  const broker = await startMosquitto();
  const camera = await startCamera(stream);
  const receiver = startProgram(['receive', '--mqtt', broker.url, '--data', join(folder, 'received')], join(folder, 'receiver.log'));
  const port = await freePort();
  const settings = { agent: 'measured', data_dir: join(folder, 'agent'), 'console.port': port, 'cameras.demo.source.url': camera.url() };
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const agent = startProgram(['run', '-c', scene.config, '--mqtt', broker.url, '--log-level', 'info', ...set], join(folder, 'agent.log'));
  try {
    await measure({ facts, folder, durationS, restarts: Number(values.restarts), scene, camera, port, agent, receiver });
    await offline;
    const confirmed = readLines(offlineEvents).filter(({ verdict }) => verdict === 'confirmed').length;
    const count = scene.truth.throws.length;
    facts.judge('confirmed by analyze in one turn of the scene', confirmed, `${count}`, confirmed === count);
    if (facts.missed() === 0) rmSync(folder, { recursive: true });
    else console.log(`live: kept for looking into: ${folder}`);
  } finally {
    await end(agent, 'SIGKILL');
    await end(receiver, 'SIGTERM');
    await camera.kill();
    await broker[Symbol.asyncDispose]();
  }
}

async function measure({ facts, folder, durationS, restarts, scene, camera, port, agent, receiver }) {
  const isOnline = async () => (await askHealth(port))?.cameras.demo?.state === 'online';
  const connections = [];
  /** Bounds of the moment at which the stream began, and when it broke; UTC milliseconds. */
  const connect = async (servedAtMs) => {
    await until('the camera is online', isOnline, 90_000);
    connections.push({ servedAtMs, onlineAtMs: Date.now(), brokenAtMs: Number.NaN });
    return (Date.now() - servedAtMs) / 1000;
  };
  await connect(Date.now());
  const startMs = Date.now();
  const before = readTree(agent.pid);
  const samples = [];
  const sampling = new AbortController();
  const sampler = sample(agent.pid, startMs, samples, sampling.signal);

  for (let i = 1; i <= restarts + 1; i++) {
    const atS = i > restarts ? durationS : (i * RESTARTS_SHARE * durationS) / restarts;
    await delay(startMs + atS * 1000 - Date.now());
    await camera.kill();
    connections.at(-1).brokenAtMs = Date.now();
    if (i > restarts) break;
    await delay(DOWN_MS);
    if (await isOnline()) throw new Error('the camera is said to be online while it is away');
    await camera.start();
    const backS = await connect(Date.now());
    facts.judge(`seconds from the server's restart ${i} to online`, backS.toFixed(1), `≤ ${LIMITS.backS}`, backS <= LIMITS.backS);
  }
  sampling.abort();
  await sampler;
  const after = readTree(agent.pid);
  const cores = (after.cpuS - before.cpuS) / ((Date.now() - startMs) / 1000);
  await until('everything has been sent', async () => (await askHealth(port))?.store.outbox_depth === 0, 120_000);
  const received = () => readReceived(join(folder, 'received')).incidents;
  await until('all evidence has arrived', () => received().every(({ complete }) => complete), 60_000).catch(() => undefined);
  facts.judge('agent ends after SIGTERM with', await end(agent, 'SIGTERM'), '0', agent.exitCode === 0);
  await end(receiver, 'SIGTERM');

  judgeEvents(facts, listThrows(scene.truth, connections), readReceived(join(folder, 'received')));
  judgeMemory(facts, samples, after, durationS);
  facts.note('CPU of the agent and its children, cores', cores.toFixed(2));
}

function judgeEvents(facts, thrown, { messages, incidents }) {
  const keys = new Set(messages.map(({ id, seq }) => `${id} ${seq}`));
  facts.judge('messages in the journal more than once', messages.length - keys.size, '0', messages.length === keys.size);
  const { shown, straddling, found, strays } = assignEvents(
    thrown,
    incidents.map(({ event }) => event),
  );
  facts.note('throws that straddle a kill, left out', straddling.length === 0 ? 'none' : straddling.map(({ name }) => name).join(', '));
  const once = shown.filter((one) => found.get(one)?.filter(({ verdict }) => verdict === 'confirmed').length === 1);
  facts.judge('throws shown with exactly one confirmed event', `${once.length} of ${shown.length}`, 'all', once.length === shown.length);
  for (const one of shown) if (!once.includes(one)) facts.note(`throw ${one.name}`, `${found.get(one)?.length ?? 0} events`);
  facts.judge('events without a throw', strays.length, '0', strays.length === 0);
  const complete = incidents.filter((incident) => incident.complete);
  const what = 'events with clip, trail, snapshot and track, hashes equal';
  facts.judge(what, `${complete.length} of ${incidents.length}`, 'all', complete.length === incidents.length);
}

function judgeMemory(facts, samples, last, durationS) {
  facts.judge('peak RSS of the agent process, MB', last.peakRssMb.toFixed(0), `< ${LIMITS.rssMb}`, last.peakRssMb < LIMITS.rssMb);
  facts.note('RSS of the agent process at the end, MB', last.rssMb.toFixed(0));
  facts.note(
    'RSS of the agent process every half minute, MB',
    samples
      .filter((_, i) => i % (30_000 / SAMPLE_MS) === 0)
      .map(({ tree }) => tree.rssMb.toFixed(0))
      .join(' '),
  );
  const peakTree = (key) => Math.max(...samples.map(({ tree }) => tree[key])).toFixed(0);
  facts.note('peak RSS of agent and ffmpeg together, MB', `${peakTree('treeRssMb')}, shared pages counted once ${peakTree('treePssMb')}`);
  const lastHalf = samples.filter(({ atS }) => atS >= durationS / 2);
  const growth = slope(lastHalf.map(({ atS, tree }) => [atS / 60, tree.rssMb]));
  const span = (durationS / 120).toFixed(0);
  const flat = growth <= LIMITS.slopeMbPerMin;
  facts.judge(`growth of RSS over the last ${span} min, MB/min`, growth.toFixed(2), `≤ ${LIMITS.slopeMbPerMin}`, flat);
}

/** Notes the memory of a process tree until told to stop. */
async function sample(pid, startMs, samples, signal) {
  while (!signal.aborted) {
    samples.push({ atS: (Date.now() - startMs) / 1000, tree: readTree(pid) });
    await delay(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
  }
}

await runMeasurement(
  'live',
  USAGE,
  {
    minutes: { type: 'string', default: '10' },
    restarts: { type: 'string', default: '3' },
    ...workOption,
  },
  main,
);
