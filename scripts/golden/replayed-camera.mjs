import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deserialize } from 'node:v8';
import YAML from 'yaml';

/** A module of a built program. @param {string} dist @param {string} path */
export const importFrom = (dist, path) => import(pathToFileURL(join(dist, path)).href);

/** What a camera's pipeline is made with. @param {string} dist */
export async function loadParts(dist, camera) {
  const { loadCameraParts } = await importFrom(dist, 'pipeline/stages/camera-parts.js');
  return { parts: await loadCameraParts(camera) };
}

/** CPU that this process has taken so far, milliseconds: unlike the wall clock it means something on a crowded machine. */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The only camera of a rendered clip's config. @param {string} dist @param {string} clip folder */
export async function loadCamera(dist, clip) {
  const { cameraConfigSchema } = await importFrom(dist, 'config/index.js');
  return cameraConfigSchema.parse(YAML.parse(readFileSync(join(clip, 'parapet.yaml'), 'utf8')).cameras[0]);
}

/**
 * Takes kept candidates through a program's own pipeline, as if its motion stage had just found them.
 *
 * @param {string} dist
 * @param {string} file as keep-candidates.mjs wrote it
 * @param {boolean} movingOnly leaves out those that do not move
 * @returns {Promise<{clip: string, incidents: readonly object[], pictures: number, motionMs: number, rulesMs: number}>}
 */
export async function replay(dist, file, movingOnly) {
  const { createCameraPipeline } = await importFrom(dist, 'pipeline/stages/create-camera-pipeline.js');
  const { createIdFactory } = await importFrom(dist, 'pipeline/incidents/incident-ids.js');
  const { MotionDetector } = await importFrom(dist, 'core/motion/motion-detector.js');
  const { clip, width, height, roi, motionMs, pictures } = deserialize(readFileSync(file));
  const camera = await loadCamera(dist, clip);
  let at = 0;
  MotionDetector.prototype.push = () => unpacked(pictures[at++].seen, movingOnly);
  const kernels = new WebAssembly.Module(readFileSync(join(dist, 'core/kernels/kernels.wasm')));
  const createId = createIdFactory(basename(clip));
  const pipeline = createCameraPipeline({
    camera,
    ...(await loadParts(dist, camera)),
    kernels,
    width,
    height,
    roi,
    format: 'gray',
    openEyes: () => null,
    createId,
    monotonic: cpuMs,
  });
  const data = new Uint8Array(0);
  const incidents = [];
  for (const { seq, ptsMs, capturedAtMs } of pictures) {
    incidents.push(...pipeline.process({ cameraId: camera.id, seq, ptsMs, capturedAtMs, width, height, format: 'gray', data }));
  }
  incidents.push(...pipeline.finish());
  return { clip, incidents, pictures: pictures.length, motionMs, rulesMs: pipeline.counters().stageMs.rules };
}

function unpacked(seen, movingOnly) {
  if (seen === null) return null;
  const { columns, ...rest } = seen;
  const candidates = [];
  for (let i = 0; i < columns.length; i += 8) {
    const [x, y, w, h, areaPx, contrast, peak, moving] = columns.subarray(i, i + 8);
    if (moving === 1 || !movingOnly) candidates.push({ x, y, w, h, areaPx, contrast, peak, moving: moving === 1 });
  }
  return { ...rest, candidates };
}
