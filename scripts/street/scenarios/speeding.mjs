import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { cycle } from '../things/people.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { REACH } from '../traffic.mjs';
import { timesInside } from './common.mjs';

const LIMIT_KMH = 50;

function limit(stage) {
  stage.zone('carriageway', stretch(-8, 20, [2.3, 8.9]));
  stage.rule({ type: 'speeding', zone: 'carriageway', limit_kmh: LIMIT_KMH });
}

/** One after another in the near lane, each at its own speed, far enough apart that none catches up. */
function drivers(stage, list) {
  for (const { at, kmh, kind = 'car', lane = 'near' } of list) {
    const rng = stage.rng.fork(`driver ${at}`);
    const thing = kind === 'motorcycle' ? cycle(kind, rng) : vehicle(kind, rng);
    const ends = lane === 'near' ? [REACH.from, REACH.to] : [REACH.to, REACH.from];
    const path = pathOf(at, [ends[0], laneMiddle[lane]], [{ to: [ends[1], laneMiddle[lane]], mps: kmh / 3.6 }]);
    const actor = stage.add(thing, path);
    if (kmh <= LIMIT_KMH) continue;
    const [from, to] = timesInside(path, (s) => s >= -8 && s <= 20, 0.02);
    stage.incident({ from, to, object: actor, zone: 'carriageway', speed_kmh: kmh });
  }
}

export const speeding = [
  {
    name: 'car-day',
    positive: true,
    stage: { durationS: 80, camera: 'oblique' },
    write(stage) {
      limit(stage);
      drivers(stage, [
        { at: 2, kmh: 42 },
        { at: 14, kmh: 78 },
        { at: 28, kmh: 38 },
        { at: 44, kmh: 70 },
        { at: 58, kmh: 45 },
      ]);
    },
  },
  {
    name: 'both-ways-overcast',
    positive: true,
    stage: { durationS: 80, light: 'overcast' },
    write(stage) {
      limit(stage);
      drivers(stage, [
        { at: 3, kmh: 66 },
        { at: 16, kmh: 40, lane: 'far' },
        { at: 30, kmh: 72, lane: 'far' },
        { at: 45, kmh: 43 },
        { at: 60, kmh: 64, kind: 'van' },
      ]);
    },
  },
  {
    name: 'motorcycle-night',
    positive: true,
    stage: { durationS: 70, light: 'night', camera: 'oblique' },
    write(stage) {
      limit(stage);
      drivers(stage, [
        { at: 4, kmh: 36 },
        { at: 20, kmh: 75, kind: 'motorcycle' },
        { at: 42, kmh: 80 },
      ]);
    },
  },
  ['within-limit-day', 'day', 'oblique', [40, 44, 36, 42, 38, 45]],
  ['within-limit-overcast', 'overcast', 'across', [45, 41, 38, 44, 30, 42]],
  ['within-limit-night', 'night', 'oblique', [38, 42, 35, 40, 44, 36]],
].map((item) => {
  if (!Array.isArray(item)) return item;
  const [name, light, camera, speeds] = item;
  return {
    name,
    positive: false,
    stage: { durationS: 90, light, camera },
    write(stage) {
      limit(stage);
      drivers(
        stage,
        speeds.map((kmh, i) => ({ at: 2 + 14 * i, kmh, kind: i === 4 ? 'bus' : 'car' })),
      );
      drivers(
        stage,
        speeds.map((kmh, i) => ({ at: 7 + 14 * i, kmh, lane: 'far' })),
      );
    },
  };
});
