#!/usr/bin/env node
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const USAGE = `Compares what the built program counts in the shared clips with what was counted by eye (test-fixtures/street/counts.json).

  node scripts/street/clip-counts.mjs [--data ../shared/data] [--model yolox-nano] [--clip NAME]

  Exit code 1 when a count is wrong, or a stay by more than a second. Two minutes on two quiet cores.`;

/** Stays may be wrong by so much, seconds. */
const TOLERANCE_S = 1;

function analyse(clip, config, { data, model, folder }) {
  const file = join(folder, 'config.yaml');
  const [events, figures] = ['events.jsonl', 'figures.json'].map((name) => join(folder, name));
  const camera = { id: 'clip', source: { url: join(data, clip) }, ...config };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ inference: { model, folder: join(data, 'models') }, cameras: [camera] }));
  const args = ['analyze', join(data, clip), '-c', file, '--events', events, '--figures', figures];
  execFileSync(process.execPath, [join(root, 'dist/main.js'), ...args], { stdio: 'ignore' });
  const lines = readFileSync(events, 'utf8').split('\n');
  return {
    events: lines.filter((line) => line !== '').map((line) => JSON.parse(line)),
    figures: Object.values(JSON.parse(readFileSync(figures, 'utf8'))).flat(),
  };
}

function crossingsOf(figures, direction) {
  return figures.filter(({ name, of }) => name === 'crossings' && of.direction === direction).reduce((sum, { value }) => sum + value, 0);
}

/** @returns whether all was as counted by eye. */
function compare({ clip, crossings, stays }, { events, figures }) {
  let right = true;
  for (const [direction, expected] of Object.entries(crossings ?? {})) {
    const found = crossingsOf(figures, direction);
    console.log(`${clip}  ${direction}: ${found} of ${expected}`);
    right &&= found === expected;
  }
  const found = events.filter(({ labels }) => labels.includes('stay')).map(({ stream_time: { start, end } }) => [start, end]);
  if (stays !== undefined) console.log(`${clip}  stays: ${found.length} of ${stays.length}`);
  for (const [from, to] of stays ?? []) {
    const [start, end] = found.find(([a, b]) => a < to && b > from) ?? [0, 0];
    const off = end - start - (to - from);
    console.log(`${clip}  stay from ${from} s: ${(end - start).toFixed(1)} s, by eye ${(to - from).toFixed(1)} s`);
    right &&= Math.abs(off) <= TOLERANCE_S;
  }
  return right && (stays === undefined || found.length === stays.length);
}

const text = { type: /** @type {const} */ ('string') };
const { values } = parseArgs({
  options: {
    data: { ...text, default: join(root, '../shared/data') },
    model: { ...text, default: 'yolox-nano' },
    clip: { ...text, default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const data = resolve(values.data);
if (values.help) console.error(USAGE);
else if (!existsSync(data)) throw new Error(`the shared clips are not at ${data}; --data says where they are`);
else {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-counts-'));
  try {
    const { clips } = JSON.parse(readFileSync(join(root, 'test-fixtures/street/counts.json'), 'utf8'));
    const chosen = clips.filter(({ clip }) => clip.includes(values.clip));
    if (chosen.length === 0)
      throw new Error(`no clip has '${values.clip}' in its name; there are ${clips.map(({ clip }) => clip).join(', ')}`);
    const right = chosen.map((one) => compare(one, analyse(one.clip, one.config, { data, model: values.model, folder })));
    if (right.includes(false)) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
