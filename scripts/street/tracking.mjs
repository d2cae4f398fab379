#!/usr/bin/env node
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { scoreTracking } from '../../dist/core/scoring/tracking-score.js';
import { followed, followedBySort, sceneClip } from '../../dist/testing/street-tracks/judge-trackers.js';
import { trackScenes } from '../../dist/testing/street-tracks/scenes.js';
import { figuresOf, readTable, tableText, worsenings, writeTable } from './tracking-table.mjs';

const goldenFolder = fileURLToPath(new URL('../../test-fixtures/golden', import.meta.url));

const USAGE = `Judges the object tracker, and plain SORT beside it, on made scenes; writes or checks the golden table.

  node scripts/street/tracking.mjs [--check] [--golden test-fixtures/golden]

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

function main() {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
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
  for (const line of worsenings(table, rows)) {
    console.error(`${values.check ? 'WORSE' : 'worse than kept'}: ${line}`);
    if (values.check) process.exitCode = 1;
  }
  if (!values.check) writeTable(values.golden, { rows: { ...table.rows, ...rows } });
  process.stdout.write(tableText({ rows }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
