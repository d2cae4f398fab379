import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Renders clips, each in its own process, some at a time. A clip that is whole already is kept, so that a run that was cut
 * short goes on where it stopped.
 *
 * @param {readonly {spec: object, seed: number | string, dir: string}[]} clips
 * @param {number} jobs how many at a time
 * @returns {Promise<number>} how many failed; each has said why
 */
export async function renderAll(clips, jobs) {
  const queue = [...clips];
  let failed = 0;
  const worker = async () => {
    for (let clip = queue.shift(); clip !== undefined; clip = queue.shift()) {
      if (existsSync(join(clip.dir, 'truth.json'))) continue; // written last: the clip is whole
      mkdirSync(clip.dir, { recursive: true });
      const file = join(clip.dir, 'scene.json');
      writeFileSync(file, JSON.stringify(clip.spec));
      if ((await runRender(['--scene', file, '--seed', String(clip.seed), '--out', clip.dir])) !== 0) failed++;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, worker));
  return failed;
}

function runRender(args) {
  return new Promise((resolve) => {
    const script = fileURLToPath(new URL('render.mjs', import.meta.url));
    spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] }).on('close', resolve);
  });
}
