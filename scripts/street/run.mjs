#!/usr/bin/env node
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { engineName, execute, measure, rowsOf } from './measure.mjs';
import { worsenings } from './rows.mjs';
import { sets } from './sets.mjs';
import { readTable, tableText, writeTable } from './table.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const goldenFolder = join(root, 'test-fixtures/golden');

const USAGE = `Renders street scenes, analyses them with the built program, compares its events with the truth, and writes or checks the golden table.

  node scripts/street/run.mjs --set ${Object.keys(sets).join('|')} [--types illegal_parking,wrong_way] [--scenes PATTERN] [--eyes model|none|perfect]
       [--done] [--jobs 2] [--work DIR] [--check] [--keep] [--golden test-fixtures/golden]

  --work: where clips and events are kept; what is there is not made again, so a run that was cut short goes on.
  --done: only what this build has been through already, so that a run that was cut short is told as far as it came.
  --check: writes nothing; exit code 1 when a figure is worse than the kept row. --keep: writes nothing, checks nothing.
  --scenes: only those whose name holds this; with it nothing is written. --eyes perfect: by the truth's own boxes; nothing is written.
  Example: node scripts/street/run.mjs --set one --types illegal_parking --jobs 2 --work /tmp/parapet-street`;

function lineOf({ type, scene, eyes, match }, left) {
  const confirmed = match.incidents.filter(({ verdict }) => verdict === 'confirmed').length;
  const missed = match.incidents.filter(({ verdict }) => verdict === null).map(({ from }) => `${from} s`);
  const stray = (list) => list.map((event) => `${event.type} told at ${event.toldS.toFixed(1)} s`).join(', ');
  return [
    `${type} ${scene} (${eyes}): ${confirmed} of ${match.incidents.length} confirmed`,
    ...(missed.length > 0 ? [`missed: ${missed.slice(0, 6).join(', ')}${missed.length > 6 ? ' …' : ''}`] : []),
    ...(match.falseConfirmed.length > 0 ? [`FALSE: ${stray(match.falseConfirmed)}`] : []),
    ...(match.falseSuspected.length > 0 ? [`false suspected: ${stray(match.falseSuspected)}`] : []),
    ...(match.repeats > 0 ? [`${match.repeats} repeats`] : []),
    `${left} left`,
  ].join('; ');
}

async function main() {
  const text = { type: /** @type {const} */ ('string') };
  const flag = { type: /** @type {const} */ ('boolean'), default: false };
  const { values } = parseArgs({
    options: {
      ...{ set: text, types: text, scenes: text, eyes: text, check: flag, keep: flag, done: flag, help: { ...flag, short: 'h' } },
      jobs: { ...text, default: String(Math.min(2, availableParallelism())) },
      work: { ...text, default: join(tmpdir(), 'parapet-street') },
      golden: { ...text, default: goldenFolder },
    },
  });
  if (values.help || values.set === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const all = sets[values.set];
  if (all === undefined) throw new Error(`unknown set '${values.set}'; known: ${Object.keys(sets).join(', ')}`);
  const types = values.types?.split(',') ?? null;
  const clips = all
    .filter(({ type, name }) => (types === null || types.includes(type)) && `${type}-${name}`.includes(values.scenes ?? ''))
    .map((clip) =>
      values.eyes === undefined
        ? clip
        : { ...clip, eyes: values.eyes === 'perfect' ? ['perfect'] : clip.eyes.filter((eyes) => eyes === values.eyes) },
    );
  if (clips.length === 0) throw new Error('no such scenes in this set; node scripts/street/render.mjs --list names all');
  const { code, complaint } = await execute([join(root, 'scripts/build-if-stale.mjs')]);
  if (code !== 0) throw new Error(complaint.trim());
  const outcomes = await measure({
    clips,
    jobs: Number(values.jobs),
    work: values.work,
    onlyDone: values.done,
    log: console.error,
    onOutcome: (outcome, left) => console.error(lineOf(outcome, left)),
  });
  const isPart = values.scenes !== undefined || values.eyes === 'perfect';
  const table = readTable(values.golden);
  const rows = rowsOf(values.set, outcomes);
  let worse = 0;
  for (const [name, row] of Object.entries(rows)) {
    const lines = table[name] === undefined || values.keep || isPart ? [] : worsenings(table[name].row, row);
    for (const line of lines) console.error(`${name}: ${values.check ? 'WORSE' : 'worse than kept'}: ${line}`);
    worse += lines.length;
  }
  const entries = Object.fromEntries(
    Object.entries(rows).map(([name, row]) => [name, { engine: engineName(), made: new Date().toISOString().slice(0, 10), row }]),
  );
  process.stdout.write(tableText(entries));
  if (values.check) process.exitCode = worse > 0 ? 1 : 0;
  else if (!values.keep && !isPart) writeTable(values.golden, { ...table, ...entries });
}

main().catch((error) => {
  console.error(`street: ${error.message}`);
  process.exitCode = 1;
});
