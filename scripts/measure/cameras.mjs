#!/usr/bin/env node
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { freePort } from '../../dist/testing/mosquitto.js';
import { runMeasurement, workOption } from './measurement.mjs';
import { readTree } from './process-tree.mjs';
import { askHealth, end, renderTower, repeatVideo, startCamera, startProgram, until } from './rig.mjs';

const USAGE = `How many live 1080p25 cameras one agent keeps up with on this machine: pictures dropped, CPU and memory by count.

  node scripts/measure/cameras.mjs [--counts 1,2,4,8] [--seconds 60] [--json FILE] [--work DIR]

  The cameras are GStreamer's RTSP server on the same machine, which costs CPU of its own. Each shows a throw every half minute, whose
  evidence is made. Needs ffmpeg and GStreamer's RTSP server, and a built program. Exit code 1 when one camera alone is too much.`;

const FPS = 25;
/** After all are online, until counting begins, milliseconds: the servers' first burst is over and the compilers are done. */
const SETTLE_MS = 10_000;
const SAMPLE_MS = 2_000;
/** Share of the pictures that may be missing: at both ends of the count one more or less is no loss. */
const DROP_LIMIT = 0.005;

async function main(values, facts) {
  const scene = renderTower(values.work);
  const folder = mkdtempSync(join(values.work, 'cameras-'));
  const stream = join(folder, 'stream.mp4');
  const seconds = Number(values.seconds);
  // Nobody is to meet the file's end while eight connections are made one after the other.
  repeatVideo(scene.video, seconds + 120, stream);
  const results = [];
  for (const count of values.counts.split(',').map(Number)) {
    const result = await measure({ scene, stream, folder, seconds, count });
    describe(facts, count, result);
    results.push({ count, ...result });
  }
  const kept = results.filter(({ droppedShare, online }) => droppedShare <= DROP_LIMIT && online).map(({ count }) => count);
  const most = kept.length === 0 ? 'none' : Math.max(...kept);
  facts.judge('cameras it keeps up with', `${most} of ${values.counts} tried`, 'at least the fewest', kept.includes(results[0].count));
  rmSync(folder, { recursive: true });
}

async function measure({ scene, stream, folder, seconds, count }) {
  const server = await startCamera(stream);
  const port = await freePort();
  const place = join(folder, `agent-${count}`);
  mkdirSync(place);
  const config = join(place, 'parapet.json.yaml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(configOf(scene.config, server.url(), count, port, place)));
  const agent = startProgram(['run', '-c', config, '--log-level', 'warn'], join(place, 'agent.log'));
  const allOnline = async () => {
    if (agent.exitCode !== null) throw new Error(`the agent ended; ${join(place, 'agent.log')} says why`);
    const cameras = Object.values((await askHealth(port))?.cameras ?? {});
    return cameras.filter(({ state }) => state === 'online').length === count;
  };
  try {
    await until(`${count} cameras are online`, allOnline, 120_000);
    await delay(SETTLE_MS);
    const begin = await look(agent.pid, server.pid(), port);
    const memory = [];
    while (performance.now() < begin.atMs + seconds * 1000) {
      await delay(SAMPLE_MS);
      memory.push(readTree(agent.pid));
    }
    const last = await look(agent.pid, server.pid(), port);
    return compare(begin, last, memory, count, await allOnline());
  } finally {
    await end(agent, 'SIGTERM');
    await server.kill();
  }
}

function configOf(path, url, count, port, place) {
  const { cameras } = parse(readFileSync(path, 'utf8'));
  return {
    ...{ site: 'measured', agent: 'measured', data_dir: join(place, 'data'), console: { port } },
    cameras: Array.from({ length: count }, (_, i) => ({ ...cameras[0], id: `camera-${i + 1}`, source: { url } })),
  };
}

/** Everything that counts, at one moment. */
async function look(pid, serverPid, port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const sumOf = (pattern) => [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
  return {
    atMs: performance.now(),
    frames: sumOf(/^parapet_frames_total\{[^}]*\} (\S+)$/gm),
    skipped: sumOf(/^parapet_skipped_frames_total\{[^}]*\} (\S+)$/gm),
    restarts: sumOf(/^parapet_restarts_total\{[^}]*\} (\S+)$/gm),
    workS: sumOf(/^parapet_stage_seconds_total\{[^}]*stage="(?:motion|rules)"[^}]*\} (\S+)$/gm),
    cpuS: readTree(pid).cpuS,
    serverCpuS: readTree(serverPid).cpuS,
    machine: readMachine(),
  };
}

/** Ticks of all cores: idle and in all. */
function readMachine() {
  const [line] = readFileSync('/proc/stat', 'utf8').split('\n');
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { idle: ticks[3] + ticks[4], all: ticks.reduce((sum, value) => sum + value, 0) };
}

function compare(begin, last, memory, count, online) {
  const lengthS = (last.atMs - begin.atMs) / 1000;
  const expected = Math.round(lengthS * FPS * count);
  const decoded = last.frames - begin.frames;
  const skipped = last.skipped - begin.skipped;
  const dropped = Math.max(0, expected - decoded + skipped);
  const highest = (key) => Math.max(...memory.map((tree) => tree[key]));
  return {
    ...{ online, expected, dropped, droppedShare: dropped / expected, restarts: last.restarts - begin.restarts },
    cores: (last.cpuS - begin.cpuS) / lengthS,
    serverCores: (last.serverCpuS - begin.serverCpuS) / lengthS,
    busy: 1 - (last.machine.idle - begin.machine.idle) / (last.machine.all - begin.machine.all),
    threadBusy: (last.workS - begin.workS) / lengthS / count,
    ...{ rssMb: highest('rssMb'), treePssMb: highest('treePssMb') },
  };
}

function describe(facts, count, result) {
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const { dropped, expected, droppedShare, restarts, cores, serverCores, busy, threadBusy, rssMb, treePssMb } = result;
  const lost = `${dropped} of ${expected} pictures dropped (${percent(droppedShare)})${restarts > 0 ? `, ${restarts} restarts` : ''}`;
  const cost = `${cores.toFixed(2)} cores, a thread works ${percent(threadBusy)} of the time`;
  const machine = `the machine is busy ${percent(busy)} (the cameras' server ${serverCores.toFixed(2)} cores)`;
  const memory = `RSS ${rssMb.toFixed(0)} MB, with ffmpeg ${treePssMb.toFixed(0)} MB`;
  facts.note(`${count} ${count === 1 ? 'camera' : 'cameras'}`, [lost, cost, machine, memory].join('; '));
}

await runMeasurement(
  'cameras',
  USAGE,
  {
    counts: { type: 'string', default: '1,2,4,8' },
    seconds: { type: 'string', default: '60' },
    ...workOption,
  },
  main,
);
