#!/usr/bin/env node
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { familySpec, setNames } from './families.mjs';
import { createRandom } from './random.mjs';
import { renderAll } from './render-queue.mjs';
import { defaultSpec } from './spec.mjs';

const USAGE = `Renders a whole set of scenes, each in its own process: DIR/<clip>/{video.mp4,truth.json,parapet.yaml}, DIR/set.json.

  node scripts/scenes/batch.mjs --set ${setNames.join('|')} --count N --out DIR
       [--jobs 2] [--seed 1] [--duration 36] [--throws 3-4] [--first 0] [--preset ultrafast]

  --throws 0-0 makes clips that hold nothing but nuisances; --preset is x264's and x265's, in place of the family's.
  Clips that are already there are kept.
  Example: node scripts/scenes/batch.mjs --set tuning --count 12 --out /tmp/scenes/tuning --jobs 2`;

async function main() {
  const { values } = parseArgs({
    options: {
      set: { type: 'string' },
      count: { type: 'string' },
      out: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      duration: { type: 'string', default: '36' },
      throws: { type: 'string', default: '3-4' },
      first: { type: 'string', default: '0' },
      preset: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { set, count, out, seed } = values;
  if (values.help || set === undefined || count === undefined || out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const [fewest, most] = values.throws.split('-').map(Number);
  const clips = Array.from({ length: Number(count) }, (_, i) => {
    const index = Number(values.first) + i;
    const rng = createRandom(`${set}/${seed}/${index}`);
    const spec = familySpec(set, index, rng, { durationS: Number(values.duration), throws: [fewest, most ?? fewest], base: defaultSpec });
    if (values.preset !== undefined) spec.encode.preset = values.preset;
    return { spec, seed, dir: join(out, spec.name) };
  });
  mkdirSync(out, { recursive: true });
  const listed = clips.map(({ spec }) => ({ name: spec.name, tags: spec.tags }));
  writeFileSync(join(out, 'set.json'), `${JSON.stringify({ set, seed: Number(seed), clips: listed }, null, 1)}\n`);
  const failed = await renderAll(clips, Number(values.jobs));
  if (failed > 0) throw new Error(`${failed} of ${clips.length} clips failed`);
}

main().catch((error) => {
  console.error(`batch: ${error.message}`);
  process.exitCode = 1;
});
