#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { systemClock } from '../../dist/platform/clock.js';
import { createLogger } from '../../dist/platform/logger.js';
import { openStore } from '../../dist/store/index.js';
import { ended, makeEvidence, makeIncident } from '../../dist/testing/delivery-fixtures.js';
import { startMosquitto } from '../../dist/testing/mosquitto.js';
import { createUplink, PLAIN_EVIDENCE } from '../../dist/uplink/index.js';
import { median } from './facts.mjs';
import { runMeasurement } from './measurement.mjs';
import { until } from './rig.mjs';

const USAGE = `How well mqtt.evidence.bandwidth is kept, with the real uplink and a real mosquitto, and what it costs an event.

  node scripts/measure/bandwidth.mjs [--seconds 20] [--json FILE]

  Exit code 1 when a rate is missed by more than 5 %.`;

/** Bytes a second: 512 kbit/s, 2 Mbit/s, 20 Mbit/s. */
const RATES = [64_000, 250_000, 2_500_000];
const CHUNK_BYTES = 128 * 1024;

async function main(values, facts) {
  for (const rate of RATES) await measure(facts, rate, Number(values.seconds));
}

async function measure(facts, rate, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-bandwidth-'));
  const logger = createLogger('silent');
  const broker = await startMosquitto();
  const watcher = await connectAsync(broker.url, { protocolVersion: 5 });
  const chunks = [];
  const events = new Map();
  watcher.on('message', (topic, payload) => {
    if (topic.includes('/chunk/')) chunks.push({ atMs: performance.now(), bytes: payload.length });
    else if (topic.includes('/events/')) events.set(JSON.parse(payload.toString()).id, performance.now());
  });
  await watcher.subscribeAsync('parapet/#', { qos: 1 });
  const store = openStore({ path: join(folder, 'store.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger });
  const incident = makeIncident();
  const clip = await makeEvidence(incident, 'clip', join(folder, 'clip.mp4'), Math.ceil(rate * (seconds + 5)) + 4 * CHUNK_BYTES);
  store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
  store.recordEvidence(clip);
  const uplink = createUplink({
    mqtt: { url: broker.url },
    identity: { site: 'estate', agent: 'box', version: '0', prefix: 'parapet' },
    ...{ outbox: store.outbox, delivery: 'broker', chunkBytes: CHUNK_BYTES, maxInFlight: 20 },
    evidence: { ...PLAIN_EVIDENCE, bytesPerSecond: rate },
    ...{ backoff: { minMs: 50, spreadMs: 200 }, clock: systemClock, logger },
  });
  const waits = [];
  try {
    uplink.start();
    await until('it is being sent', () => chunks.length >= 2);
    const endMs = performance.now() + seconds * 1000;
    while (performance.now() < endMs) {
      const atMs = performance.now();
      const { id } = store.recordIncident(makeIncident());
      uplink.wake();
      await until('the event is there', () => events.has(id));
      waits.push(events.get(id) - atMs);
      await delay(Math.max(0, Math.min(400, endMs - performance.now())));
    }
    // From one chunk's arrival to another's; the first two are let through at once.
    const counted = chunks.slice(1);
    const bytes = counted.slice(1).reduce((sum, chunk) => sum + chunk.bytes, 0);
    const ratio = bytes / ((counted.at(-1).atMs - counted[0].atMs) / 1000) / rate;
    const name = `${(rate * 8) / 1e6} Mbit/s`;
    facts.judge(`${name}: achieved`, `${(ratio * 100).toFixed(1)} %`, '95 to 105 %', ratio >= 0.95 && ratio <= 1.05);
    facts.note(`${name}: event on disk to event at a subscriber, ms, median of ${waits.length}`, median(waits).toFixed(0));
  } finally {
    await uplink[Symbol.asyncDispose]();
    store.close();
    await watcher.endAsync(true);
    await broker[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMeasurement(
  'bandwidth',
  USAGE,
  {
    seconds: { type: 'string', default: '20' },
  },
  main,
);
