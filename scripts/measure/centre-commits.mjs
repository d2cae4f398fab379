#!/usr/bin/env node
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { buildEvent } from '../../dist/domain/event.js';
import { systemClock } from '../../dist/platform/clock.js';
import { createPlainCaseRules } from '../../dist/receiver/cases/case-rules.js';
import { createReceiverCounters } from '../../dist/receiver/context.js';
import { createEventSink } from '../../dist/receiver/events.js';
import { createCentreDatabase } from '../../dist/receiver/index.js';
import { createKeyring } from '../../dist/receiver/keyring.js';
import { makeIncident, makeTestFolder, silentLogger } from '../../dist/testing/delivery-fixtures.js';
import { startPostgres } from '../../dist/testing/postgres.js';

const USAGE = `Events a second that the receiver commits, each with its case, on SQLite and on PostgreSQL, with one message in hand and with eight.
No broker and no signatures: what the databases and the disk allow.

  node scripts/measure/centre-commits.mjs [--seconds 5]

  Needs a built program, and PostgreSQL's package.`;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' }, help: { type: 'boolean', default: false } } });
if (values.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const durationMs = Number(values.seconds) * 1000;
const logger = silentLogger();

async function measure(store, inHand) {
  const folder = await makeTestFolder();
  const database = createCentreDatabase({ dataDir: folder.path, ...(store === null ? {} : { store }), clock: systemClock, logger });
  await database.open();
  const context = {
    dataDir: folder.path,
    name: 'centre',
    database,
    counters: createReceiverCounters(),
    keyring: createKeyring({ dataDir: folder.path, database, pinned: new Map(), now: () => Date.now(), logger }),
    caseRules: createPlainCaseRules(),
    unordered: true,
    clock: systemClock,
    logger,
    tell: () => undefined,
  };
  const sink = createEventSink(context, () => undefined);
  await sink.reconcile();
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: inHand }, async (_, camera) => {
      for (let seq = 1; performance.now() - startMs < durationMs; seq++) {
        const event = buildEvent(makeIncident({ cameraId: `camera-${camera}` }), { site: 'estate', agent: 'box' }, seq, []);
        const topic = { kind: 'event', site: 'estate', agent: 'box', camera: event.camera, type: event.type };
        await sink.take(topic, Buffer.from(JSON.stringify(event)));
      }
    }),
  );
  const perSecond = context.counters.events / ((performance.now() - startMs) / 1000);
  await database[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
  return perSecond;
}

const server = await startPostgres();
for (const kind of ['SQLite', 'PostgreSQL']) {
  for (const inHand of [1, 8]) {
    const store = kind === 'SQLite' ? null : { url: server.createDatabase(), password: null, connections: 8 };
    const perSecond = await measure(store, inHand);
    process.stdout.write(`${kind}, ${inHand} in hand: ${Math.round(perSecond)} events a second, each with its case\n`);
  }
}
process.stdout.write(`load average ${loadavg()[0].toFixed(1)}\n`);
await server[Symbol.asyncDispose]();
