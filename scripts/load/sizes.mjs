#!/usr/bin/env node
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { freePort, startMosquitto } from '../../dist/testing/mosquitto.js';
import { createFacts, median } from '../measure/facts.mjs';
import { readReceived } from '../measure/received.mjs';
import { askHealth, defaultWork, end, renderTower, repeatVideo, startCamera, startProgram, until } from '../measure/rig.mjs';

const USAGE = `What does a real incident weigh: its messages and files, as agent, broker and receiver exchange them?

  node scripts/load/sizes.mjs [--seconds 100] [--json FILE] [--work DIR]

  A live 1080p25 camera at 4 Mbit/s with a throw every half minute; ${'`mqtt.delivery`'} is centre. The arithmetic of docs/fleet.md rests on it.`;

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '100' },
      json: { type: 'string' },
      work: { type: 'string', default: defaultWork },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const facts = createFacts('sizes');
  facts.machine();
  mkdirSync(values.work, { recursive: true });
  const scene = renderTower(values.work);
  const folder = mkdtempSync(join(values.work, 'sizes-'));
  const stream = join(folder, 'stream.mp4');
  repeatVideo(scene.video, Number(values.seconds) + 60, stream);
  const started = [];
  try {
    const broker = await startMosquitto();
    started.push(() => broker[Symbol.asyncDispose]());
    const camera = await startCamera(stream);
    started.push(() => camera.kill());
    const heard = await listen(broker.url);
    started.push(() => heard.end());
    const data = join(folder, 'received');
    const receiver = startProgram(['receive', '--mqtt', broker.url, '--data', data], join(folder, 'receiver.log'));
    started.push(() => end(receiver, 'SIGKILL'));
    const port = await freePort();
    const settings = {
      ...{ agent: 'measured', data_dir: join(folder, 'agent'), 'console.port': port },
      ...{ 'cameras.demo.source.url': camera.url(), 'mqtt.delivery': 'centre' },
    };
    const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const agent = startProgram(['run', '-c', scene.config, '--mqtt', broker.url, ...set], join(folder, 'agent.log'));
    started.push(() => end(agent, 'SIGKILL'));
    await until('the camera is online', async () => (await askHealth(port))?.cameras.demo?.state === 'online');
    await delay(Number(values.seconds) * 1_000);
    await camera.kill();
    await until('the outbox is empty', async () => (await askHealth(port))?.store.outbox_depth === 0, 120_000);
    const incidents = () => readReceived(data).incidents;
    await until('all evidence is there', () => incidents().length > 0 && incidents().every(({ complete }) => complete), 60_000);
    report(facts, heard.byKind, incidents());
  } finally {
    for (const stop of started.reverse()) await stop();
  }
  facts.finish(values.json);
  rmSync(folder, { recursive: true });
}

function report(facts, byKind, incidents) {
  const whole = incidents.filter(({ complete }) => complete);
  facts.judge('incidents with all their files', whole.length, '≥ 1', whole.length > 0);
  for (const kind of ['clip', 'trail', 'snapshot', 'track']) {
    const bytes = whole.map(({ evidence }) => evidence.find((piece) => piece.kind === kind)?.bytes ?? Number.NaN);
    facts.note(`${kind}, median of bytes`, Math.round(median(bytes)));
  }
  let all = { count: 0, bytes: 0 };
  for (const [kind, { count, bytes }] of [...byKind].sort()) {
    facts.note(kind, `${(count / whole.length).toFixed(1)} an incident, ${Math.round(bytes / count)} bytes each, topic included`);
    if (!/^(status|metrics|key|cameras)/.test(kind)) all = { count: all.count + count, bytes: all.bytes + bytes };
  }
  facts.note(
    'an incident in all',
    `${(all.count / whole.length).toFixed(1)} messages, ${Math.round(all.bytes / whole.length)} bytes, answers included`,
  );
}

/** Counts what passes by kind: the topic below the agent's, without ids. */
async function listen(url) {
  const byKind = new Map();
  const client = await connectAsync(url, { protocolVersion: 5 });
  client.on('message', (topic, payload) => {
    const kind = kindOf(topic, payload);
    const { count, bytes } = byKind.get(kind) ?? { count: 0, bytes: 0 };
    byKind.set(kind, { count: count + 1, bytes: bytes + Buffer.byteLength(topic) + payload.length });
  });
  // QoS 1: of messages with QoS 0 a broker drops what a subscriber is slow to read.
  await client.subscribeAsync('parapet/#', { qos: 1 });
  return { byKind, end: () => client.endAsync(true) };
}

/** @example kindOf('parapet/estate/box/evidence/01J…/01K…/chunk/3') // 'evidence chunk' */
function kindOf(topic, payload) {
  const [branch, first, ...rest] = topic.split('/').slice(3);
  if (branch === 'events') return `event ${JSON.parse(payload.toString()).phase}`;
  if (branch === 'evidence') return first !== undefined && rest[0] === 'complete' ? 'all evidence complete' : `evidence ${rest[1]}`;
  return branch;
}

main().catch((error) => {
  console.error(`sizes: ${error.message}`);
  process.exitCode = 1;
});
