#!/usr/bin/env node
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startMosquitto } from '../../dist/testing/mosquitto.js';
import { createFacts } from '../measure/facts.mjs';
import { readTree } from '../measure/process-tree.mjs';
import { readLines } from '../measure/received.mjs';
import { defaultWork, until } from '../measure/rig.mjs';
import { compare, startCentre, stores } from './centre.mjs';
import { city, ratesOf } from './city.mjs';
import { startFleet } from './fleet.mjs';
import { describeLatency, percentile } from './latencies.mjs';
import { createCpuMeter, describeCpu, openFilesLimit } from './machine.mjs';
import { saturate } from './saturate.mjs';
import { measureStorm, mostInASecond } from './storm.mjs';

const USAGE = `A city's agents at one broker: does everything arrive, once, how soon, and where does it end?

  node scripts/load/run.mjs [--agents 3000] [--minutes 10] [--rate-factor 100] [--receivers 1] [--store sqlite|postgres]
      [--storm SECONDS] [--saturate] [--processes N] [--connects 90] [--quiet 10] [--clip-bytes 300000] [--work DIR] [--keep] [--json FILE]

  --rate-factor   times the city's own rate (25,000 cases a month over 3,000 cameras, 8,000 of them with video)
  --storm         afterwards the broker is killed for so long, with agents reporting; how do they come back?
  --saturate      afterwards the rate is doubled every twenty seconds until deliveries no longer keep up; what is it that ends?
  --connects      agents are switched on so many a second
  --quiet         seconds for which it is measured what agents cost that have nothing to report
  --work          where databases and files go: 200 KB an agent; removed when every target was met, unless --keep

  Agents are the program's own key, store, chain of records and uplink, one connection each, with the defaults of a config and delivery: centre.
  Exit code 1 when a target is missed.`;

/** More than this in one process, and its garbage collector would measure itself. */
const AGENTS_A_PROCESS = 750;
/** Files that a process has open for an agent (database, its log, socket), and in all besides. */
const FILES_AN_AGENT = 3;
const FILES_BESIDE = 200;
/** Above backoff's longest wait: a broker may turn some away when all come at once. */
const CONNECT_MS = 120_000;
/** The rest of an incident (fall, files, transfer, the receiver's disk) may take so long after the last was found. */
const DRAIN_MS = 180_000;

/** An event that takes longer from the agent's disk to the centre's would be noticed by whoever waits for it, milliseconds. */
const SLOW_MS = 5_000;

/**
 * mosquitto as a city would run it: by default it keeps 1,000 messages for a client that is behind and drops the rest, which agents then repeat.
 */
const brokerConfig = ['log_type none', 'allow_anonymous true', 'max_queued_messages 1000000', 'max_inflight_messages 100'];

