#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { homographyFrom, mapPoint } from '../../dist/core/geometry/homography.js';
import { program } from './rig.mjs';

const USAGE = `How far the facade that \`parapet calibrate\` proposes lies from a rendered scene's true one.

  node scripts/measure/calibration.mjs SCENE…

  SCENE is a folder of scripts/scenes/render.mjs. Needs ffmpeg and a built program. One line a scene, as a Markdown table:
  floors proposed and in the picture, floor lines within 0.3 floors of a true one at five places across, the largest error of a side
  (parts of the facade's width) and of a corner (parts of the picture; only where the whole facade is in it).`;

const square = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];

function measure(scene, folder) {
  const name = basename(scene);
  const truth = JSON.parse(readFileSync(join(scene, 'truth.json'), 'utf8')).facade;
  const out = join(folder, name);
  const run = spawnSync(process.execPath, [program, 'calibrate', join(scene, 'video.mp4'), '--out', out], { encoding: 'utf8' });
  if (run.status !== 0) return `| ${name} | – | – | – | – | none: ${run.stderr.trim().split(': ').slice(-2).join(': ')} |`;
  const { facade } = parse(readFileSync(join(out, 'parapet.yaml'), 'utf8')).cameras[0];
  const count = facade.floors.last - facade.floors.first + 1;
  const floors = truth.floors.last - truth.floors.first + 1;
  const [ours, theirs] = [facade.corners, truth.corners].map((corners) => corners.map(([x, y]) => ({ x, y })));
  const place = homographyFrom(square, ours);
  const trueFloor = homographyFrom(theirs, square);
  const truePlace = homographyFrom(square, theirs);
  const inPicture = ({ x, y }) => x >= 0 && x <= 1 && y >= 0 && y <= 1;
  const seen = Array.from({ length: floors }, (_, k) => mapPoint(truePlace, { x: 0.5, y: (k + 0.5) / floors })).filter(inPicture).length;
  const offsets = [];
  for (let k = 0; k <= count; k++) {
    for (const x of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const at = mapPoint(place, { x, y: k / count });
      if (inPicture(at)) offsets.push(mapPoint(trueFloor, at).y * floors - k);
    }
  }
  offsets.sort((a, b) => a - b);
  const whole = Math.round(offsets[offsets.length >> 1]);
  const near = offsets.filter((offset) => Math.abs(offset - whole) <= 0.3).length / offsets.length;
  const sides = [0, 1].map((x) => Math.abs(mapPoint(trueFloor, mapPoint(place, { x, y: 0.5 })).x - x));
  const corner = theirs.every(inPicture) ? Math.max(...ours.map((p, i) => Math.hypot(p.x - theirs[i].x, p.y - theirs[i].y))) : null;
  const confidence = /confidence ([\d.]+)/.exec(run.stdout)?.[1];
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  return `| ${name} | ${count} of ${seen} | ${percent(near)} | ${percent(Math.max(...sides))} | ${corner === null ? 'cut off' : percent(corner)} | ${confidence} |`;
}

const scenes = process.argv.slice(2);
if (scenes.length === 0 || scenes[0].startsWith('-')) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-calibration-'));
  process.stdout.write('| scene | floors | lines within 0.3 | side | corner | confidence |\n|---|---|---|---|---|---|\n');
  for (const scene of scenes) process.stdout.write(`${measure(scene, folder)}\n`);
  rmSync(folder, { recursive: true });
}
