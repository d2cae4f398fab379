#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { patchedProgram } from './patched-program.mjs';
import { rowOf } from './rows.mjs';
import { motionVariants, variants } from './variants.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));

const USAGE = `Takes one thing after another away from the built engine and scores what is left, over clips with truth.

  node scripts/golden/ablation.mjs CLIPS… [--only no-drag,no-weather] [--jobs 2] [--work DIR] [--json FILE]

  CLIPS: rendered clips, or folders of them.
  --work: where candidates are kept; what is there is not made again.
  Example: node scripts/golden/ablation.mjs /tmp/parapet-golden/tuning /tmp/parapet-golden/tuning-nuisance

Variants: ${variants.map((v) => v.name).join(', ')}.`;

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      work: { type: 'string', default: join(tmpdir(), 'parapet-ablation') },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const clips = positionals.flatMap(clipsOf);
  const chosen = chooseVariants(values.only?.split(','));
  await execute([join(root, 'scripts/build-if-stale.mjs')], 'build');
  const jobs = Number(values.jobs);
  const work = resolve(values.work);
  const candidates = await keepCandidates({ clips, work, jobs });
  const results = new Map();
  await inParallel(jobs, chosen, async (variant) => {
    results.set(variant.name, await score(variant, { clips, candidates, work }));
    console.error(tableText([{ ...variant, ...results.get(variant.name) }]).split('\n')[2]);
  });
  const rows = chosen.map((variant) => ({ ...variant, ...results.get(variant.name) }));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 1)}\n`);
  process.stdout.write(tableText(rows));
}

/** Candidates of every clip, as each program with another motion stage sees them. @returns {Promise<(variant: string, clip: string) => string>} */
async function keepCandidates({ clips, work, jobs }) {
  const engine = readFileSync(join(root, 'dist/.built'), 'utf8');
  const key = createHash('sha256')
    .update(JSON.stringify([engine, motionVariants]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(work, 'candidates', key);
  const fileOf = (variant, clip) => join(folder, basename(clip), `${variant}.bin`);
  const programs = motionVariants.map(({ name, motion }) => ({
    name,
    dist: patchedProgram(join(work, 'programs', `motion-${name}`), motion ?? []),
  }));
  let left = clips.length;
  await inParallel(jobs, clips, async (clip) => {
    mkdirSync(join(folder, basename(clip)), { recursive: true });
    const wanted = programs.filter(({ name }) => !existsSync(fileOf(name, clip)));
    if (wanted.length > 0) {
      const targets = wanted.flatMap(({ name, dist }) => [dist, fileOf(name, clip)]);
      await execute([join(here, 'keep-candidates.mjs'), clip, ...targets], `candidates of ${clip}`);
    }
    console.error(`${basename(clip)}: candidates kept, ${--left} clips left`);
  });
  return fileOf;
}

async function score(variant, { clips, candidates, work }) {
  const dist = patchedProgram(join(work, 'programs', variant.name), variant.rule ?? []);
  const seenBy = variant.motion === undefined ? 'as-it-is' : variant.name;
  const files = clips.map((clip) => candidates(seenBy, clip));
  const args = [dist, join(root, 'dist'), variant.candidates ?? 'all', ...files];
  const {
    score: figures,
    pictures,
    motionMs,
    rulesMs,
  } = JSON.parse(await execute([join(here, 'replay-variant.mjs'), ...args], variant.name));
  return { row: rowOf(figures), pictures, motionMs: motionMs / pictures, rulesMs: rulesMs / pictures, throws: figures.throws };
}

/** The clips that a path means: itself, or what is in it. */
function clipsOf(path) {
  const folder = resolve(path);
  if (existsSync(join(folder, 'truth.json'))) return [folder];
  const found = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter((clip) => existsSync(join(clip, 'truth.json')));
  if (found.length === 0) throw new Error(`${path}: no truth.json in it or in its folders; expected clips as scripts/scenes renders them`);
  return found;
}

/** The engine as it is, and those asked for. */
function chooseVariants(names) {
  if (names === undefined) return variants;
  const unknown = names.find((name) => !variants.some((v) => v.name === name));
  if (unknown !== undefined) throw new Error(`unknown variant '${unknown}'; known: ${variants.map((v) => v.name).join(', ')}`);
  return variants.filter((v) => v.name === 'as-it-is' || names.includes(v.name));
}

/** @param {readonly {label: string, row: import('./rows.mjs').Row, motionMs: number, rulesMs: number}[]} rows @returns {string} Markdown */
export function tableText(rows) {
  const share = ({ found, of }) => `${found}/${of}`;
  const head = ['', 'clear', 'small', 'hard', 'false alarms', 'false suspected', 'floor exact', 'temporal IoU', 'motion, ms', 'rules, ms'];
  const lines = rows.map(({ label, row, motionMs, rulesMs }) => [
    label,
    share(row.clear),
    share(row.small),
    share(row.hard),
    row.falseAlarms,
    row.falseSuspected,
    share(row.floorExact),
    row.temporalIou?.toFixed(3) ?? '–',
    motionMs.toFixed(2),
    rulesMs.toFixed(2),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Takes a list through `take`, so many at a time. */
async function inParallel(jobs, list, take) {
  const queue = [...list];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await take(next);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** Runs a script of ours; what it says on standard error is shown, what it prints is the result. */
function execute(args, what) {
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? settle(printed) : reject(new Error(`${what} failed; see above`))));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(`ablation: ${error.message}`);
    process.exitCode = 1;
  });
}
