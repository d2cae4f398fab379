import { startWrongBroker } from '../../dist/testing/wrong-broker.js';
import { createRig, delay, spread, until } from './rig.mjs';

const KEEPALIVE_MS = 2_000;
const LONGEST_RUN_MS = 1_000;
/** As long as the fault may go unnoticed: what follows is slack for a busy machine, on which the agent's line comes late. */
const LIMIT_MS = 1.5 * KEEPALIVE_MS;
const SLACK_MS = 250;

export const silentNetwork = {
  id: 'R4',
  title: 'the network dies without a word in mid-drain',
  pass: 'noticed within 1.5 keepalives, 0 lost, order kept',
  runs: { full: 50, short: null },
  shortIn: 'src/receiver/wrong-broker.test.ts',
  run: (options) =>
    noticeSilence(
      options,
      async (wrong) => wrong.silence(),
      (wrong) => wrong.restore(),
    ),
};

export const brokerFrozen = {
  id: 'R4f',
  title: 'SIGSTOP of mosquitto in mid-drain',
  pass: 'as R4',
  runs: { full: 50, short: null },
  shortIn: 'src/receiver/delivery.test.ts',
  run: (options) =>
    noticeSilence(
      options,
      async (_wrong, broker) => broker.freeze(),
      (_wrong, broker) => broker.thaw(),
    ),
};

async function noticeSilence({ runs, random, work, facts }, begin, end) {
  const rig = await createRig(work);
  const wrong = await startWrongBroker(rig.broker.port);
  const noticedMs = [];
  try {
    await rig.receiver();
    // More than goes through: there is always something under way.
    const agent = rig.agent({ url: wrong.url, everyMs: 100, clipBytes: 100_000, keepaliveMs: KEEPALIVE_MS });
    const changes = (which) => agent.words('link').filter(([state]) => state === which);
    for (let run = 0; run < runs; run++) {
      await until('it is connected', () => changes('up').length > run);
      await delay(random() * LONGEST_RUN_MS);
      const atMs = Date.now();
      await begin(wrong, rig.broker);
      await until('it has noticed', () => changes('down').length > run, 10 * KEEPALIVE_MS);
      noticedMs.push(Number(changes('down')[run][1]) - atMs);
      end(wrong, rig.broker);
      facts.progress(run + 1, runs);
    }
    const { recorded, evidence, faults } = await rig.settle();
    facts.note('keepalive, ms', KEEPALIVE_MS);
    facts.note('noticed after, ms: half, 95 of 100, all', spread(noticedMs, 0));
    const late = noticedMs.filter((ms) => ms > LIMIT_MS * facts.patience + SLACK_MS).map((ms) => `noticed after ${ms} ms`);
    facts.judge(`noticed later than ${LIMIT_MS} ms`, late);
    facts.note('events and files said to be recorded', `${recorded}, ${evidence}`);
    facts.judge('lost, twice, out of order or damaged', faults, recorded > runs);
  } finally {
    await wrong[Symbol.asyncDispose]();
    await rig.dispose();
  }
}
