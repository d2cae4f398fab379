#!/usr/bin/env node
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../dist/testing/random.js';
import { faults } from './faults.mjs';

const USAGE = `Breaks things at random instants and counts what is lost: docs/reliability.md has the table.

  node scripts/reliability/run.mjs [--only R1,R3] [--runs N] [--seed S] [--json FILE] [--work DIR] [--list]

  Without --only all faults, which takes hours. --runs is for each of them. Exit code 1 when one does not pass.`;

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      runs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
      work: { type: 'string', default: join(tmpdir(), 'parapet-reliability') },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  if (values.list) return console.log(faults.map(describe).join('\n'));
  const wanted = values.only === undefined ? faults : values.only.split(',').flatMap(byId);
  mkdirSync(values.work, { recursive: true });
  const load = loadavg().map((average) => average.toFixed(1));
  console.log(`${cpus().length} cores, ${cpus()[0]?.model.trim()}, node ${process.version}, load ${load.join(' ')}`);
  const results = [];
  for (const fault of wanted) results.push(await carryOut(fault, values));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 1)}\n`);
  process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
}

function describe({ id, title, runs, shortIn = 'scripts/reliability/short.test.mjs' }) {
  return `${id.padEnd(4)} ${title} (${runs.full}; short version: ${shortIn})`;
}

/** A full disk and a failing one are one row. */
function byId(id) {
  const found = faults.filter((fault) => fault.id.toLowerCase() === id.trim().toLowerCase());
  if (found.length === 0) throw new Error(`there is no fault ${id}; --list names them`);
  return found;
}

async function carryOut(fault, { runs, seed, work }) {
  const count = runs === undefined ? fault.runs.full : Number(runs);
  console.log(`${fault.id}: ${fault.title}: ${count} times, seed ${seed}`);
  const startedMs = performance.now();
  const result = {
    id: fault.id,
    title: fault.title,
    runs: count,
    seed: Number(seed),
    at: new Date().toISOString(),
    passed: true,
    figures: {},
  };
  const facts = {
    note(what, value) {
      console.log(`${fault.id}: ${what}: ${value}`);
      result.figures[what] = value;
    },
    judge(what, wrong, meaningful = true) {
      const ok = wrong.length === 0 && meaningful;
      if (!ok) result.passed = false;
      const verdict = wrong.length > 0 ? `${wrong.length} FAILED` : meaningful ? '0' : 'TOO LITTLE HAPPENED to say';
      facts.note(what, verdict);
      for (const line of wrong.slice(0, 20)) console.log(`${fault.id}:   ${line}`);
    },
    // How many times as long as a limit of time says something may take.
    patience: 1,
    progress(done, all) {
      if (process.stdout.isTTY === true || done === all || done % 100 === 0) console.log(`${fault.id}: ${done} of ${all}`);
    },
  };
  try {
    await fault.run({ runs: count, random: createRandom(Number(seed)), work, facts });
  } catch (error) {
    facts.judge('broken off', [error.message]);
  }
  facts.note('took, s', ((performance.now() - startedMs) / 1000).toFixed(0));
  console.log(`${fault.id}: ${result.passed ? 'passed' : 'DID NOT PASS'}: ${fault.pass}`);
  return result;
}

await main().catch((error) => {
  console.error(`reliability: ${error.stack}`);
  process.exitCode = 1;
});
