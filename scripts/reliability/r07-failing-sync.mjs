import { join } from 'node:path';
import { createFailingSync } from './failing-sync.mjs';
import { createPowerDisk } from './power-disk.mjs';
import { createRig, delay, until } from './rig.mjs';

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
  async run({ runs, random, work, facts }) {
    const total = { recorded: 0, evidence: 0, failed: 0, recovered: 0, faults: [] };
    for (let done = 0; done < runs; done += RUNS_A_DISK) {
      const disk = createPowerDisk(work);
      const rig = await createRig(work, { agentFolder: join(disk.folder, 'agent') });
      const sync = createFailingSync(rig.folder);
      try {
        await rig.receiver();
        for (let run = 0; run < Math.min(RUNS_A_DISK, runs - done); run++) {
          const agent = rig.agent({ everyMs: 5, clipBytes: 12_000, env: sync.env, ...(run % 2 === 0 ? {} : { url: null }) });
          await until('it records', () => agent.has('recorded'));
          await delay(random() * LONGEST_RUN_MS);
          sync.fail();
          await delay(random() * LONGEST_FAILURE_MS);
          sync.heal();
          const before = agent.words('recorded').length;
          await until('it records again', () => agent.words('recorded').length > before, 10_000);
          await delay(random() * LONGEST_RUN_MS);
          if (agent.has('failed')) total.failed++;
          if (agent.running()) total.recovered++;
          await disk.cut(agent);
        }
        const { recorded, evidence, faults } = await rig.settle();
        total.recorded += recorded;
        total.evidence += evidence;
        total.faults.push(...faults);
      } finally {
        await rig.dispose();
        await disk.dispose();
      }
      facts.progress(Math.min(done + RUNS_A_DISK, runs), runs);
    }
    facts.note('failures that came in the middle of recording', total.failed);
    facts.note('processes that went on by themselves', `${total.recovered} of ${runs}`);
    facts.note('events and files said to be recorded', `${total.recorded}, ${total.evidence}`);
    facts.judge('lost, twice, out of order or damaged', total.faults, total.recovered === runs && total.failed > runs / 2);
  },
};
