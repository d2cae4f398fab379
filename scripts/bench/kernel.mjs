#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createKernels, ROW_STEP } from '../../dist/core/kernels/kernels.js';
import { createFacts, median } from '../measure/facts.mjs';
import { defaultWork, describeVideo, renderTower, run } from '../measure/rig.mjs';
import { needOpencv, python } from './opencv.mjs';

const USAGE = `The foreground kernels against OpenCV's background models: the same pictures, one thread each, in turn.

  node scripts/bench/kernel.mjs [--video FILE] [--pictures 60] [--rounds 3] [--json FILE] [--work DIR]

  Needs a built program and python3-opencv. Exit code 1 when the kernels are less than 20 times faster than MOG2.`;

const LIMIT = 20;
/** As the engine runs them (src/core/motion/motion-detector.ts): groups up to 2 px apart. */
const GAP_PX = 2;
const THRESHOLD = { deviationsEighths: 30, floorGrey: 8 };
const RATES = { mean: 0.064, deviation: 0.064, cutGrey: 24, slackGrey: 2 };
const FIRST_DEVIATION_GREY = 1.6;

function main() {
  const { values } = parseArgs({
    options: {
      video: { type: 'string' },
      pictures: { type: 'string', default: '60' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'string' },
      work: { type: 'string', default: defaultWork },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  needOpencv();
  const facts = createFacts('kernel');
  facts.machine();
  mkdirSync(values.work, { recursive: true });
  const video = values.video ?? renderTower(values.work).video;
  const { width, height } = describeVideo(video);
  const pictures = Number(values.pictures);
  const frames = join(values.work, `luma-${width}x${height}-${pictures}.raw`);
  // From the middle of a second on: a keyframe and what follows it.
  const take = ['-filter:v', 'extractplanes=y', '-frames:v', String(pictures), '-f', 'rawvideo', '-y', frames];
  run('ffmpeg', ['-nostdin', '-v', 'error', '-ss', '1.5', '-i', video, ...take]);
  const taken = existsSync(frames) ? readFileSync(frames).length / (width * height) : 0;
  if (taken < pictures) throw new Error(`${video} has no ${pictures} pictures after its first 1.5 s`);

  const rounds = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    rounds.push({ ours: timeKernels(readFileSync(frames), width, height, pictures), theirs: timeModels(frames, width, height) });
  }
  const middle = (pick) => median(rounds.map(pick));
  const names = Object.keys(rounds[0].theirs).filter((name) => name !== 'opencv');
  facts.note('pictures', `${pictures} of ${width}×${height}, ${rounds.length} rounds, OpenCV ${rounds[0].theirs.opencv}`);
  const ours = middle(({ ours: { engine } }) => engine);
  facts.note('ms a picture: foreground mask and components, a quarter of the model renewed, as the engine does', ours.toFixed(3));
  const everyRow = middle(({ ours: { everyRow: all } }) => all);
  facts.note('ms a picture: the same, all of the model renewed', everyRow.toFixed(3));
  for (const name of names) {
    const theirs = middle((round) => round.theirs[name]);
    facts.note(`ms a picture: OpenCV ${name}, mask alone`, theirs.toFixed(2));
    const factor = theirs / ours;
    const what = `OpenCV ${name} ÷ the kernels`;
    if (name === 'MOG2 luma') facts.judge(what, factor.toFixed(1), `≥ ${LIMIT}`, factor >= LIMIT);
    else facts.note(what, factor.toFixed(1));
    facts.note(`${what} with all of the model renewed`, (theirs / everyRow).toFixed(1));
  }
  facts.finish(values.json);
}

function timeKernels(luma, width, height, pictures) {
  const wasm = join(dirname(fileURLToPath(import.meta.url)), '../../dist/core/kernels/kernels.wasm');
  const kernels = createKernels(new WebAssembly.Module(readFileSync(wasm)), width, height, pictures);
  for (let n = 0; n < pictures; n++) {
    for (let y = 0; y < height; y++) {
      const at = (n * height + y) * width;
      kernels.slots[n].set(luma.subarray(at, at + width), y * kernels.stride);
    }
  }
  const once = (step) => {
    kernels.resetModel(0, FIRST_DEVIATION_GREY, THRESHOLD);
    const spent = [];
    for (let turn = 0; turn < 4; turn++) {
      for (let n = 1; n < pictures - 1; n++) {
        const before = process.cpuUsage();
        kernels.detect(n, n - 1, n + 1);
        if (kernels.components(GAP_PX) === null) throw new Error('the pictures change too much to be compared on');
        kernels.updateModel(n, n % step, step, RATES, THRESHOLD);
        const { user, system } = process.cpuUsage(before);
        spent.push((user + system) / 1000);
      }
    }
    // The first turn compiles the code and fills the model.
    return median(spent.slice(pictures));
  };
  return { engine: once(ROW_STEP), everyRow: once(1) };
}

function timeModels(frames, width, height) {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'background-models.py');
  return JSON.parse(run(python, [script, frames, String(width), String(height)]));
}

main();
