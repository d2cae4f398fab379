#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { scoreTracking } from '../../dist/core/scoring/tracking-score.js';
import { judgeStanding, sumStanding } from '../../dist/testing/street-tracks/judge-standing.js';
import { followed, followedBySort, sceneClip } from '../../dist/testing/street-tracks/judge-trackers.js';
import { labelledClip } from '../../dist/testing/street-tracks/labelled-clip.js';
import { trackScenes } from '../../dist/testing/street-tracks/scenes.js';
import { detectInClip } from './clip-detections.mjs';
import { figuresOf, readTable, standingRowOf, standingWorsenings, tableText, worsenings, writeTable } from './tracking-table.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const goldenFolder = here('../../test-fixtures/golden');
/** Beside the checkout: clips and models that are not ours to give away. */
export const sharedFolder = here('../../../shared/data');

const USAGE = `Judges the object tracker, and plain SORT beside it, on made scenes and on labelled clips; writes or checks the golden table.

  node scripts/street/tracking.mjs [--check] [--shared ../shared/data] [--golden test-fixtures/golden]

  --shared: folder with the clips of test-fixtures/street/tracks.json and models/yolox_nano.onnx; without it their rows stay as they are.
  --check: writes nothing; exit code 1 when a figure is worse than the kept row.`;

const SEEDS = [1, 2];
const SECONDS = 60;
/** The usual rate, at which every scene has a row of its own, and all rates, which have one for all scenes. */
const USUAL_FPS = 5;
const RATES = [1, 2, 5, 10];

/** @param {readonly number[]} rates pictures a second @returns {Record<string, import('./tracking-table.mjs').Row>} */
export function judgeScenes(rates = RATES) {
  const rows = {};
  for (const scene of trackScenes) {
    const clips = SEEDS.map((seed) => sceneClip(scene, seed, USUAL_FPS, SECONDS));
    rows[scene.name] = rowOf(`${scene.about}, ${USUAL_FPS} pictures a second`, clips);
  }
  for (const fps of rates) {
    const clips = trackScenes.flatMap((scene) => SEEDS.map((seed) => sceneClip(scene, seed, fps, SECONDS)));
    rows[`all at ${fps} a second`] = rowOf('', clips);
  }
  return rows;
}

/** @param {readonly import('../../src/testing/street-tracks/judge-trackers.js').JudgedClip[]} clips */
export function rowOf(about, clips) {
  const ours = scoreTracking(clips.map((clip) => followed(clip)));
  const sort = scoreTracking(clips.map(followedBySort));
  const pictures = clips.reduce((sum, clip) => sum + clip.pictures.length, 0);
  return { about, pictures, objects: ours.objects, ours: figuresOf(ours), sort: figuresOf(sort) };
}

/** @param {string} shared @param {(name: string) => boolean} wanted @returns {Promise<Record<string, import('./tracking-table.mjs').Row>>} */
export async function judgeClips(shared, wanted = () => true) {
  const { clips } = JSON.parse(readFileSync(here('../../test-fixtures/street/tracks.json'), 'utf8'));
  const rows = {};
  for (const labels of clips.filter(({ clip }) => wanted(clip))) {
    const [fromS, toS] = [labels.fromMs / 1000, labels.toMs / 1000];
    const model = join(shared, 'models/yolox_nano.onnx');
    const seen = await detectInClip({ clip: join(shared, labels.clip), model, everyS: 1 / USUAL_FPS, fromS, seconds: toS });
    const about = `seconds ${fromS} to ${toS}, ${USUAL_FPS} pictures a second`;
    rows[`clip ${labels.clip}`] = rowOf(about, [labelledClip(labels, seen)]);
  }
  return rows;
}

/** How well it is told since when things stand, over all scenes. @param {readonly number[]} rates pictures a second */
export function judgeStanders(rates = RATES) {
  return Object.fromEntries(
    rates.map((fps) => {
      const figures = trackScenes.flatMap((scene) => SEEDS.map((seed) => judgeStanding(scene, seed, fps, SECONDS)));
      return [`all at ${fps} a second`, standingRowOf(sumStanding(figures))];
    }),
  );
}

export const hasClips = (shared) => existsSync(join(shared, 'street')) && existsSync(join(shared, 'models/yolox_nano.onnx'));

async function main() {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      shared: { type: 'string', default: sharedFolder },
      golden: { type: 'string', default: goldenFolder },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.error(USAGE);
    return;
  }
  const table = readTable(values.golden);
  const rows = judgeScenes();
  if (hasClips(values.shared)) Object.assign(rows, await judgeClips(values.shared));
  else console.error(`SKIPPED: no clips and no models/yolox_nano.onnx in ${values.shared}; their rows are not measured`);
  const standing = judgeStanders();
  for (const line of [...worsenings(table, rows), ...standingWorsenings(table, standing)]) {
    console.error(`${values.check ? 'WORSE' : 'worse than kept'}: ${line}`);
    if (values.check) process.exitCode = 1;
  }
  if (!values.check) writeTable(values.golden, { rows: { ...table.rows, ...rows }, standing });
  process.stdout.write(tableText({ rows, standing }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main().catch((error) => {
    console.error(`tracking: ${error.message}`);
    process.exitCode = 1;
  });
}
