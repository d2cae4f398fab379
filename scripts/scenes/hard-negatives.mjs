#!/usr/bin/env node
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { renderAll } from './render-queue.mjs';
import { variants } from './spec.mjs';

const USAGE = `Renders the hard negatives of every clip with a throw in a set: time reversed, the picture turned by 90°, and what is thrown
going at a constant speed. Nothing in them may raise an alarm.

  node scripts/scenes/hard-negatives.mjs --from DIR --out DIR [--jobs 2] [--variants ${variants.join(',')}] [--most 20]

  --most: of how many clips, the first by name; all unless given.
  Example: node scripts/scenes/hard-negatives.mjs --from /tmp/scenes/reporting --out /tmp/scenes/hard --jobs 2`;

async function main() {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      out: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      variants: { type: 'string', default: variants.join(',') },
      most: { type: 'string', default: 'Infinity' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { from, out } = values;
  if (values.help || from === undefined || out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const positives = readdirSync(from)
    .sort()
    .filter((name) => existsSync(join(from, name, 'truth.json')))
    .filter((name) => JSON.parse(readFileSync(join(from, name, 'truth.json'), 'utf8')).throws.length > 0)
    .slice(0, Number(values.most));
  if (positives.length === 0) throw new Error(`${from}: no clip with a throw; render a set first (scripts/scenes/batch.mjs)`);
  const clips = positives.flatMap((name) => {
    // Rendered again from its description rather than turned round afterwards: the encoder must not tell them apart.
    const { seed, ...spec } = JSON.parse(readFileSync(join(from, name, 'scene.json'), 'utf8'));
    return values.variants.split(',').map((variant) => ({ spec: { ...spec, variant }, seed, dir: join(out, `${name}-${variant}`) }));
  });
  mkdirSync(out, { recursive: true });
  const failed = await renderAll(clips, Number(values.jobs));
  if (failed > 0) throw new Error(`${failed} of ${clips.length} clips failed`);
}

main().catch((error) => {
  console.error(`hard-negatives: ${error.message}`);
  process.exitCode = 1;
});
