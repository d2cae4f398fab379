import { liveManyLives, openPlainBox } from './many-lives.mjs';
import { delay, until } from './rig.mjs';

/** Kills of one agent's folder; then another box begins, so that its database does not grow for ever. */
const KILLS_A_BOX = 100;
/** Every so many milliseconds a throw with a clip of two chunks. */
const WORK = { everyMs: 10, clipBytes: 12_000 };
/** One kill in so many comes while the agent starts: it checks its database and puts right what the last kill cut short. */
const STARTING = 5;
const LONGEST_START_MS = 400;
const LONGEST_RUN_MS = 500;

export const agentKilled = {
  id: 'R1',
  title: 'kill -9 of the agent at random instants',
  pass: '0 events or files lost, none twice, order kept, every database whole, the chain without a gap',
  runs: { full: 1_000, short: null },
  shortIn: 'src/receiver/crash.test.ts',
  async run(options) {
    const { runs, random, facts } = options;
    let starting = 0;
    const total = await liveManyLives(options, {
      livesABox: KILLS_A_BOX,
      openBox: openPlainBox,
      live: async ({ rig }) => {
        if (await killOnce(rig, random)) starting++;
      },
    });
    facts.note('kills, of them during the start', `${runs}, ${starting}`);
    facts.judge('lost, twice, out of order or damaged', total.faults, total.recorded > runs && total.evidence > runs / 2);
  },
};

/** @returns {Promise<boolean>} whether it was still starting. */
async function killOnce(rig, random) {
  const agent = rig.agent(WORK);
  if (random() < 1 / STARTING) await delay(random() * LONGEST_START_MS);
  else {
    await until('it records', () => agent.has('recorded'));
    await delay(random() * LONGEST_RUN_MS);
  }
  const starting = !agent.has('ready');
  await agent.kill();
  return starting;
}
