#!/usr/bin/env node
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runTimed } from './cpu-clock.mjs';
import { median } from './facts.mjs';
import { runMeasurement, workOption } from './measurement.mjs';
import { program, renderTower, repeatVideo } from './rig.mjs';

const USAGE = `What a command costs before it does anything: user and system time of the whole process tree, of another build too.

  node scripts/measure/start.mjs [--runs 20] [--than /elsewhere/dist/main.js] [--json FILE] [--work DIR]

  Builds alternate, so that whatever else the machine does falls on both. The tower's first half second is what analyze looks at.`;

/** The clock counts in steps of 10 ms: medians are of so many runs together, milliseconds of one. */
const RUNS_TOGETHER = 5;

function main(values, facts) {
  const { video, config } = shortTower(values.work);
  const commands = {
    '--version': ['--version'],
    validate: ['validate', '-c', config],
    'analyze 0.5 s': ['analyze', video, '-c', config, '--events', '-'],
  };
  const builds = { here: program, ...(values.than === undefined ? {} : { there: values.than }) };
  const rounds = Math.max(1, Math.round(Number(values.runs) / RUNS_TOGETHER));
  const figures = new Map();
  for (let round = 0; round < rounds; round++) {
    take(figures, 'node alone', [process.execPath, '-e', '0']);
    take(figures, 'decoding 0.5 s alone', ['ffmpeg', '-nostdin', '-v', 'error', '-threads', '1', '-i', video, '-f', 'null', '-']);
    for (const [name, args] of Object.entries(commands)) {
      for (const [build, main] of Object.entries(builds)) take(figures, `${name}, ${build}`, [process.execPath, main, ...args]);
    }
  }
  for (const [name, ms] of figures) facts.note(`ms of CPU: ${name}`, median(ms).toFixed(0));
}

function take(figures, name, command) {
  let cpuMs = 0;
  for (let run = 0; run < RUNS_TOGETHER; run++) cpuMs += runTimed(command).cpuMs;
  figures.set(name, [...(figures.get(name) ?? []), cpuMs / RUNS_TOGETHER]);
}

function shortTower(work) {
  mkdirSync(work, { recursive: true });
  const { video, config } = renderTower(work);
  const short = join(work, 'tower-0.5s.mp4');
  if (!existsSync(short)) repeatVideo(video, 0.5, short);
  return { video: short, config };
}

await runMeasurement('start', USAGE, { runs: { type: 'string', default: '20' }, than: { type: 'string' }, ...workOption }, main);
