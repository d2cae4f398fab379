import { pathOf, stays } from '../paths.mjs';
import { object } from '../things/objects.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, passersBy } from '../traffic.mjs';
import { pullsIn } from './common.mjs';

const AFTER_S = 10;

/** Something that must stay, watched; `goneS`: when it is taken away. */
function watched(stage, kind, place, { headingDeg = 0, goneS = Infinity } = {}) {
  const path = stays(place[0], place[1], { headingDeg, to: goneS });
  const thing = stage.add(object(kind, stage.rng.fork(kind)), path);
  stage.watch(kind, thing);
  stage.rule({ type: 'removed_object', watch: [kind], after: `${AFTER_S} s` });
  return thing;
}

/** Somebody comes, bends over it, and leaves: when he straightens up it is gone. */
function takes(stage, [s, d], { at, from = -16, to = -18 }) {
  const path = pathOf(
    at,
    [from, d - 0.8],
    [
      { to: [s - 0.75, d - 0.15], mps: 1.3 },
      { waitS: 4, headingDeg: 0, posture: 'crouch' },
      { to: [to, d - 1], mps: 1.2 },
    ],
  );
  stage.add(person(stage.rng.fork(`takes ${at}`)), path);
  return { gone: path.endOf(1) - 0.5, clear: path.endOf(1) + 2 };
}

function taken(stage, kind, place, { at, headingDeg = 0, ...way }) {
  const { gone, clear } = takes(stage, place, { at, ...way });
  const thing = watched(stage, kind, place, { goneS: gone, headingDeg });
  if (kind === 'cover') stage.add(object('hole', stage.rng), stays(place[0], place[1], { from: gone }));
  stage.incident({ from: gone, to: null, due: clear + AFTER_S, object: thing, zone: kind });
}

export const removedObject = [
  {
    name: 'cover-day',
    positive: true,
    stage: { durationS: 90, camera: 'close', look: { covers: [] } },
    write(stage) {
      taken(stage, 'cover', [3, -1.6], { at: 14 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'sign-overcast',
    positive: true,
    stage: { durationS: 90, light: 'overcast', camera: 'close' },
    write(stage) {
      taken(stage, 'sign', [2.5, -1], { at: 12 });
      passersBy(stage, { perMinute: 6, d: [-3.8, -2.4] });
    },
  },
  {
    name: 'extinguisher-shaded',
    positive: true,
    stage: { durationS: 90, light: 'shaded', camera: 'close' },
    write(stage) {
      taken(stage, 'extinguisher', [4, -3], { at: 15 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
  {
    name: 'cover-night',
    positive: true,
    stage: { durationS: 90, light: 'night', camera: 'close', look: { covers: [] } },
    write(stage) {
      taken(stage, 'cover', [4, -1.8], { at: 12 });
    },
  },
  {
    name: 'person-stands-before-day',
    positive: false,
    stage: { durationS: 100, camera: 'close' },
    write(stage) {
      watched(stage, 'extinguisher', [3, -1.4]);
      stage.add(
        person(stage.rng.fork('stands')),
        pathOf(
          6,
          [-16, -2.2],
          [
            { to: [3, -2.2], mps: 1.3 },
            { waitS: 35, headingDeg: 270 },
            { to: [22, -2.2], mps: 1.4 },
          ],
        ),
      );
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'bends-over-overcast',
    positive: false,
    stage: { durationS: 80, light: 'overcast', camera: 'close', look: { covers: [] } },
    write(stage) {
      watched(stage, 'cover', [3, -1.6]);
      takes(stage, [3, -1.6], { at: 8 });
      passersBy(stage, { perMinute: 8 });
    },
  },
  {
    name: 'bus-stops-before-day',
    positive: false,
    stage: { durationS: 110, camera: 'close' },
    write(stage) {
      // On the far pavement, and a bus in the strip between it and the camera.
      watched(stage, 'extinguisher', [3, 11.7]);
      pullsIn(stage, { at: 8, standS: 45, s: 4, kind: 'bus' });
    },
  },
  {
    name: 'cloud-shadow-day',
    positive: false,
    stage: { durationS: 100, camera: 'close', look: { covers: [] }, trees: [[3.5, -4.6]], wind: 0.6 },
    write(stage) {
      watched(stage, 'cover', [3, -1.6]);
      stage.effect('cloud', { strength: 0.85, speedMps: 2, sizeM: 16 });
    },
  },
];
