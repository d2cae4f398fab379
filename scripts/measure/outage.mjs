#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { freePort, startMosquitto } from '../../dist/testing/mosquitto.js';
import { runMeasurement, workOption } from './measurement.mjs';
import { filesIn, readReceived, sha256Of } from './received.mjs';
import { askHealth, end, renderTower, repeatVideo, startCamera, startProgram, until } from './rig.mjs';
import { assignEvents, listThrows } from './throws.mjs';

const USAGE = `mosquitto away for a minute around a throw, the agent killed and started again meanwhile: does everything arrive, once, unchanged?

  node scripts/measure/outage.mjs [--delivery broker|centre] [--away 60] [--json FILE] [--work DIR]

  Without --delivery both, one after the other. Exit code 1 when a target is missed.`;

/** The agent is killed so long after the throw is on its disk, or a little later: before the clip's last 5 s could be recorded, milliseconds. */
const KILL_AFTER_MS = 2_000;

async function main(values, facts) {
  for (const delivery of values.delivery === undefined ? ['broker', 'centre'] : [values.delivery]) {
    await measure(facts, delivery, Number(values.away), values.work);
  }
}

async function measure(facts, delivery, awayS, work) {
  const missedBefore = facts.missed();
  const scene = renderTower(work);
  const folder = mkdtempSync(join(work, `outage-${delivery}-`));
  const stream = join(folder, 'stream.mp4');
  repeatVideo(scene.video, awayS + 60, stream);
  const broker = await startMosquitto();
  const camera = await startCamera(stream);
  const receiver = startProgram(['receive', '--mqtt', broker.url, '--data', join(folder, 'received')], join(folder, 'receiver.log'));
  const watcher = await watchEvents(broker.url);
  const port = await freePort();
  const settings = {
    ...{ agent: 'measured', data_dir: join(folder, 'agent'), 'console.port': port },
    ...{ 'cameras.demo.source.url': camera.url(), 'mqtt.delivery': delivery },
  };
  const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const args = ['run', '-c', scene.config, '--mqtt', broker.url, '--log-level', 'info', ...set];
  const start = () => startProgram(args, join(folder, 'agent.log'));
  const outbox = async () => (await askHealth(port))?.store.outbox_depth ?? -1;
  let servedAtMs = Date.now();
  let agent = start();
  const online = async () => {
    await until('the camera is online', async () => (await askHealth(port))?.cameras.demo?.state === 'online');
    return Date.now();
  };
  try {
    const onlineAtMs = await online();
    await until('the broker is there', async () => (await askHealth(port))?.broker.ok === true);
    await broker.stop();
    const stoppedAtMs = Date.now();
    await until('the throw is on disk: its new and its end wait', async () => (await outbox()) >= 2);
    // Not before the throw was shown in the worst case, or it would count as cut.
    const shownByMs = onlineAtMs + (scene.truth.throws[0].visible_span[1] + 1) * 1000;
    await delay(Math.max(KILL_AFTER_MS, shownByMs - Date.now()));
    await end(agent, 'SIGKILL');
    const first = { servedAtMs, onlineAtMs, brokenAtMs: Date.now() };

    servedAtMs = Date.now();
    agent = start();
    const second = { servedAtMs, onlineAtMs: await online(), brokenAtMs: Number.NaN };
    await delay(stoppedAtMs + awayS * 1000 - Date.now());
    const waiting = await outbox();
    await broker.start();
    facts.note(`${delivery}: mosquitto was away for, s`, ((Date.now() - stoppedAtMs) / 1000).toFixed(0));
    facts.note(`${delivery}: messages that waited on disk`, waiting);
    await camera.kill();
    second.brokenAtMs = Date.now();

    const incidents = () => readReceived(join(folder, 'received')).incidents;
    await until('events have arrived', () => incidents().length > 0, 120_000);
    await until('the outbox is empty', async () => (await outbox()) === 0, 120_000);
    await until('all evidence is there', () => incidents().every(({ complete }) => complete), 60_000).catch(() => undefined);
    await end(agent, 'SIGTERM');
    await end(receiver, 'SIGTERM');
    judge({ facts, delivery, folder, thrown: listThrows(scene.truth, [first, second]), first, raw: watcher.count() });
    if (facts.missed() === missedBefore) rmSync(folder, { recursive: true });
    else console.log(`outage: kept for looking into: ${folder}`);
  } finally {
    await watcher.end();
    await end(agent, 'SIGKILL');
    await end(receiver, 'SIGKILL');
    await camera.kill();
    await broker[Symbol.asyncDispose]();
  }
}

function judge({ facts, delivery, folder, thrown, first, raw }) {
  const { messages, incidents } = readReceived(join(folder, 'received'));
  const events = incidents.map(({ event }) => event);
  const { shown, straddling, found, strays } = assignEvents(thrown, events);
  const say = (what) => `${delivery}: ${what}`;
  const once = shown.filter((one) => found.get(one)?.length === 1);
  facts.note(say('throws that straddle the kill or the end, left out'), straddling.map(({ name }) => name).join(', ') || 'none');
  facts.judge(say('throws shown with exactly one event'), `${once.length} of ${shown.length}`, 'all', once.length === shown.length);
  const interrupted = shown.filter((one) => one.connection === first);
  facts.judge(say('of them on disk when the agent was killed'), interrupted.length, '≥ 1', interrupted.length >= 1);
  facts.judge(say('events without a throw'), strays.length, '0', strays.length === 0);
  const keys = new Set(messages.map(({ id, seq }) => `${id} ${seq}`));
  facts.judge(say('messages in the journal more than once'), messages.length - keys.size, '0', messages.length === keys.size);
  facts.note(say('copies that the broker handed out, for messages in the journal'), `${raw} for ${messages.length}`);
  const numbers = messages.map(({ seq }) => seq).sort((a, b) => a - b);
  const gapless = numbers.every((seq, i) => seq === i + 1);
  facts.judge(say('numbers of the messages'), `1 to ${numbers.at(-1)}${gapless ? '' : ' with gaps'}`, 'no gap', gapless);

  const disk = join(folder, 'agent/evidence');
  const hashes = new Set(filesIn(disk).map((file) => sha256Of(join(disk, file))));
  const pieces = incidents.flatMap(({ evidence }) => evidence);
  const same = pieces.filter(({ sha256, path }) => path !== null && hashes.has(sha256));
  const complete = incidents.filter((incident) => incident.complete);
  facts.judge(
    say('events with clip, trail, snapshot and track'),
    `${complete.length} of ${incidents.length}`,
    'all',
    complete.length === incidents.length,
  );
  facts.judge(say("files equal by hash to the agent's"), `${same.length} of ${pieces.length}`, 'all', same.length === pieces.length);
}

/** Counts every copy of an event that the broker hands out, before any deduplication. */
async function watchEvents(url) {
  let copies = 0;
  // A session of its own that survives the broker's restart, so that nothing passes unseen.
  const session = { clientId: 'watcher', clean: false, properties: { sessionExpiryInterval: 3600 } };
  const client = await connectAsync(url, { protocolVersion: 5, ...session });
  client.on('error', (error) => console.error(`outage: watcher: ${error.message}`));
  client.on('message', () => copies++);
  await client.subscribeAsync('parapet/+/+/events/#', { qos: 1 });
  return { count: () => copies, end: () => client.endAsync(true) };
}

await runMeasurement(
  'outage',
  USAGE,
  {
    delivery: { type: 'string' },
    away: { type: 'string', default: '60' },
    ...workOption,
  },
  main,
);
