#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { connectAsync } from 'mqtt';
import { startMosquitto } from '../../dist/testing/mosquitto.js';
import { createFacts } from '../measure/facts.mjs';

const USAGE = `What does it cost mosquitto to save its database at every change, when it holds a fleet's sessions and retained messages?

  node scripts/load/autosave.mjs [--agents 3000] [--seconds 10] [--json FILE]`;

/** Sessions made at once. */
const BATCH = 100;
/** Of an event. */
const PAYLOAD_BYTES = 5_000;

async function main() {
  const { values } = parseArgs({
    options: {
      agents: { type: 'string', default: '3000' },
      seconds: { type: 'string', default: '10' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const facts = createFacts('autosave');
  facts.machine();
  for (const [name, lines] of [
    ['saved at the end only', ['autosave_interval 0']],
    ['saved at every change', ['autosave_on_changes true', 'autosave_interval 1']],
  ]) {
    // Filled without saving, and started again with what is to be measured.
    const common = ['log_type none', 'allow_anonymous true'];
    const broker = await startMosquitto({ config: [...common, 'autosave_interval 0'] });
    try {
      await fill(broker.url, Number(values.agents));
      await broker.stop();
      await broker.start([...common, ...lines]);
      const perS = await publishFor(broker.url, Number(values.seconds));
      facts.note(`${name}, ${values.agents} agents' sessions: messages a second from one client to another`, perS.toFixed(0));
    } finally {
      await broker[Symbol.asyncDispose]();
    }
  }
  facts.finish(values.json);
}

/** Leaves what a fleet leaves: a kept session with four subscriptions and three retained messages for each agent. */
async function fill(url, agents) {
  for (let first = 0; first < agents; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, agents - first) }, (_, i) => first + i);
    await Promise.all(numbers.map((number) => leaveSession(url, `parapet/district/box-${number}`)));
  }
}

async function leaveSession(url, base) {
  const client = await connectAsync(url, { ...session(86_400), clientId: base.replaceAll('/', ':'), clean: false });
  await client.subscribeAsync(
    ['ack', 'need', 'cmd/+', 'cases/+/state'].map((topic) => `${base}/${topic}`),
    { qos: 1 },
  );
  for (const topic of ['status', 'key', 'cameras/tower/state'])
    await client.publishAsync(`${base}/${topic}`, 'x'.repeat(250), { qos: 1, retain: true });
  await client.endAsync();
}

/** One message after the other, each when the one before is acknowledged. */
async function publishFor(url, seconds) {
  const reader = await connectAsync(url, { ...session(3_600), clientId: 'reader', clean: false });
  await reader.subscribeAsync('parapet/+/+/events/#', { qos: 1 });
  const writer = await connectAsync(url, session(0));
  const payload = 'y'.repeat(PAYLOAD_BYTES);
  const startMs = performance.now();
  let sent = 0;
  for (; performance.now() - startMs < seconds * 1_000; sent++)
    await writer.publishAsync('parapet/district/box-0/events/tower/thrown_object', payload, { qos: 1 });
  const tookS = (performance.now() - startMs) / 1_000;
  await writer.endAsync(true);
  await reader.endAsync(true);
  return sent / tookS;
}

const session = (expiryS) => ({ protocolVersion: 5, reconnectPeriod: 0, properties: { sessionExpiryInterval: expiryS } });

main().catch((error) => {
  console.error(`autosave: ${error.message}`);
  process.exitCode = 1;
});
