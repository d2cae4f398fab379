import { createFailingSync } from './failing-sync.mjs';
import { liveManyLives, openPowerBox } from './many-lives.mjs';
import { delay, until } from './rig.mjs';

/** Failures of one disk; then another begins, so that it does not fill. */
const RUNS_A_DISK = 25;
const LONGEST_RUN_MS = 300;
const LONGEST_FAILURE_MS = 150;

export const failingSync = {
  id: 'R7',
  title: 'fsync fails, and then lies; then the power is cut',
  pass: 'nothing is said to be recorded that is not there; the same process goes on by itself when the disk does',
  runs: { full: 100, short: 2 },
  needs: ['disk', 'compiler'],
  async run(options) {
    const { runs, random, facts } = options;
    let failed = 0;
    let recovered = 0;
    const total = await liveManyLives(options, {
      livesABox: RUNS_A_DISK,
      openBox: async (work) => {
        const box = await openPowerBox(work);
        return { ...box, sync: createFailingSync(box.rig.folder) };
      },
      live: async ({ rig, disk, sync }, life) => {
        const agent = rig.agent({ everyMs: 5, clipBytes: 12_000, env: sync.env, ...(life % 2 === 0 ? {} : { url: null }) });
        await until('it records', () => agent.has('recorded'));
        await delay(random() * LONGEST_RUN_MS);
        sync.fail();
        await delay(random() * LONGEST_FAILURE_MS);
        sync.heal();
        const before = agent.words('recorded').length;
        await until('it records again', () => agent.words('recorded').length > before, 10_000);
        await delay(random() * LONGEST_RUN_MS);
        if (agent.has('failed')) failed++;
        if (agent.running()) recovered++;
        await disk.cut(agent);
      },
    });
    facts.note('failures that came in the middle of recording', failed);
    facts.note('processes that went on by themselves', `${recovered} of ${runs}`);
    facts.judge('lost, twice, out of order or damaged', total.faults, recovered === runs && failed > runs / 2);
  },
};
