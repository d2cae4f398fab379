import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../../dist/platform/logger.js';
import { createSchedule } from './schedule.mjs';
import { openSimulatedAgent } from './simulated-agent.mjs';

/**
 * Many simulated agents in one process, told what to do by its parent (`fleet.mjs`). Every event and file that they record stands in
 * `made-<number>.jsonl`, to be compared with what the centre has.
 */

const orders = JSON.parse(process.argv[2] ?? '{}');
const log = openSync(join(orders.folder, `agents-${orders.process}.log`), 'a');
const logger = createLogger('warn', { write: (line) => writeSync(log, line) });
/** Agents say how they are as often as the program does, each at its own time, milliseconds. */
const METRICS_MS = 60_000;

const ledger = openSync(join(orders.folder, `made-${orders.process}.jsonl`), 'w');
const latencies = { event: [], file: [] };
const count = { cases: 0, event: 0, file: 0, delivered: { event: 0, file: 0 } };
const emptyMb = process.memoryUsage.rss() / 2 ** 20;
const agents = [];

for (let number = orders.first; number < orders.first + orders.agents; number++) {
  agents.push(
    await openSimulatedAgent({
      number,
      folder: orders.folder,
      url: orders.url,
      fileBytes: orders.fileBytes,
      logger,
      made(line) {
        count[line.what]++;
        writeSync(ledger, `${JSON.stringify(line)}\n`);
      },
      delivered(what, tookMs) {
        count.delivered[what]++;
        latencies[what].push(tookMs);
      },
    }),
  );
}

let videoShare = 0;
const schedule = createSchedule(() => {
  count.cases++;
  agents[Math.floor(Math.random() * agents.length)].incident(Math.random() < videoShare);
});

async function connect(perSecond) {
  const startMs = performance.now();
  for (const [index, agent] of agents.entries()) {
    await delay(Math.max(0, startMs + (index * 1000) / perSecond - performance.now()));
    agent.start();
    setTimeout(() => {
      agent.metrics();
      setInterval(agent.metrics, METRICS_MS);
    }, Math.random() * METRICS_MS);
  }
}

function waiting() {
  const depths = agents.map((agent) => agent.depth());
  return {
    waiting: depths.reduce((total, { messages, transfers }) => total + messages + transfers, 0),
    quiet: agents.every((agent) => agent.quiet()),
  };
}

function figures() {
  const sum = (name) => agents.reduce((total, { counters }) => total + counters[name], 0);
  return {
    made: { cases: count.cases, event: count.event, file: count.file },
    delivered: { ...count.delivered },
    latencies: { event: latencies.event.splice(0), file: latencies.file.splice(0) },
    counters: Object.fromEntries(['messagesResent', 'refusals', 'refusedByCentre', 'badInbound', 'evidenceFailed'].map((n) => [n, sum(n)])),
    emptyMb,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  };
}

/** Cheap, and asked often. */
function links() {
  const states = agents.map((agent) => agent.state());
  return {
    connected: states.filter(({ connected }) => connected).length,
    sinceMs: states.filter(({ connected }) => connected).map(({ sinceMs }) => sinceMs),
    connects: states.reduce((total, { connects }) => total + connects, 0),
  };
}

const answers = {
  connect: ({ perSecond }) => connect(perSecond),
  rate({ casesPerS, share }) {
    videoShare = share;
    schedule.setRate(casesPerS);
  },
  figures,
  waiting,
  links,
  async end() {
    schedule.setRate(0);
    await Promise.all(agents.map((agent) => agent.end()));
    closeSync(ledger);
  },
};

process.on('message', async ({ id, order, ...parameters }) => {
  try {
    process.send({ id, answer: await answers[order](parameters) });
    if (order === 'end') process.exit(0);
  } catch (error) {
    process.send({ id, error: error instanceof Error ? error.stack : String(error) });
  }
});
process.on('disconnect', () => process.exit(1));
process.send({ id: 0, answer: 'ready' });
