#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from './random.mjs';
import { renderAll } from './render-queue.mjs';
import { defaultSpec, mergeSpec } from './spec.mjs';

const USAGE = `Renders the sweep: things of one size and one contrast each, one after the other, fall before a plain wall. A clip holds every
size and contrast at about one speed in the picture; the truth says what each came to.

  node scripts/scenes/sweep.mjs --out DIR [--jobs 2] [--seed 1] [--shutters 25/0.002,15/0.01,12.5/0.02]

  --shutters: pictures a second / exposure in seconds
  Example: node scripts/scenes/sweep.mjs --out /tmp/scenes/sweep --jobs 2`;

/** Sizes in pixels and contrasts in grey levels that everything is measured at. */
const SIZES_PX = [2, 3, 4, 6, 9, 15];
const CONTRASTS = [8, 12, 17, 25, 40, 60, 80];

/**
 * How fast things cross the picture: by how much of the tower is in view, and by how far above or inside the view they are let
 * go. `speedPx` is about the median in pixels a picture at 25 a second.
 */
const VIEWS = [
  { speedPx: 2, size: [640, 720], storeys: [0, 29], floor: 3 },
  { speedPx: 5, size: [640, 720], storeys: [0, 29], floor: 14 },
  { speedPx: 10, size: [640, 720], storeys: [0, 13], floor: 13 },
  { speedPx: 20, size: [640, 720], storeys: [4, 11], floor: 14 },
  { speedPx: 40, size: [640, 720], storeys: [4, 9], floor: 17 },
  { speedPx: 80, size: [640, 1440], storeys: [4, 11], floor: 27 },
  { speedPx: 120, size: [640, 1440], storeys: [4, 8], floor: 24 },
];

/** Room for the slowest to land before the next, seconds. */
const GAP_S = 3;
const FLOOR_M = 3;
const FLOORS = 40;

function sweepSpec(view, fps, exposureS, rng) {
  const [width, height] = view.size;
  const count = SIZES_PX.length * CONTRASTS.length;
  const shuffled = (items) =>
    items
      .map((item) => ({ item, at: rng.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  // Each falls in a lane of its own: the same place again and again is a drip.
  const lanes = shuffled(Array.from({ length: count }, (_, i) => (i + 0.5) / count));
  const asked = shuffled(SIZES_PX.flatMap((sizePx) => CONTRASTS.map((contrast) => ({ sizePx, contrast }))));
  const shownM = (view.storeys[1] - view.storeys[0] + 1) * FLOOR_M;
  const units = 4;
  const spec = mergeSpec(defaultSpec, {
    name: `sweep-${String(view.speedPx).padStart(3, '0')}px-${fps}fps`,
    tags: [`${view.speedPx}px`, `${fps}fps`, 'sweep'],
    size: view.size,
    fps,
    durationS: 4 + count * GAP_S,
    light: 'overcast',
    // From far away, at the height of the middle of the view: the scale is nearly the same from top to bottom.
    camera: {
      distanceM: 220,
      heightM: ((view.storeys[0] + view.storeys[1] + 1) / 2) * FLOOR_M,
      lateralM: 0,
      rollDeg: 0,
      cover: view.storeys,
      marginTop: 0.01,
      marginBottom: 0.01,
      marginSide: 0.01,
      k1: 0,
      k2: 0,
      exposureS,
      readoutS: 0,
      vignette: 0,
    },
    building: {
      floors: FLOORS,
      floorHeightM: FLOOR_M,
      widthM: (0.97 * shownM * width) / height,
      units: Array.from({ length: units }, (_, i) => String(i + 1)),
      style: 'plain-wall',
    },
    surroundings: { neighbours: 0, trees: [] },
    wind: { meanMps: 0, gustMps: 0 },
    encode: { bitrate: '3M', gop: Math.round(2 * fps), preset: 'superfast' },
    calibrationError: 0.0005,
  });
  spec.throws.probes = asked.map(({ sizePx, contrast }, i) => {
    const lane = lanes[i] * units;
    return {
      atS: 3 + i * GAP_S,
      floor: view.floor,
      unit: Math.floor(lane),
      across: lane - Math.floor(lane),
      sizePx,
      contrast: rng.chance(0.5) ? contrast : -contrast,
    };
  });
  return spec;
}

async function main() {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      shutters: { type: 'string', default: '25/0.002,15/0.01,12.5/0.02' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { out, seed } = values;
  if (values.help || out === undefined) {
    console.error(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const clips = values.shutters.split(',').flatMap((shutter) => {
    const [fps, exposureS] = shutter.split('/').map(Number);
    if (!(fps > 0) || !(exposureS > 0)) throw new Error(`--shutters wants pictures a second / seconds, such as 25/0.002, not '${shutter}'`);
    return VIEWS.map((view) => {
      const spec = sweepSpec(view, fps, exposureS, createRandom(`sweep/${seed}/${view.speedPx}/${fps}`));
      return { spec, seed, dir: join(out, spec.name) };
    });
  });
  mkdirSync(out, { recursive: true });
  const failed = await renderAll(clips, Number(values.jobs));
  if (failed > 0) throw new Error(`${failed} of ${clips.length} clips failed`);
}

main().catch((error) => {
  console.error(`sweep: ${error.message}`);
  process.exitCode = 1;
});
