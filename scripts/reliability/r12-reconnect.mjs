import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../../dist/platform/clock.js';
import { createLogger } from '../../dist/platform/logger.js';
import { createMqttSession } from '../../dist/platform/mqtt/index.js';
import { createBackoff } from '../../dist/platform/time/backoff.js';
import { startMosquitto } from '../../dist/testing/mosquitto.js';
import { createRandom } from '../../dist/testing/random.js';
import { delay, until } from './rig.mjs';

const AGENTS = 3_000;
const LIMIT = 100;
/** How long the broker is away in the simulation, seconds: around the ends of the first and second waits, and long ones. */
const outagesS = [1, 2, 5, 10, 20, 30, 40, 50, 55, 58, 59, 60, 61, 62, 64, 66, 70, 90, 120, 125, 180, 300, 600, 3_600, 3_660, 4_000, 7_200];
const SIMULATIONS_EACH = 20;
/** Started one after the other, so many in a second. */
const STARTS_A_SECOND = 100;
const AWAY_MS = 3_000;

export const reconnect = {
  id: 'R12',
  title: '3,000 agents lose their broker together; its runs are real outages, after simulated ones',
  pass: 'at most 100 connections a second',
  runs: { full: 3, short: null },
  shortIn: 'src/platform/time/backoff.test.ts',
  async run({ runs, random, facts }) {
    let simulations = 0;
    let most = 0;
    for (const outageS of outagesS) {
      for (let i = 0; i < SIMULATIONS_EACH; i++) {
        most = Math.max(most, fullestSecond(simulate(outageS * 1_000, random)));
        simulations++;
      }
    }
    facts.note('simulated outages of 1 s to 2 h, with the real backoff', simulations);
    facts.note('most connections in one second, simulated', most);
    facts.judge(`seconds of more than ${LIMIT}, simulated`, most > LIMIT ? [`${most} in one second`] : []);
    await loseBroker(runs, facts);
  },
};

/** When each agent comes back, milliseconds since the broker went. */
function simulate(outageMs, random) {
  return Array.from({ length: AGENTS }, () => {
    const backoff = createBackoff({ random: createRandom(Math.floor(random() * 2 ** 32)) });
    let atMs = 0;
    while (atMs < outageMs) atMs += backoff.next(atMs);
    return atMs;
  });
}

/** In any second, wherever it begins. */
function fullestSecond(timesMs) {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < sorted.length; last++) {
    while (sorted[last] - sorted[first] >= 1_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/**
 * The real thing: that many sessions in this process, as an agent has one, and a real mosquitto that is killed. Judged by when each tried: while
 * this process stands still, on a busy machine, nothing connects, and afterwards all that were due do.
 */
async function loseBroker(runs, facts) {
  const broker = await startMosquitto();
  let upMs = [];
  /** When each last said that it would try, on this process's clock. */
  const dueMs = new Map();
  const logger = createLogger('debug', {
    write(line) {
      const { event, waitMs, box } = JSON.parse(line);
      if (event === 'broker-lost') dueMs.set(box, performance.now() + waitMs);
    },
  });
  const sessions = Array.from({ length: AGENTS }, (_, i) =>
    createMqttSession({
      mqtt: { url: broker.url, clientId: `parapet:estate:box-${i}` },
      subscriptions: [`parapet/estate/box-${i}/ack`],
      onMessage: () => undefined,
      onUp: () => upMs.push(performance.now()),
      clock: systemClock,
      logger: logger.child({ box: i }),
    }),
  );
  const standstill = monitorEventLoopDelay({ resolution: 20 });
  const fullest = [];
  const seen = [];
  try {
    for (const [i, session] of sessions.entries()) {
      session.start();
      if (i % STARTS_A_SECOND === 0) await delay(1_000);
    }
    for (let run = 0; run < runs; run++) {
      await until('all are connected', () => sessions.every((session) => session.state().connected), 180_000, 500);
      await broker.kill();
      upMs = [];
      standstill.enable();
      await delay(AWAY_MS);
      await broker.start();
      await until('all are back', () => upMs.length >= AGENTS, 180_000, 500);
      fullest.push(fullestSecond([...dueMs.values()]));
      seen.push(fullestSecond(upMs));
      facts.progress(run + 1, runs);
    }
    facts.note(`most of ${AGENTS} real sessions that tried in one second, after each kill`, fullest.join(', '));
    facts.note('most that were connected in one second, by the clock of this process', seen.join(', '));
    facts.note('its longest standstill, ms', (standstill.max / 1e6).toFixed(0));
    const wrong = fullest.filter((most) => most > LIMIT).map((most) => `${most} in one second`);
    facts.judge(`seconds of more than ${LIMIT}, real`, wrong, fullest.length === runs);
  } finally {
    await broker.kill();
    await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
    await broker[Symbol.asyncDispose]();
  }
}