async function main() {
  const { values } = parseArgs({
    options: {
      agents: { type: 'string', default: String(city.cameras) },
      minutes: { type: 'string', default: '10' },
      'rate-factor': { type: 'string', default: '100' },
      receivers: { type: 'string', default: '1' },
      store: { type: 'string', default: 'sqlite' },
      storm: { type: 'string' },
      saturate: { type: 'boolean', default: false },
      processes: { type: 'string' },
      connects: { type: 'string', default: '90' },
      quiet: { type: 'string', default: '10' },
      'clip-bytes': { type: 'string', default: '300000' },
      work: { type: 'string', default: defaultWork },
      keep: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const number = (name, least) => {
    const found = Number(values[name]);
    if (!(found >= least)) throw new Error(`--${name} must be a number from ${least}, and is ${values[name]}`);
    return found;
  };
  const agents = number('agents', 1);
  const processes = values.processes === undefined ? Math.ceil(agents / AGENTS_A_PROCESS) : number('processes', 1);
  const [factor, minutes, quietS] = [number('rate-factor', 0), number('minutes', 0), number('quiet', 0)];
  const fileBytes = { clip: number('clip-bytes', 1), trail: 20_000, snapshot: 20_000, track: 20_000 };
  const awayS = values.storm === undefined ? null : number('storm', 0);
  const [receivers, perSecond] = [number('receivers', 1), number('connects', 1)];
  if (receivers > 1 && values.store === 'sqlite')
    throw new Error('--receivers above 1 need --store postgres: one SQLite file has one writer');
  if (!stores.includes(values.store)) throw new Error(`--store must be one of ${stores.join(', ')}, and is ${values.store}`);
  checkOpenFiles(agents, Math.ceil(agents / processes));
  mkdirSync(values.work, { recursive: true });
  const folder = mkdtempSync(join(values.work, 'load-'));
  const facts = createFacts('load');
  facts.machine();

  const started = [];
  try {
    const broker = await startMosquitto({ config: brokerConfig });
    started.push(() => broker[Symbol.asyncDispose]());
    const centre = await startCentre({ url: broker.url, folder, receivers, store: values.store });
    started.push(() => centre.kill());
    const fleet = await startFleet({ agents, processes, folder, url: broker.url, fileBytes });
    started.push(() => fleet.kill());

    await connect({ facts, fleet, broker, agents, perSecond });
    const pids = () => ({ mosquitto: [broker.pid()], ...centre.pids(), agents: fleet.pids });
    const parts = { facts, fleet, pids, drain: () => drain(fleet) };
    await measureQuiet({ ...parts, quietS });
    if (minutes > 0) await steady({ ...parts, agents, factor, minutes });
    const { casesPerS, videoShare } = ratesOf(city, factor);
    if (awayS !== null) await measureStorm({ ...parts, broker, agents, awayS, casesPerS, videoShare });
    if (values.saturate) await saturate({ ...parts, videoShare });
    const { counters } = await fleet.figures();
    facts.note('told by the uplinks', JSON.stringify(counters));
    await fleet.end();
    await judge({ facts, centre, folder, processes });
  } finally {
    for (const stop of started.reverse()) await stop();
  }
  facts.finish(values.json);
  if (facts.missed() === 0 && !values.keep) rmSync(folder, { recursive: true });
  else console.log(`load: kept for looking into: ${folder}`);
}

function checkOpenFiles(agents, aProcess) {
  const needed = Math.max(agents, aProcess * FILES_AN_AGENT) + FILES_BESIDE;
  if (openFilesLimit('self') >= needed) return;
  throw new Error(
    `a process may open ${openFilesLimit('self')} files and ${needed} are needed: ulimit -n ${needed}, or --agents with fewer`,
  );
}

async function connect({ facts, fleet, broker, agents, perSecond }) {
  const beforeMb = readTree(broker.pid()).rssMb;
  const idle = await fleet.figures();
  const startMs = Date.now();
  await fleet.connect(perSecond);
  await until('all are connected', async () => (await fleet.links()).connected === agents, CONNECT_MS);
  const { sinceMs } = await fleet.links();
  const tookS = (Math.max(...sinceMs) - startMs) / 1_000;
  facts.note(
    'agents connected, one key, database and session each',
    `${agents} in ${tookS.toFixed(1)} s, at most ${mostInASecond(sinceMs)} a second`,
  );
  const { rssMb: fleetMb } = await fleet.figures();
  facts.note('memory of an agent without cameras, in a process of many, kB', Math.round((1024 * (fleetMb - idle.emptyMb)) / agents));
  facts.note('memory of the broker a session, kB', ((1024 * (readTree(broker.pid()).rssMb - beforeMb)) / agents).toFixed(1));
}

async function measureQuiet({ facts, pids, quietS }) {
  if (quietS === 0) return;
  // Retained states and subscriptions settle first.
  await delay((quietS * 1_000) / 2);
  const meter = createCpuMeter(pids());
  await delay(quietS * 1_000);
  facts.note('cores used with nothing to report', describeCpu(meter.since()));
}

async function steady({ facts, fleet, pids, drain, agents, factor, minutes }) {
  const { casesPerS, eventsPerS, videoShare, filesPerS } = ratesOf(city, factor);
  facts.note(`rate, the city's × ${factor}`, `${eventsPerS.toFixed(2)} events/s, ${filesPerS.toFixed(2)} files/s, for ${minutes} min`);
  const before = await fleet.figures();
  const meter = createCpuMeter(pids());
  await fleet.setRate(casesPerS, videoShare);
  await delay(minutes * 60_000);
  await fleet.setRate(0, 0);
  facts.machine();
  facts.note('cores used meanwhile', describeCpu(meter.since()));
  const drained = await drain();
  const after = await fleet.figures();
  const events = after.events - before.events;
  facts.judge('cases, events, files made', `${after.cases - before.cases}, ${events}, ${after.files - before.files}`, '> 0', events > 0);
  facts.judge('all left the outboxes', drained ? 'yes' : 'no', 'yes', drained);
  facts.note(
    'event: recorded by the agent until out of its outbox, committed and acknowledged by the centre',
    describeLatency(after.eventMs),
  );
  facts.note('file: the same', describeLatency(after.fileMs));
  facts.judge('events that were timed', `${after.eventMs.length} of ${events}`, 'all', after.eventMs.length === events);
  const slow = percentile(after.eventMs, 0.99);
  facts.judge('p99 of events, ms', Math.round(slow), `≤ ${SLOW_MS}`, slow <= SLOW_MS);
  facts.note('memory of all agents after it, kB each', Math.round((1024 * (after.rssMb - after.emptyMb)) / agents));
}

/** Waits until nothing is left in any outbox and nothing is to come. */
async function drain(fleet) {
  const endMs = performance.now() + DRAIN_MS;
  while (performance.now() < endMs) {
    const { quiet, waiting } = await fleet.waiting();
    if (quiet && waiting === 0) return true;
    await delay(2_000);
  }
  return false;
}

async function judge({ facts, centre, folder, processes }) {
  const made = Array.from({ length: processes }, (_, i) => readLines(join(folder, `made-${i}.jsonl`))).flat();
  const has = await centre.endAndRead();
  const { events, files } = compare(made, has, centre.pathOf);
  const none = (what, { made: of, lost, twice, strange }) => {
    const good = lost + twice + strange === 0;
    facts.judge(`${what} at the centre`, `${of} made: ${lost} lost, ${twice} twice, ${strange} of others`, 'none of each', good);
  };
  none('events', events);
  none('files', files);
  facts.judge("files on the centre's disk that differ from what was made", files.altered, '0', files.altered === 0);
  facts.note("the centre's database, kB an event, agents' keys included", (has.bytes / 1e3 / events.made).toFixed(1));
  facts.judge('records of the chains', `${has.records} of ${files.made}`, 'all', has.records === files.made);
}

main().catch((error) => {
  console.error(`load: ${error.message}`);
  process.exitCode = 1;
});
