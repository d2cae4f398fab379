#!/usr/bin/env node
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { installerConfig } from './calibration.mjs';
import { createEncoder } from './encoder.mjs';
import { createKernel } from './pixel-kernel.mjs';
import { presets } from './presets.mjs';
import { createRandom } from './random.mjs';
import { createScene } from './scene.mjs';
import { defaultSpec, mergeSpec, setPath } from './spec.mjs';

const USAGE = `Renders a scene: DIR/video.mp4, DIR/truth.json, DIR/parapet.yaml, DIR/scene.json.

  node scripts/scenes/render.mjs --scene NAME|FILE.json --seed N --out DIR
       [--size 1920x1080] [--fps 25] [--duration 60] [--codec h264|h265] [--bitrate 4M] [--gop 50]
       [--set path=value]... [--quiet]

  Example: node scripts/scenes/render.mjs --scene tower-day --seed 1 --out /tmp/scenes/tower-day --duration 20
  Scenes: ${Object.keys(presets).join(', ')}`;

/**
 * Renders one spec into a folder.
 *
 * @param {object} spec a whole spec
 * @param {number | string} seed
 * @param {string} outDir made when it is not there
 * @param {(done: number, total: number) => void} [progress]
 */
export async function renderScene(spec, seed, outDir, progress = () => undefined) {
  mkdirSync(outDir, { recursive: true });
  const scene = createScene(spec, seed, await createKernel(spec.size[0], spec.size[1]));
  const { width, height, fps, dropped } = scene;
  const video = join(outDir, 'video.mp4');
  const encoder = createEncoder({ width, height, fps, dropped, rotated: spec.variant === 'rotated', ...spec.encode, path: video });
  let done = 0;
  for (const frame of scene.frames()) {
    await encoder.write(frame);
    progress(++done, scene.frameCount);
  }
  await encoder.finish();
  writeFileSync(join(outDir, 'parapet.yaml'), installerConfig(spec, scene.camera, createRandom(`${seed}/installer`), resolve(video)));
  writeFileSync(join(outDir, 'scene.json'), `${JSON.stringify({ seed, ...spec }, null, 1)}\n`);
  writeFileSync(join(outDir, 'truth.json'), `${JSON.stringify(scene.truth(), null, 1)}\n`); // last: it says that the clip is whole
}

/** A whole spec from a preset's name or a JSON file. */
export function loadSpec(nameOrFile) {
  const own = nameOrFile.endsWith('.json') ? JSON.parse(readFileSync(nameOrFile, 'utf8')) : presets[nameOrFile];
  if (own === undefined) throw new RangeError(`unknown scene '${nameOrFile}'; known: ${Object.keys(presets).join(', ')}, or a .json file`);
  const name = nameOrFile.endsWith('.json') ? {} : { name: nameOrFile };
  return mergeSpec(mergeSpec(defaultSpec, name), own);
}

async function main() {
  const text = { type: /** @type {const} */ ('string') };
  const { values } = parseArgs({
    options: {
      scene: text,
      seed: { type: 'string', default: '1' },
      out: text,
      size: text,
      fps: text,
      duration: text,
      codec: text,
      bitrate: text,
      gop: text,
      set: { type: 'string', multiple: true, default: [] },
      quiet: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.scene === undefined || values.out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const spec = loadSpec(values.scene);
  if (values.size !== undefined) spec.size = values.size.split('x').map(Number);
  if (values.fps !== undefined) spec.fps = Number(values.fps);
  if (values.duration !== undefined) spec.durationS = Number(values.duration);
  for (const key of /** @type {const} */ (['codec', 'bitrate'])) if (values[key] !== undefined) spec.encode[key] = values[key];
  if (values.gop !== undefined) spec.encode.gop = Number(values.gop);
  for (const assignment of values.set) setPath(spec, assignment);
  const started = performance.now();
  await renderScene(spec, Number(values.seed), values.out, (done, total) => {
    if (!values.quiet && process.stderr.isTTY && done % 25 === 0) process.stderr.write(`\r${done}/${total} frames`);
  });
  if (!values.quiet) console.error(`${values.out}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(`render: ${error.message}`);
    process.exitCode = 1;
  });
}
