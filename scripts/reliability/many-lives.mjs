import { join } from 'node:path';
import { createPowerDisk } from './power-disk.mjs';
import { createRig } from './rig.mjs';

/**
 * Runs one short life of an agent after the other, a fresh box every so often, and has each box judged.
 *
 * @param {{ runs: number, work: string, facts: object }} options of a fault's `run`
 * @param {object} how
 * @param {number} how.livesABox so that its disk does not fill, nor its database grow for ever
 * @param {(work: string) => Promise<{ rig: object, disk: object | null }>} how.openBox what `live` is given
 * @param {(box: object, life: number) => Promise<void>} how.live one life, to its end
 * @returns {Promise<{ recorded: number, evidence: number, faults: string[] }>} of all boxes
 */
export async function liveManyLives({ runs, work, facts }, { livesABox, openBox, live }) {
  const total = { recorded: 0, evidence: 0, faults: [] };
  for (let done = 0; done < runs; done += livesABox) {
    const box = await openBox(work);
    const { rig, disk } = box;
    try {
      await rig.receiver();
      for (let life = 0; life < Math.min(livesABox, runs - done); life++) await live(box, life);
      const { recorded, evidence, faults } = await rig.settle();
      total.recorded += recorded;
      total.evidence += evidence;
      total.faults.push(...faults);
    } finally {
      await rig.dispose(disk === null && total.faults.length > 0);
      await disk?.dispose();
    }
    facts.progress(Math.min(done + livesABox, runs), runs);
  }
  facts.note('events and files said to be recorded', `${total.recorded}, ${total.evidence}`);
  return total;
}

/** A box with the disk of this machine. @param {string} work */
export async function openPlainBox(work) {
  return { rig: await createRig(work), disk: null };
}

/** A box whose disk loses at a power cut what was not synced. @param {string} work */
export async function openPowerBox(work) {
  const disk = createPowerDisk(work);
  return { rig: await createRig(work, { agentFolder: join(disk.folder, 'agent') }), disk };
}
