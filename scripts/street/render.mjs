#!/usr/bin/env node
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createEncoder } from '../scenes/encoder.mjs';
import { configOf } from './config.mjs';
import { findScenario, scenarioNames, stageOf } from './scenarios/index.mjs';
import { createScene } from './scene.mjs';
import { createTruth, isSeen } from './truth.mjs';

const USAGE = `Renders a street scene: DIR/video.mp4, DIR/detections.jsonl, DIR/parapet.yaml, DIR/truth.json.

  node scripts/street/render.mjs --scene NAME --out DIR [--seed 1] [--duration SECONDS] [--size 640x360]
  node scripts/street/render.mjs --list

  Example: node scripts/street/render.mjs --scene illegal_parking-car-day --out /tmp/street/parked`;

/**
 * Renders one scene into a folder.
 *
 * @param {ReturnType<import('./stage.mjs').createStage>} stage
 * @param {string} outDir made when it is not there
 * @returns {Promise<object>} the truth
 */
export async function renderStage(stage, outDir) {
  mkdirSync(outDir, { recursive: true });
  const video = join(outDir, 'video.mp4');
  const scene = createScene(stage);
  const truth = createTruth(stage);
  const encoder = createEncoder({
    ...{ width: stage.width, height: stage.height, fps: stage.fps, dropped: [], rotated: false, path: video },
    ...{ codec: 'h264', bitrate: stage.bitrate, gop: stage.fps * 4, preset: 'superfast' },
  });
  const detections = createWriteStream(join(outDir, 'detections.jsonl'));
  for (const { t, picture, boxes } of scene.frames()) {
    await encoder.write(picture);
    truth.add(t, boxes);
    const told = boxes.map(({ ground: _ground, ...seen }) => seen);
    const line = { t: Math.round(t * 1000) / 1000, detections: told.filter(isSeen), hidden: told.filter((seen) => !isSeen(seen)) };
    detections.write(`${JSON.stringify(line)}\n`);
  }
  await encoder.finish();
  await new Promise((done) => detections.end(done));
  const whole = truth.finish();
  writeFileSync(join(outDir, 'parapet.yaml'), configOf(whole, resolve(video)));
  writeFileSync(join(outDir, 'truth.json'), `${JSON.stringify(whole)}\n`); // last: it says that the clip is whole
  return whole;
}

async function main() {
  const { values } = parseArgs({
    options: {
      scene: { type: 'string' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      duration: { type: 'string' },
      size: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.list) {
    console.log(scenarioNames().join('\n'));
    return;
  }
  if (values.help || values.scene === undefined || values.out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const begun = performance.now();
  const over = {
    ...(values.duration === undefined ? {} : { durationS: Number(values.duration) }),
    ...(values.size === undefined ? {} : { size: values.size.split('x').map(Number) }),
  };
  const truth = await renderStage(stageOf(findScenario(values.scene), Number(values.seed), over), values.out);
  console.error(`${values.out}: ${truth.video.frames} pictures, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(`render: ${error.message}`);
    process.exitCode = 1;
  });
}
