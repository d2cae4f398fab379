// A process of the ablation: takes one clip through the motion stage of several programs side by side, decoded once, and writes what each
// saw. Arguments: folder of the clip, then for each program its `dist` and the file to write.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { serialize } from 'node:v8';
import { cpuMs, importFrom, loadCamera, loadParts } from './replayed-camera.mjs';

const [clip, ...targets] = process.argv.slice(2);
const programs = [];
for (let i = 0; i < targets.length; i += 2) programs.push({ dist: targets[i], file: targets[i + 1] });

const dist = programs[0].dist;
const camera = await loadCamera(dist, clip);
const { createSource } = await importFrom(dist, 'sources/index.js');
const { createFrameReader } = await importFrom(dist, 'media/frame-reader.js');
const { createWallClock } = await importFrom(dist, 'media/wall-clock.js');
const { sourceOptions } = await importFrom(dist, 'pipeline/camera/source-options.js');
const { createLogger } = await importFrom(dist, 'platform/logger.js');

const logger = createLogger('warn');
const source = createSource({ ...sourceOptions(camera, logger), url: join(clip, 'video.mp4') });
const connection = await source.connect(null, new AbortController().signal);
let picture = new Uint8Array(0);
const reader = createFrameReader({
  fds: connection.framesFds,
  cameraId: camera.id,
  format: connection.pixelFormat,
  roi: connection.roi,
  allocate: ({ width, height }) => {
    picture = new Uint8Array(width * height);
    return () => picture;
  },
  wallClock: createWallClock(connection.wallClock, () => Date.now()),
});

for (const frame of reader.frames()) {
  for (const program of programs) {
    program.run ??= await start(program.dist, frame, connection.roi);
    program.run.take(frame);
  }
}
const end = await connection.ended;
await connection[Symbol.asyncDispose]();
if (end.reason !== 'end-of-file') throw new Error(`${clip}: ${end.detail ?? end.reason}`);
for (const { file, run } of programs) {
  writeFileSync(`${file}.part`, serialize(run.result()));
  renameSync(`${file}.part`, file);
}

/** One program's own pipeline, with what its motion stage says kept and its rules asleep. */
async function start(from, { width, height }, roi) {
  const { createCameraPipeline } = await importFrom(from, 'pipeline/stages/create-camera-pipeline.js');
  const { MotionDetector } = await importFrom(from, 'core/motion/motion-detector.js');
  const { ThrownObjectRule } = await importFrom(from, 'rules/thrown-object/rule.js');
  ThrownObjectRule.prototype.step = () => [];
  const push = MotionDetector.prototype.push;
  let seen = null;
  MotionDetector.prototype.push = function (seq, ptsMs) {
    seen = push.call(this, seq, ptsMs);
    return seen;
  };
  const kernels = new WebAssembly.Module(readFileSync(join(from, 'core/kernels/kernels.wasm')));
  const pipeline = createCameraPipeline({
    ...(await loadParts(from, camera)),
    ...{ camera, kernels, width, height, roi, format: 'gray', openEyes: () => null },
    ...{ createId: () => basename(clip), monotonic: cpuMs },
  });
  const pictures = [];
  return {
    take(frame) {
      pipeline.frameBuffer().set(frame.data);
      pipeline.process(frame);
      const { seq, ptsMs, capturedAtMs } = frame;
      pictures.push({ seq, ptsMs, capturedAtMs, seen: seen === null ? null : packed(seen) });
    },
    result: () => ({ clip, width, height, roi, motionMs: pipeline.counters().stageMs.motion, pictures }),
  };
}

/** A frame of candidates as numbers: eight a candidate. */
function packed({ candidates, ...rest }) {
  const columns = new Float64Array(8 * candidates.length);
  candidates.forEach((c, i) => {
    columns.set([c.x, c.y, c.w, c.h, c.areaPx, c.contrast, c.peak, c.moving ? 1 : 0], 8 * i);
  });
  return { ...rest, columns };
}
