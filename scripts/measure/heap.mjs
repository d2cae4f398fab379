#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import { benchFacadeConfig, makeBenchVideo } from '../../dist/cli/bench/video.js';
import { cameraConfigSchema, loadConfig } from '../../dist/config/index.js';
import { createFrameReader } from '../../dist/media/frame-reader.js';
import { createWallClock } from '../../dist/media/wall-clock.js';
import { createIdFactory } from '../../dist/pipeline/incidents/incident-ids.js';
import { loadCameraParts } from '../../dist/pipeline/stages/camera-parts.js';
import { createCameraPipeline } from '../../dist/pipeline/stages/create-camera-pipeline.js';
import { loadKernels } from '../../dist/pipeline/stages/load-kernels.js';
import { createLogger } from '../../dist/platform/logger.js';
import { createSource } from '../../dist/sources/index.js';
import { createFacts, median, slope } from './facts.mjs';
import { defaultWork, repeatVideo } from './rig.mjs';

const USAGE = `What a picture leaves on the heap: what is allocated while the engine works, and what remains after the garbage is collected.

  node scripts/measure/heap.mjs [--pictures 20000] [--size 720p] [--video FILE -c CONFIG] [--json FILE] [--work DIR]

  The last 10,000 pictures are judged, those before them warm up. A video that is shorter is repeated, with a clock that goes on. Needs ffmpeg and a built program.
  Exit code 1 when what remains after collection grows.`;

/** Pictures that are judged. Those before fill what looks back: 4 s of pictures, ten minutes of origins, tables swept when full. */
const JUDGED = 10_000;
/** How often the garbage is collected and what remains is measured, pictures. */
const EVERY = 500;
/** What 10,000 pictures may leave, kB: 13 bytes a picture. More, and a year's run shows it. */
const GROWTH_LIMIT_KB = 128;

