#!/usr/bin/env node
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const USAGE = `Takes every rule that needs no calibration through the shared clips, the whole picture as its zone, and compares the cases with what truly happens in
them (test-fixtures/street/clip-cases.json).

  node scripts/street/clip-cases.mjs [--data ../shared/data] [--eyes none,yolox-nano] [--clip NAME] [--jobs 2]

  Exit code 1 when a confirmed case did not happen. Two minutes on two quiet cores.`;

/** @typedef {{clip: string, eyes: string, confirmed: Record<string, number>, suspected: number, untrue: readonly string[]}} Sweep */

/** @returns {Promise<Sweep>} */
async function sweep({ clip, happens }, eyes, { rules, data, folder }) {
  const config = join(folder, `${clip} ${eyes}.yaml`.replaceAll('/', ' '));
  const camera = {
    ...{ id: 'clip', source: { url: join(data, clip) }, rules },
    zones: { all: { polygon: [0, 1, 2, 3].map((i) => [i === 1 || i === 2 ? 1 : 0, i > 1 ? 1 : 0]) } },
    lines: { middle: { from: [0.5, 1], to: [0.5, 0] } },
  };
  const inference = eyes === 'none' ? {} : { inference: { model: eyes, folder: join(data, 'models') } };
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ ...inference, cameras: [camera] }));
  const args = [join(root, 'dist/main.js'), 'analyze', join(data, clip), '-c', config, '--events', '-'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 28 });
  const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  const sure = events.filter(({ verdict }) => verdict === 'confirmed').map(({ type }) => type);
  const confirmed = Object.fromEntries([...new Set(sure)].sort().map((type) => [type, sure.filter((one) => one === type).length]));
  return {
    ...{ clip, eyes, confirmed, suspected: events.length - sure.length },
    untrue: Object.keys(confirmed).filter((type) => !happens.includes(type)),
  };
}

const text = { type: /** @type {const} */ ('string') };
const { values } = parseArgs({
  options: {
    data: { ...text, default: join(root, '../shared/data') },
    eyes: { ...text, default: 'none,yolox-nano' },
    clip: { ...text, default: '' },
    jobs: { ...text, default: '2' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const data = resolve(values.data);
if (values.help) console.error(USAGE);
else if (!existsSync(data)) throw new Error(`the shared clips are not at ${data}; --data says where they are`);
else {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-cases-'));
  try {
    const { clips, rules } = JSON.parse(readFileSync(join(root, 'test-fixtures/street/clip-cases.json'), 'utf8'));
    const chosen = clips.filter(({ clip }) => clip.includes(values.clip));
    if (chosen.length === 0)
      throw new Error(`no clip has '${values.clip}' in its name; there are ${clips.map(({ clip }) => clip).join(', ')}`);
    if (!(Number(values.jobs) >= 1)) throw new Error(`--jobs ${values.jobs}: how many clips to analyse at once, 1 or more`);
    const queue = values.eyes.split(',').flatMap((eyes) => chosen.map((clip) => ({ clip, eyes })));
    const done = [];
    const worker = async () => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
        const found = await sweep(one.clip, one.eyes, { rules, data, folder });
        const cases = Object.entries(found.confirmed).map(
          ([type, count]) => `${count} ${type}${found.untrue.includes(type) ? ' (UNTRUE)' : ''}`,
        );
        console.log(`${found.clip}, ${found.eyes}: ${cases.join(', ') || 'nothing'} confirmed, ${found.suspected} suspected`);
        done.push(found);
      }
    };
    await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
    const untrue = done.reduce((sum, one) => sum + one.untrue.length, 0);
    const suspected = done.reduce((sum, one) => sum + one.suspected, 0);
    console.log(`${done.length} runs: ${untrue} with a confirmed case that did not happen, ${suspected} suspected cases`);
    if (untrue > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
