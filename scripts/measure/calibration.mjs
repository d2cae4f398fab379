#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { homographyFrom, mapPoint } from '../../dist/core/geometry/homography.js';
import { placeCamera } from '../scenes/scene.mjs';
import { program } from './rig.mjs';

const USAGE = `How far the facade that \`parapet calibrate\` proposes lies from a rendered scene's true one.

  node scripts/measure/calibration.mjs SCENE…

  SCENE is a folder of scripts/scenes/render.mjs. Needs ffmpeg and a built program. One line a scene, as a Markdown table:
  floors proposed and in the picture, floor lines within 0.3 floors of a true one at five places across, and how far the worse side
  lies off, in the middle of its length (parts of the facade's width). Where a place of the picture lies on the facade is asked of the
  scene's camera, lens included: four corners that lie outside the picture do not say it.`;

const square = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];

/** Where places of the picture (0..1) lie on the scene's facade: x from 0 to 1 across, floors counted downward from the roof. */
function trueFacade(scene) {
  const spec = JSON.parse(readFileSync(join(scene, 'scene.json'), 'utf8'));
  const [width, height] = spec.size;
  const { floors, floorHeightM, widthM } = spec.building;
  const camera = placeCamera(spec, width, height);
  const [ox, oy, oz] = camera.position;
  const ray = new Float64Array(3);
  return {
    floors,
    facadeAt({ x, y }) {
      camera.ray(x * width, y * height, ray);
      const far = -oz / ray[2];
      return { x: (ox + far * ray[0]) / widthM + 0.5, floor: floors - (oy + far * ray[1]) / floorHeightM };
    },
    pictureAt(floor) {
      const p = camera.project(0, (floors - floor) * floorHeightM, 0);
      return { x: p.x / width, y: p.y / height };
    },
  };
}

function middleOf(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function measure(scene, folder) {
  const name = basename(scene);
  const out = join(folder, name);
  const run = spawnSync(process.execPath, [program, 'calibrate', join(scene, 'video.mp4'), '--out', out], { encoding: 'utf8' });
  if (run.status !== 0) return `| ${name} | – | – | – | none: ${run.stderr.trim().split(': ').slice(-2).join(': ')} |`;
  const { facade } = parse(readFileSync(join(out, 'parapet.yaml'), 'utf8')).cameras[0];
  const count = facade.floors.last - facade.floors.first + 1;
  const truth = trueFacade(scene);
  const place = homographyFrom(
    square,
    facade.corners.map(([x, y]) => ({ x, y })),
  );
  const inPicture = ({ x, y }) => x >= 0 && x <= 1 && y >= 0 && y <= 1;
  const seen = Array.from({ length: truth.floors }, (_, k) => truth.pictureAt(k + 0.5)).filter(inPicture).length;
  const offsets = [];
  for (let k = 0; k <= count; k++) {
    for (const x of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const at = mapPoint(place, { x, y: k / count });
      if (inPicture(at)) offsets.push(truth.facadeAt(at).floor - k);
    }
  }
  const whole = Math.round(middleOf(offsets));
  const near = offsets.filter((offset) => Math.abs(offset - whole) <= 0.3).length / offsets.length;
  const sides = [0, 1].map((x) => {
    const along = Array.from({ length: 41 }, (_, i) => mapPoint(place, { x, y: i / 40 })).filter(({ y }) => y >= 0 && y <= 1);
    return Math.abs(middleOf(along.map((at) => truth.facadeAt(at).x - x)));
  });
  const confidence = /confidence ([\d.]+)/.exec(run.stdout)?.[1];
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  return `| ${name} | ${count} of ${seen} | ${percent(near)} | ${percent(Math.max(...sides))} | ${confidence} |`;
}

const scenes = process.argv.slice(2);
if (scenes.length === 0 || scenes[0].startsWith('-')) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-calibration-'));
  process.stdout.write('| scene | floors | lines within 0.3 | side | confidence |\n|---|---|---|---|---|\n');
  for (const scene of scenes) process.stdout.write(`${measure(scene, folder)}\n`);
  rmSync(folder, { recursive: true });
}
