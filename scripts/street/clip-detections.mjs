#!/usr/bin/env node
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startDetectorProcess } from '../../dist/detectors/detector-process.js';
import { samplePictures } from '../../dist/media/sample-pictures.js';

const USAGE = `What a model finds in a clip, picture by picture: one JSON file a clip.

  node scripts/street/clip-detections.mjs CLIP... --model FILE [--every 0.2] [--seconds 60] [--out DIR]

  --every: seconds between two pictures, at least.  --out: default /tmp/parapet-detections
  Example: node scripts/street/clip-detections.mjs ../shared/data/street/road_a.mp4 --model ../shared/data/models/yolox_nano.onnx`;

/** Least score that is kept: a tracker uses weak ones too. */
const LEAST = 0.1;

/**
 * @typedef {{ptsMs: number, detections: import('../../src/core/detection/detection.js').Detection[]}} SeenPicture
 * @param {{clip: string, model: string, everyS: number, fromS?: number, seconds: number}} p the clip's seconds from `fromS` to `seconds`
 * @returns {Promise<SeenPicture[]>} boxes rounded to 1e-4 of the picture, scores to 0.001
 */
export async function detectInClip({ clip, model, everyS, fromS = 0, seconds }) {
  const models = startDetectorProcess(model);
  try {
    const request = { engine: { file: model, providers: ['cpu'], threads: 1 }, model: { labels: 'coco80', family: null, input: null } };
    await models.open('the model', request);
    const asked = [];
    const sample = { input: { kind: 'file', path: clip }, everyS, count: Math.ceil(seconds / everyS) + 1 };
    await samplePictures(sample, ({ width, height, data, atS }) => {
      if (atS < fromS || atS > seconds) return;
      const picture = { width, height, format: 'rgb24', data: Uint8Array.from(data) };
      const answer = models.detect('the model', picture, { least: LEAST, tiles: null });
      asked.push(answer.then(({ detections }) => ({ ptsMs: Math.round(1000 * atS), detections: detections.map(rounded) })));
    });
    return await Promise.all(asked);
  } finally {
    await models[Symbol.asyncDispose]();
  }
}

const round = (value, unit) => Math.round(value / unit) * unit;
const rounded = ({ label, score, box }) => ({
  label,
  score: Number(score.toFixed(3)),
  box: Object.fromEntries(Object.entries(box).map(([edge, at]) => [edge, Number(round(at, 1e-4).toFixed(4))])),
});

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      every: { type: 'string', default: '0.2' },
      seconds: { type: 'string', default: '60' },
      out: { type: 'string', default: '/tmp/parapet-detections' },
    },
  });
  if (positionals.length === 0 || values.model === undefined) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  mkdirSync(values.out, { recursive: true });
  for (const clip of positionals) {
    const seen = await detectInClip({ clip, model: values.model, everyS: Number(values.every), seconds: Number(values.seconds) });
    const file = join(values.out, `${basename(clip)}.json`);
    writeFileSync(file, JSON.stringify(seen));
    console.error(`${file}: ${seen.length} pictures`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(`clip-detections: ${error.message}`);
    process.exitCode = 1;
  });
}
