#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { analyzeClips } from './analyze-clips.mjs';
import { sets } from './parts.mjs';
import { rowOf, worsenings } from './rows.mjs';
import { readTable, tableText, writeTable } from './table.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const goldenFolder = join(root, 'test-fixtures/golden');

const USAGE = `Renders a set of scenes, analyses it with the built program, scores it, and writes or checks the golden table.

  node scripts/golden/run.mjs --set ${Object.keys(sets).join('|')} [--parts reporting,nuisance] [--jobs 2] [--work DIR]
       [--check] [--golden test-fixtures/golden]

  --work: where clips and events are kept; what is there is not made again, so a run that was cut short goes on.
  --check: writes nothing; exit code 1 when a figure is worse than the kept row.
  Example: node scripts/golden/run.mjs --set full --jobs 2 --work /tmp/parapet-golden`;

/**
 * @param {{parts: readonly import('./parts.mjs').Part[], jobs: number, work: string, log: (line: string) => void}} p
 * @returns {Promise<Record<string, import('./rows.mjs').Row>>} a row for each part
 */
export async function measure(p) {
  const engine = engineName();
  const rows = {};
  for (const part of p.parts) {
    const clips = join(p.work, part.name);
    const events = join(p.work, 'events', part.name);
    mkdirSync(events, { recursive: true });
    const begun = performance.now();
    for (const [script, ...args] of part.render) {
      const filled = args.map((a) =>
        a
          .replace(/^DIR/, clips)
          .replace(/^WORK/, p.work)
          .replace(/^JOBS$/, String(p.jobs)),
      );
      await execute([join(root, 'scripts/scenes', script), ...filled], `${part.name}: rendering`);
    }
    p.log(`${part.name}: rendered (${minutes(begun)})`);
    const failed = await analyzeClips({
      program: join(root, 'dist/main.js'),
      clips,
      events,
      jobs: p.jobs,
      engine,
      onClip: (name, seconds, left) => p.log(`  ${name}: ${seconds.toFixed(0)} s, ${left} left`),
    });
    if (failed.length > 0) throw new Error(`${part.name}: ${failed.length} clips could not be analysed; the first: ${failed[0]}`);
    const score = await execute([join(root, 'dist/main.js'), 'score', events, clips, '--json'], `${part.name}: scoring`);
    writeFileSync(scorePath(p.work, part), score);
    rows[part.name] = rowOf(JSON.parse(score));
    p.log(`${part.name}: done (${minutes(begun)})`);
  }
  return rows;
}

async function main() {
  const { values } = parseArgs({
    options: {
      set: { type: 'string' },
      parts: { type: 'string' },
      jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      work: { type: 'string', default: join(tmpdir(), 'parapet-golden') },
      golden: { type: 'string', default: goldenFolder },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.set === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const all = sets[values.set];
  if (all === undefined) throw new Error(`unknown set '${values.set}'; known: ${Object.keys(sets).join(', ')}`);
  const wanted = values.parts?.split(',') ?? all.map((part) => part.name);
  const parts = wanted.map((name) => {
    const part = all.find((one) => one.name === name);
    if (part === undefined) throw new Error(`no part '${name}' in ${values.set}; known: ${all.map((one) => one.name).join(', ')}`);
    return part;
  });
  await execute([join(root, 'scripts/build-if-stale.mjs')], 'build');
  const table = readTable(values.golden);
  const measured = {};
  let worse = 0;
  // Part by part, so that what is done is kept when the rest is cut short.
  for (const part of parts) {
    const row = (await measure({ parts: [part], jobs: Number(values.jobs), work: values.work, log: console.error }))[part.name];
    const entry = { about: part.about, engine: engineName(), made: new Date().toISOString().slice(0, 10), row };
    const kept = table.rows[part.name];
    const lines = kept === undefined ? [] : worsenings(kept.row, row);
    for (const line of lines) console.error(`${part.name}: ${values.check ? 'WORSE' : 'worse than kept'}: ${line}`);
    worse += lines.length;
    measured[part.name] = entry;
    if (values.check) continue;
    table.rows[part.name] = entry;
    writeTable(values.golden, table);
    if (part.picture !== undefined) {
      const args = ['--score', scorePath(values.work, part), '--out', join(root, part.picture)];
      await execute([join(root, 'scripts/golden/contours.mjs'), ...args], `${part.name}: picture`);
    }
  }
  process.stdout.write(tableText({ rows: measured }));
  if (values.check && worse > 0) process.exitCode = 1;
}

/** What tells one build of the engine from another: the fingerprint of its sources that the build leaves behind. */
function engineName() {
  const stamp = join(root, 'dist/.built');
  if (!existsSync(stamp)) throw new Error('dist is not built; run: node scripts/build-if-stale.mjs');
  return readFileSync(stamp, 'utf8').trim().slice(0, 12);
}

/** Runs a script of ours; what it says on standard error is shown, what it prints is the result. */
function execute(args, what) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(`${what} failed; see above`))));
  });
}

/** The whole score with every throw, for whoever asks why. */
const scorePath = (work, part) => join(work, 'events', `${part.name}.score.json`);
const minutes = (since) => `${((performance.now() - since) / 60_000).toFixed(1)} min`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(`golden: ${error.message}`);
    process.exitCode = 1;
  });
}
