import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { delay, spread, until } from './rig.mjs';
import { createWholeAgent, makeStream, startCamera } from './whole-agent.mjs';

/** Twice what a ring takes at least, and some. */
const DISK = '160m';
const LONGEST_RUN_MS = 5_000;
/** As long as a full disk may go untold, seconds. */
const LIMIT_S = 60;

export const fullDisk = {
  id: 'R6',
  title: 'the disk of the running agent is filled to the last byte by somebody else, and emptied again',
  pass: 'no crash, the camera is watched on, alarm within 60 s, well again by itself',
  runs: { full: 50, short: null },
  shortIn: 'src/pipeline/keeping/disk-guard.test.ts',
  needs: ['camera', 'disk'],
  async run({ runs, random, work, facts }) {
    const camera = await startCamera(makeStream(work, '320x240'));
    const disk = mkdtempSync(join(work, 'small-'));
    mount('mount', '-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk);
    const dataDir = join(disk, 'data');
    mkdirSync(dataDir);
    const agent = await createWholeAgent(work, { gate: camera.url() }, { dataDir });
    const [alarmS, wellS, wrong] = [[], [], []];
    try {
      agent.start();
      const isWell = async (wanted) => (await agent.health())?.ok === wanted;
      await until('all is well', () => isWell(true), 60_000, 250);
      const pid = agent.pid();
      for (let run = 0; run < runs; run++) {
        await delay(random() * LONGEST_RUN_MS);
        const frames = await agent.frames('gate');
        fill(join(disk, 'filler'));
        const filledMs = performance.now();
        await until('there is an alarm', () => isWell(false), 120_000, 250);
        alarmS.push((performance.now() - filledMs) / 1000);
        rmSync(join(disk, 'filler'));
        const emptiedMs = performance.now();
        await until('all is well again', () => isWell(true), 180_000, 250);
        wellS.push((performance.now() - emptiedMs) / 1000);
        await until('pictures come', async () => (await agent.frames('gate')) > frames, 60_000, 250);
        if (!agent.running() || agent.pid() !== pid) wrong.push('the agent ended');
        facts.progress(run + 1, runs);
      }
      facts.note('alarm after, s: half, 95 of 100, all', spread(alarmS));
      facts.note('well again after, s: half, 95 of 100, all', spread(wellS));
      facts.judge('ended, or told later than 60 s', [
        ...wrong,
        ...alarmS.filter((s) => s > LIMIT_S * facts.patience).map((s) => `told after ${s} s`),
      ]);
    } finally {
      await agent.dispose();
      await camera.kill();
      mount('umount', '-l', disk);
    }
  },
};

function mount(command, ...args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr.trim()}`);
}

/** To the last byte. */
function fill(path) {
  const piece = Buffer.alloc(1024 * 1024, 1);
  const file = openSync(path, 'w');
  try {
    for (let bytes = piece.length; bytes >= 1; ) {
      try {
        writeSync(file, piece, 0, bytes);
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
