#!/usr/bin/env node
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readEvents, readTruth } from '../../dist/cli/score/files.js';
import { runTimed } from '../measure/cpu-clock.mjs';
import { createFacts } from '../measure/facts.mjs';
import { describeVideo, program } from '../measure/rig.mjs';
import { judgeSpans, judgeTracks } from './alarms.mjs';
import { hasMotion, runMotion } from './motion-daemon.mjs';
import { needOpencv, python } from './opencv.mjs';

const USAGE = `Parapet beside what others use, on the same files, on one machine, in one run: what a picture costs, what is found, what is false.

  node scripts/bench/compare.mjs SCENE… [--skip knn,motion,…] [--json FILE]

  SCENE: a folder of scripts/scenes (video.mp4, truth.json, parapet.yaml). Methods: decode, parapet, mog2, mog2-tuned, knn, motion,
  motion-fine. Needs a built program, python3-opencv and motion (apt-get install --no-install-recommends python3-opencv motion).
  motion watches in real time, so it takes twice the scenes' length.`;

const usualMethod = join(dirname(fileURLToPath(import.meta.url)), 'usual-method.py');

/** Each takes a scene and says what it cost and, where it looks for something, what it found. */
const methods = {
  decode: {
    title: 'decoding alone (ffmpeg -threads 1 -f null -)',
    run: ({ video }) => ({ cpuMs: runTimed(['ffmpeg', '-nostdin', '-v', 'error', '-threads', '1', '-i', video, '-f', 'null', '-']).cpuMs }),
  },
  parapet: { title: 'Parapet, confirmed alarms', run: runParapet },
  mog2: { title: 'MOG2, contours, Kalman, drop and direction', run: (scene) => runUsual(scene, 'mog2', () => true) },
  'mog2-tuned': { title: 'the same, with acceleration and a parabola', run: (scene) => runUsual(scene, 'mog2', ({ tuned }) => tuned) },
  knn: { title: 'KNN, contours, Kalman, drop and direction', run: (scene) => runUsual(scene, 'knn', () => true) },
  motion: { title: 'motion, as it comes (1500 px)', run: (scene) => runDaemon(scene, 1500) },
  'motion-fine': { title: 'motion, from 15 px', run: (scene) => runDaemon(scene, 15) },
};

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      skip: { type: 'string', default: '' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || positionals.length === 0) return console.log(USAGE);
  const skipped = values.skip.split(',');
  const chosen = Object.entries(methods).filter(([name]) => !skipped.includes(name));
  needOpencv();
  if (chosen.some(([name]) => name.startsWith('motion')) && !hasMotion()) {
    throw new Error('motion is not installed: apt-get install --no-install-recommends motion, or --skip motion,motion-fine');
  }
  const facts = createFacts('compare');
  facts.machine();
  const folder = mkdtempSync(join(tmpdir(), 'parapet-compare-'));
  const scenes = positionals.map((path) => describeScene(resolve(path), folder));
  const totals = new Map(chosen.map(([name]) => [name, { cpuMs: 0, throws: 0, found: 0, falseAlarms: 0, parts: [] }]));
  try {
    for (const scene of scenes) {
      for (const [name, { run }] of chosen) {
        const result = await run(scene);
        add(totals.get(name), result);
        facts.note(`${scene.name}, ${name}`, describe(result, scene.pictures, scene.durationS));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  report(facts, chosen, totals, scenes);
  facts.finish(values.json);
}

function describeScene(path, folder) {
  const video = join(path, 'video.mp4');
  const { frames } = JSON.parse(readFileSync(join(path, 'truth.json'), 'utf8')).video;
  const truth = readTruth(join(path, 'truth.json'));
  return {
    ...describeVideo(video),
    name: basename(path),
    video,
    config: join(path, 'parapet.yaml'),
    truth,
    pictures: frames,
    folder,
    usual: new Map(),
  };
}

function runParapet({ video, config, truth, folder }) {
  const eventsPath = join(folder, 'events.jsonl');
  const { cpuMs } = runTimed([process.execPath, program, 'analyze', video, '-c', config, '--events', eventsPath]);
  const events = readEvents(eventsPath);
  const tracks = events
    .filter(({ verdict }) => verdict === 'confirmed')
    .map(({ stream_time: { start, end }, throw: thrown }) => ({ start, end, trajectory: thrown.trajectory }));
  const suspected = events.length - tracks.length;
  return { cpuMs, ...judgeTracks(truth, tracks), parts: suspected === 0 ? [] : [`${suspected} only suspected`] };
}

function runUsual({ video, truth, usual }, model, counts) {
  // Both sets of rules look at the same tracks, at the same cost.
  if (!usual.has(model)) usual.set(model, runTimed([python, usualMethod, video, '--model', model]));
  const { cpuMs, stdout } = usual.get(model);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { ms } = lines.pop();
  const parts = Object.entries(ms).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  return { cpuMs, ...judgeTracks(truth, lines.filter(counts)), parts: [`ms of ${parts.join(', ')}`] };
}

async function runDaemon({ video, width, height, fps, truth, durationS, folder }, thresholdPx) {
  const { spans, cpuMs } = await runMotion({ video, width, height, fps, thresholdPx, folder: join(folder, 'motion') });
  const alarmS = spans.reduce((sum, [from, to]) => sum + Math.min(to, durationS) - from, 0);
  return { cpuMs, ...judgeSpans(truth, spans), parts: [`alarm for ${((100 * alarmS) / durationS).toFixed(0)} % of the time`] };
}

function add(total, { cpuMs, throws = 0, found = 0, falseAlarms = 0 }) {
  total.cpuMs += cpuMs;
  total.throws += throws;
  total.found += found;
  total.falseAlarms += falseAlarms;
}

function describe({ cpuMs, throws, found, falseAlarms, parts = [] }, pictures, durationS) {
  const cost = `${(cpuMs / pictures).toFixed(2)} ms a picture`;
  if (throws === undefined) return cost;
  const perHour = Math.round((falseAlarms * 3600) / durationS);
  return [cost, `${found} of ${throws} throws`, `${falseAlarms} false (${perHour} an hour)`, ...parts].join('; ');
}

function report(facts, chosen, totals, scenes) {
  const pictures = scenes.reduce((sum, scene) => sum + scene.pictures, 0);
  const durationS = scenes.reduce((sum, scene) => sum + scene.durationS, 0);
  const alone = totals.get('decode')?.cpuMs;
  facts.note('all', `${scenes.length} scenes, ${durationS.toFixed(0)} s, ${pictures} pictures`);
  for (const [name, { title }] of chosen) {
    const total = totals.get(name);
    const ratio = alone === undefined ? '' : `; ${(total.cpuMs / alone).toFixed(2)} × decoding`;
    facts.note(title, `${describe(name === 'decode' ? { cpuMs: total.cpuMs } : total, pictures, durationS)}${ratio}`);
  }
}

main().catch((error) => {
  console.error(`compare: ${error.message}`);
  process.exitCode = 1;
});
