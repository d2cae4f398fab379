#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { familySpec } from './families.mjs';
import { createRandom } from './random.mjs';
import { defaultSpec } from './spec.mjs';

const USAGE = `Renders a whole set of scenes, each in its own process: DIR/<clip>/{video.mp4,truth.json,parapet.yaml}, DIR/set.json.

  node scripts/scenes/batch.mjs --set tuning|reporting --count N --out DIR
       [--jobs 2] [--seed 1] [--duration 40] [--throws 1-3] [--first 0]

  --throws 0-0 makes clips that hold nothing but nuisances. Clips that are already there are kept.
  Example: node scripts/scenes/batch.mjs --set tuning --count 10 --out /tmp/scenes/tuning --jobs 2`;

async function main() {
  const { values } = parseArgs({
    options: {
      set: { type: 'string' },
      count: { type: 'string' },
      out: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      duration: { type: 'string', default: '40' },
      throws: { type: 'string', default: '1-3' },
      first: { type: 'string', default: '0' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.set === undefined || values.count === undefined || values.out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const out = values.out;
  mkdirSync(out, { recursive: true });
  const [fewest, most] = values.throws.split('-').map(Number);
  const first = Number(values.first);
  const clips = Array.from({ length: Number(values.count) }, (_, i) => {
    const index = first + i;
    const rng = createRandom(`${values.set}/${values.seed}/${index}`);
    return familySpec(values.set, index, rng, { durationS: Number(values.duration), throws: [fewest, most ?? fewest], base: defaultSpec });
  });
  writeFileSync(
    join(out, 'set.json'),
    `${JSON.stringify({ set: values.set, seed: Number(values.seed), clips: clips.map((c) => ({ name: c.name, tags: c.tags })) }, null, 1)}\n`,
  );
  const queue = [...clips];
  let failed = 0;
  const worker = async () => {
    for (let spec = queue.shift(); spec !== undefined; spec = queue.shift()) {
      const dir = join(out, spec.name);
      if (existsSync(join(dir, 'truth.json'))) continue; // written last: the clip is whole
      mkdirSync(dir, { recursive: true });
      const file = join(dir, 'scene.json');
      writeFileSync(file, JSON.stringify(spec));
      const code = await runRender(['--scene', file, '--seed', values.seed, '--out', dir]);
      if (code !== 0) failed++;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, worker));
  if (failed > 0) {
    console.error(`batch: ${failed} of ${clips.length} clips failed`);
    process.exitCode = 1;
  }
}

function runRender(args) {
  return new Promise((resolve) => {
    const script = fileURLToPath(new URL('render.mjs', import.meta.url));
    spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] }).on('close', resolve);
  });
}

main().catch((error) => {
  console.error(`batch: ${error.message}`);
  process.exitCode = 1;
});
