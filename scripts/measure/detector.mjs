#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pino } from 'pino';
import { openInference } from '../../dist/detectors/inference-service.js';
import { createModelDetector } from '../../dist/detectors/model-detector.js';
import { openEngine } from '../../dist/detectors/open-engine.js';
import { systemClock } from '../../dist/platform/clock.js';
import { median } from './facts.mjs';
import { runMeasurement } from './measurement.mjs';
import { readTree } from './process-tree.mjs';

const USAGE = `What a detector costs beside its model alone: writing the input, reading the outputs, and the way to the shared process and back.
The model alone and the whole take turns, so that what else the machine does meets both.

  node scripts/measure/detector.mjs --model FILE --video FILE [--size 640x360] [--threads 1,2] [--rounds 15] [--json FILE]`;

/** Pictures of the video that are looked at in turn, half a second apart. */
const PICTURES = 8;
/** How long each is asked at a time, milliseconds. */
const TURN_MS = 1500;
/** Cameras that share the process. */
const CAMERAS = 4;
/** Share of the model's own time that all else may take. */
const MOST_BESIDE = 0.15;
const ASK = { least: 0.3, tiles: null };

function readPictures(video, width, height) {
  const filter = `fps=2,scale=${width}:${height}`;
  const args = ['-v', 'error', '-i', video, '-vf', filter, '-frames:v', String(PICTURES), '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'];
  const { status, stdout, stderr } = spawnSync('ffmpeg', args, { maxBuffer: 1e9 });
  if (status !== 0) throw new Error(`ffmpeg: ${stderr.toString().trim()}`);
  const bytes = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return Array.from({ length: stdout.length / bytes }, (_, i) => {
    return { width, height, format: 'yuv420p', data: Uint8Array.from(stdout.subarray(i * bytes, (i + 1) * bytes)) };
  });
}

/** What is exceeded nine times of ten: on a machine that does other things too, what the work itself takes. */
const undisturbed = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)];

/** Looks again and again for a while, several at a time. @returns how many were looked at */
async function keepLooking(lookers) {
  const untilMs = performance.now() + TURN_MS;
  const counts = await Promise.all(
    lookers.map(async (look) => {
      let count = 0;
      for (; performance.now() < untilMs; count++) await look(count);
      return count;
    }),
  );
  if (Math.max(...counts) - Math.min(...counts) > 2) throw new Error(`they had ${counts.join(', ')} turns`);
  return counts.reduce((a, b) => a + b);
}

async function measure(facts, options) {
  const { model, threads } = options;
  const engine = { file: model, providers: ['cpu'], threads };
  const request = { engine, model: { labels: 'coco80', family: null, input: null } };
  const kernel = new WebAssembly.Module(readFileSync(new URL('../../dist/core/kernels/input.wasm', import.meta.url)));
  const bare = await openEngine(engine);
  const logger = pino({ level: 'warn' });
  const service = await openInference({ models: new Map([['model', request]]), clock: systemClock, logger });
  try {
    await inTurns(
      facts,
      options,
      bare,
      createModelDetector(bare, request.model, kernel, () => performance.now()),
      service,
    );
  } finally {
    await service[Symbol.asyncDispose]();
    await bare[Symbol.asyncDispose]();
  }
}

async function inTurns(facts, { pictures, threads, rounds }, bare, detector, service) {
  const { width, height } = detector.about.input;
  const [input] = bare.inputs;
  const planes = new Float32Array(3 * width * height).fill(114);
  const values = new Map([[input.name, { dims: input.dims[1] === 3 ? [1, 3, height, width] : [1, height, width, 3], data: planes }]]);
  const cameras = Array.from({ length: CAMERAS }, (_, i) => service.camera(`camera-${i}`, 'model', ASK));

  const took = { runMs: [], prepareMs: [], readMs: [], boxes: [] };
  const detect = async (i) => {
    const { detections, ...times } = await detector.detect(pictures[i % pictures.length], ASK);
    for (const what of ['runMs', 'prepareMs', 'readMs']) took[what].push(times[what]);
    took.boxes.push(detections.length);
  };
  const ask = (camera) => async (i) => {
    const answer = await camera.ask(pictures[i % pictures.length], i);
    if ('failed' in answer) throw answer.failed;
  };
  const turns = [
    { what: 'the model alone', lookers: [() => bare.run(values)] },
    { what: 'with its input and outputs', lookers: [detect] },
    { what: 'by the shared process, one camera', lookers: [ask(cameras[0])] },
    { what: `by the shared process, ${CAMERAS} cameras`, lookers: cameras.map(ask) },
  ].map((turn) => ({ ...turn, best: 0, cpuS: 0, count: 0 }));
  for (let round = 0; round < rounds; round++)
    for (const turn of turns) {
      const [startMs, startCpuS] = [performance.now(), readTree(process.pid).cpuS];
      const count = await keepLooking(turn.lookers);
      turn.best = Math.max(turn.best, (1000 * count) / (performance.now() - startMs));
      turn.cpuS += readTree(process.pid).cpuS - startCpuS;
      turn.count += count;
    }
  const on = `on ${threads} thread${threads === 1 ? '' : 's'}`;
  const cpuMs = ({ cpuS, count }) => (1000 * cpuS) / count;
  const percent = (value, of) => `${((100 * value) / of).toFixed(0)} %`;
  const [alone] = turns;
  for (const turn of turns)
    facts.note(
      `${on}, ${turn.what}`,
      `${cpuMs(turn).toFixed(1)} ms of CPU a picture (${percent(cpuMs(turn), cpuMs(alone))} of the model alone), ` +
        `${turn.best.toFixed(1)} a second in the best round (${percent(turn.best, alone.best)})`,
    );
  for (const [how, of] of [
    ['undisturbed', undisturbed],
    ['median', median],
  ]) {
    const [run, prepare, read] = [took.runMs, took.prepareMs, took.readMs].map((times) => of(times).toFixed(2));
    facts.note(`${on}, a picture, ${how}`, `run ${run} ms, input ${prepare} ms, outputs ${read} ms`);
  }
  facts.note(`${on}, boxes a picture`, median(took.boxes));
  if (threads > 1) return;
  const share = (undisturbed(took.prepareMs) + undisturbed(took.readMs)) / undisturbed(took.runMs);
  const target = `at most ${100 * MOST_BESIDE} %`;
  facts.judge('before and after the model', `${(100 * share).toFixed(1)} % of its own time, undisturbed`, target, share <= MOST_BESIDE);
}

async function main({ model, video, size, threads, rounds }, facts) {
  if (model === undefined || video === undefined) throw new Error('it needs --model FILE and --video FILE');
  const [width, height] = size.split('x').map(Number);
  const pictures = readPictures(video, width, height);
  facts.note('model', `${basename(model)}, on ${pictures.length} pictures of ${width} × ${height}`);
  for (const count of threads.split(',').map(Number)) await measure(facts, { model, pictures, threads: count, rounds: Number(rounds) });
  facts.machine();
}

await runMeasurement(
  'detector',
  USAGE,
  {
    model: { type: 'string' },
    video: { type: 'string' },
    size: { type: 'string', default: '640x360' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '15' },
  },
  main,
);
