import { join } from 'node:path';
import { liveManyLives, openPowerBox } from './many-lives.mjs';
import { createPowerDisk } from './power-disk.mjs';
import { createRig, delay, until } from './rig.mjs';

/** Cuts of one disk; then another begins, so that it does not fill. */
const CUTS_A_DISK = 25;
const WORK = { everyMs: 5, clipBytes: 12_000 };
const LONGEST_RUN_MS = 600;

export const powerCut = {
  id: 'R2',
  title: 'power cut of the box: ext4 on a loop device loses what was not synced',
  pass: 'as R1, and no row without a whole clip',
  runs: { full: 200, short: 4 },
  needs: ['disk'],
  async run(options) {
    const { runs, random, facts } = options;
    const total = await liveManyLives(options, {
      livesABox: CUTS_A_DISK,
      openBox: openPowerBox,
      live: async ({ rig, disk }, life) => {
        // Every second life without a broker: what it says to be recorded rests on the disk alone.
        const agent = rig.agent({ ...WORK, ...(life % 2 === 0 ? {} : { url: null }) });
        if (random() < 0.8) await until('it records', () => agent.has('recorded'));
        await delay(random() * LONGEST_RUN_MS);
        await disk.cut(agent);
      },
    });
    facts.judge('lost, twice, out of order or damaged', total.faults, total.recorded > runs && total.evidence > runs / 2);
  },
};

export const centrePowerCut = {
  id: 'R2c',
  title: 'power cut of the centre, on the same disk',
  pass: 'what the centre had acknowledged is there',
  runs: { full: 50, short: 2 },
  needs: ['disk'],
  async run({ runs, random, work, facts }) {
    const disk = createPowerDisk(work);
    const rig = await createRig(work, { received: join(disk.folder, 'received') });
    try {
      await rig.introduceReceiver();
      rig.agent({ everyMs: 60, clipBytes: 12_000 });
      for (let cut = 0; cut < runs; cut++) {
        const receiver = await rig.receiver();
        await delay(random() * LONGEST_RUN_MS);
        await disk.cut(receiver);
        facts.progress(cut + 1, runs);
      }
      await rig.receiver();
      const { recorded, evidence, faults } = await rig.settle();
      facts.note('events and files said to be recorded', `${recorded}, ${evidence}`);
      facts.judge('lost, twice, out of order or damaged', faults, recorded > runs && evidence > runs / 2);
    } finally {
      await rig.dispose();
      await disk.dispose();
    }
  },
};
