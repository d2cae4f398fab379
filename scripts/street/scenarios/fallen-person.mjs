import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { object } from '../things/objects.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, passersBy } from '../traffic.mjs';

const AFTER_S = 8;

function square(stage) {
  stage.zone('square', stretch(-8, 12, [-4.4, 0]));
  stage.rule({ type: 'fallen_person', zone: 'square', after: `${AFTER_S} s` });
}

/** Somebody walks, falls within most of a second, and lies. */
function falls(stage, { at, place = [2, -2.2], liesS = 300, headingDeg = 0, fallS = 0.8, height }) {
  const rng = stage.rng.fork(`falls ${at}`);
  const path = pathOf(
    at,
    [-16, place[1]],
    [
      { to: place, mps: 1.2 },
      { waitS: 1, headingDeg },
      { waitS: fallS, headingDeg, tilt: [0, 1] },
      { waitS: liesS, headingDeg, tilt: 1 },
    ],
  );
  const actor = stage.add(person(rng, height === undefined ? {} : { height }), path);
  const down = path.endOf(2);
  stage.incident({
    from: down,
    to: down + liesS < stage.durationS ? down + liesS : null,
    due: down + AFTER_S,
    object: actor,
    zone: 'square',
  });
}

/** Somebody does something else than fall, and goes on. */
function does(stage, { at, place = [2, -2.2], steps, look = {} }) {
  stage.add(
    person(stage.rng.fork(`does ${at}`), look),
    pathOf(at, [-16, place[1]], [{ to: place, mps: 1.3 }, ...steps, { to: [24, place[1]], mps: 1.3 }]),
  );
}

export const fallenPerson = [
  {
    name: 'along-day',
    positive: true,
    stage: { durationS: 80, camera: 'close' },
    write(stage) {
      square(stage);
      falls(stage, { at: 8 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'across-overcast',
    positive: true,
    stage: { durationS: 80, light: 'overcast', camera: 'close' },
    write(stage) {
      square(stage);
      falls(stage, { at: 10, place: [4, -2.6], headingDeg: 150, fallS: 1.4 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
  {
    name: 'slow-shaded',
    positive: true,
    stage: { durationS: 90, light: 'shaded', camera: 'close' },
    write(stage) {
      square(stage);
      falls(stage, { at: 6, headingDeg: 20, fallS: 2.4, place: [1, -1.8] });
      passersBy(stage, { perMinute: 3, d: [12.3, 14] });
    },
  },
  {
    name: 'night',
    positive: true,
    stage: { durationS: 80, light: 'night', camera: 'close' },
    write(stage) {
      square(stage);
      falls(stage, { at: 8, place: [5, -2.4] });
    },
  },
  {
    name: 'crouches-day',
    positive: false,
    stage: { durationS: 90, camera: 'close' },
    write(stage) {
      square(stage);
      does(stage, { at: 4, steps: [{ waitS: 25, headingDeg: 60, posture: 'crouch' }] });
      does(stage, { at: 44, place: [4, -1.5], steps: [{ waitS: 12, headingDeg: 200, posture: 'crouch' }] });
    },
  },
  {
    name: 'sits-overcast',
    positive: false,
    stage: { durationS: 90, light: 'overcast', camera: 'close' },
    write(stage) {
      square(stage);
      stage.add(object('bench', stage.rng), stays(3, -1.6, { headingDeg: 180 }));
      does(stage, { at: 5, place: [3, -1.95], steps: [{ waitS: 40, headingDeg: 270, posture: 'sit' }] });
    },
  },
  {
    name: 'child-and-dog-day',
    positive: false,
    stage: { durationS: 80, camera: 'close' },
    write(stage) {
      square(stage);
      does(stage, { at: 6, look: { height: 1.05 }, steps: [{ waitS: 15, headingDeg: 90 }] });
      stage.add(
        object('dog', stage.rng),
        pathOf(
          10,
          [-15, -3],
          [
            { to: [1.2, -3], mps: 1.3 },
            { waitS: 14, headingDeg: 20 },
            { to: [24, -3], mps: 1.3 },
          ],
        ),
      );
      passersBy(stage, { perMinute: 4, d: [-1.6, -0.8] });
    },
  },
];