async function main() {
  const { values } = parseArgs({
    options: {
      pictures: { type: 'string', default: '20000' },
      size: { type: 'string', default: '720p' },
      video: { type: 'string' },
      config: { type: 'string', short: 'c' },
      json: { type: 'string' },
      work: { type: 'string', default: defaultWork },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  if (globalThis.gc === undefined) return withCollector();
  const facts = createFacts('heap');
  facts.machine();
  const pictures = Number(values.pictures);
  const { video, camera } = await subject(values, pictures);
  const run = await watch(video, camera, pictures);
  report(facts, run);
  facts.finish(values.json);
}

/** Again, with a collector that can be called, and a young generation so large that it seldom runs by itself. */
function withCollector() {
  const flags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];
  const { status } = spawnSync(process.execPath, [...flags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
}

async function subject({ video, config, size, work }, pictures) {
  const seconds = Math.ceil(pictures / 25) + 1;
  mkdirSync(work, { recursive: true });
  const path = video ?? (await makeBenchVideo(size, 20, process.env, () => undefined, new AbortController().signal));
  const long = join(work, `heap-${path.replaceAll(/[^\w.]/g, '-')}-${seconds}s.mp4`);
  if (!existsSync(long)) repeatVideo(path, seconds, long);
  const loaded = config === undefined ? null : loadConfig({ file: config, env: {}, cwd: process.cwd(), cameras: [], settings: [] }).config;
  const facade = video === undefined ? { facade: benchFacadeConfig(size) } : {};
  const camera = loaded?.cameras[0] ?? cameraConfigSchema.parse({ id: 'heap', source: { url: long }, ...facade });
  return { video: long, camera };
}

async function watch(video, camera, pictures) {
  const kernels = await loadKernels();
  const logger = createLogger('error', { write: (line) => void process.stderr.write(line) });
  const source = createSource({ url: video, pixelFormat: 'gray', logger });
  const connection = await source.connect(null, new AbortController().signal);
  try {
    return goThrough(connection, camera, await loadCameraParts(camera), kernels, pictures);
  } finally {
    await connection[Symbol.asyncDispose]();
  }
}

function goThrough(connection, camera, parts, kernels, pictures) {
  let pipeline = null;
  const reader = createFrameReader({
    ...{ fds: connection.framesFds, cameraId: camera.id, format: connection.pixelFormat },
    allocate: ({ width, height }) => {
      const createId = createIdFactory('heap');
      pipeline = createCameraPipeline({
        camera,
        parts,
        kernels,
        width,
        height,
        format: 'gray',
        openEyes: () => null,
        createId,
        monotonic: () => performance.now(),
      });
      return () => pipeline.frameBuffer();
    },
    wallClock: createWallClock(connection.wallClock, () => Date.now()),
  });
  const used = () => getHeapStatistics().used_heap_size;
  // Asking allocates too, always the same.
  for (let i = 0; i < 2000; i++) used();
  const asking = median(Array.from({ length: 200 }, () => -used() + used()));

  const samples = [];
  // Laid out at once, and outside the heap that is measured.
  const engine = createList(pictures);
  const between = createList(pictures);
  let lastUsed = Number.NaN;
  let count = 0;
  let incidents = 0;
  let format = null;
  for (const frame of reader.frames()) {
    if (count === pictures) break;
    format ??= `${frame.width}×${frame.height}`;
    if (count % EVERY === 0) {
      globalThis.gc();
      const { used_heap_size, external_memory } = getHeapStatistics();
      samples.push({ picture: count, heapKb: used_heap_size / 1024, outsideKb: external_memory / 1024 });
      lastUsed = Number.NaN;
    }
    const before = used();
    incidents += pipeline.process(frame).length;
    const after = used();
    // A collection in between makes it negative: such pictures say nothing.
    if (count >= pictures - JUDGED) {
      if (after - before - asking >= 0) engine.add(after - before - asking);
      if (before - lastUsed - asking >= 0) between.add(before - lastUsed - asking);
    }
    lastUsed = after;
    count++;
  }
  const candidates = pipeline.counters().candidates / count;
  return { format, count, incidents, candidates, samples, engine: engine.values(), between: between.values(), asking };
}

function createList(capacity) {
  const values = new Float64Array(capacity);
  let length = 0;
  return {
    add(value) {
      values[length++] = value;
    },
    values: () => [...values.subarray(0, length)],
  };
}

function report(facts, { format, count, incidents, candidates, samples, engine, between, asking }) {
  facts.note('pictures', `${count} of ${format}, ${incidents} reports of incidents`);
  const shown = samples.filter((_, i) => i % 4 === 0).map(({ heapKb }) => heapKb.toFixed(0));
  facts.note('heap after collection, every 2,000 pictures, kB', shown.join(' '));
  const judged = samples.filter(({ picture }) => picture >= count - JUDGED);
  const growth = slope(judged.map(({ picture, heapKb }) => [picture, heapKb])) * JUDGED;
  const flat = growth <= GROWTH_LIMIT_KB;
  facts.judge('growth of it over the last 10,000 pictures (straight line), kB', growth.toFixed(1), `≤ ${GROWTH_LIMIT_KB}`, flat);
  const outside = slope(judged.map(({ picture, outsideKb }) => [picture, outsideKb])) * JUDGED;
  facts.judge(
    'growth of buffers and WebAssembly memory outside it, kB',
    outside.toFixed(1),
    `≤ ${GROWTH_LIMIT_KB}`,
    outside <= GROWTH_LIMIT_KB,
  );
  facts.note('allocated by the engine a picture, middle one, bytes', `${median(engine)}; candidates a picture ${candidates.toFixed(0)}`);
  const sorted = engine.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  facts.note('the same, mean; 10 %, 90 %, 99 % of pictures below', `${mean(engine).toFixed(0)}; ${at(0.1)}, ${at(0.9)}, ${at(0.99)}`);
  facts.note('allocated beside it, reading the picture, middle one, bytes', median(between));
  facts.note('what asking costs (taken off), bytes', asking);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

main().catch((error) => {
  console.error(`heap: ${error.message}`);
  process.exitCode = 1;
});
