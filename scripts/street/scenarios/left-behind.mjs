import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { object } from '../things/objects.mjs';
import { person } from '../things/people.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { laneTraffic, passersBy, REACH } from '../traffic.mjs';

const AFTER_S = 15;

function dumpRule(stage, type = 'illegal_dumping') {
  stage.zone('verge', stretch(-8, 12, [-4.4, 0.2]));
  stage.rule({ type, zone: 'verge', after: `${AFTER_S} s` });
}

/** A van stops at the kerb, its driver carries something to the pavement (or only looks), gets in again, and it drives off. */
function vanStops(stage, { at, kind = 'rubbish', place = [1, -1.6], leaves = true, takesAlong = false, vehicleKind = 'van' }) {
  const rng = stage.rng.fork(`van ${at}`);
  const path = pathOf(
    at,
    [REACH.from, laneMiddle.near],
    [
      { to: [-16, laneMiddle.near], mps: 8 },
      { to: [-6, laneMiddle.strip + 0.2], mps: 8, endMps: 3 },
      { to: [-2, laneMiddle.strip], mps: 3, endMps: 0.7 },
      { waitS: takesAlong ? 30 : 20, headingDeg: 0 },
      { to: [10, laneMiddle.near], mps: 0.5, endMps: 6 },
      { to: [REACH.to, laneMiddle.near], mps: 7 },
    ],
  );
  stage.add(vehicle(vehicleKind, rng), path);
  const stopped = path.endOf(2);
  const [s, d] = place;
  const walk = pathOf(
    stopped + 2,
    [-1, -0.2],
    [
      { to: [s - 0.9, d], mps: 1 },
      { waitS: 3, headingDeg: 0, posture: 'crouch' },
      ...(takesAlong
        ? [
            { waitS: 10, headingDeg: 90 },
            { waitS: 2, headingDeg: 0, posture: 'crouch' },
          ]
        : []),
      { to: [-1, -0.2], mps: 1.1 },
    ],
  );
  stage.add(person(rng), walk);
  const put = walk.endOf(1) - 1;
  if (!leaves) return;
  const until = takesAlong ? walk.endOf(3) - 1 : stage.durationS + 60;
  const thing = stage.add(object(kind, rng), pathOf(put, place, [{ waitS: until - put, headingDeg: rng.range(-25, 25) }]));
  if (!takesAlong)
    stage.incident({
      from: put,
      to: null,
      due: path.endOf(3) + 4 + AFTER_S,
      owner_gone: path.endOf(3) + 4,
      object: thing,
      zone: 'verge',
      by: vehicleKind,
    });
}

/** Somebody drops something (crouching to put it down, or in passing) and goes on. */
function drops(stage, { at, kind, place = [2, -2.2], crouchS = 2, mps = 1.4, takesAlong = false }) {
  const rng = stage.rng.fork(`drops ${at}`);
  const path = pathOf(
    at,
    [-16, place[1] - 0.3],
    [
      { to: [place[0] - 0.7, place[1] - 0.3], mps },
      { waitS: crouchS, headingDeg: 0, posture: 'crouch' },
      ...(takesAlong
        ? [
            { waitS: 5, headingDeg: 90 },
            { waitS: 1, headingDeg: 0, posture: 'crouch' },
          ]
        : []),
      { to: [24, place[1] - 0.8], mps },
    ],
  );
  stage.add(person(rng), path);
  const put = path.endOf(0) + crouchS * 0.5;
  const until = takesAlong ? path.endOf(3) - 0.4 : stage.durationS + 60;
  const thing = stage.add(object(kind, rng), pathOf(put, place, [{ waitS: until - put, headingDeg: rng.range(-30, 30) }]));
  const gone = path.endOf(1) + 4;
  if (!takesAlong)
    stage.incident({ from: put, to: null, due: gone + AFTER_S, owner_gone: gone, object: thing, zone: 'verge', by: 'person' });
}

export const illegalDumping = [
  {
    name: 'van-day',
    positive: true,
    stage: { durationS: 110 },
    write(stage) {
      dumpRule(stage);
      vanStops(stage, { at: 5 });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'sofa-overcast',
    positive: true,
    stage: { durationS: 110, light: 'overcast', camera: 'close' },
    write(stage) {
      dumpRule(stage);
      vanStops(stage, { at: 6, kind: 'furniture', place: [2.5, -2] });
      passersBy(stage, { perMinute: 6, d: [12.3, 14] });
    },
  },
  {
    name: 'person-day',
    positive: true,
    stage: { durationS: 90, camera: 'close' },
    write(stage) {
      dumpRule(stage);
      drops(stage, { at: 8, kind: 'rubbish', crouchS: 4 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'van-night',
    positive: true,
    stage: { durationS: 110, light: 'night' },
    write(stage) {
      dumpRule(stage);
      vanStops(stage, { at: 6 });
    },
  },
  {
    name: 'van-only-stops-day',
    positive: false,
    stage: { durationS: 100 },
    write(stage) {
      dumpRule(stage);
      vanStops(stage, { at: 5, leaves: false });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'takes-along-overcast',
    positive: false,
    stage: { durationS: 110, light: 'overcast', camera: 'close' },
    write(stage) {
      dumpRule(stage);
      vanStops(stage, { at: 5, kind: 'box', takesAlong: true });
    },
  },
  {
    name: 'passers-and-shadows-day',
    positive: false,
    stage: {
      durationS: 110,
      camera: 'close',
      trees: [
        [2, -5],
        [10, 12.6],
      ],
      wind: 0.6,
    },
    write(stage) {
      dumpRule(stage);
      passersBy(stage, { perMinute: 8 });
      stage.effect('cloud', { strength: 0.8, speedMps: 2 });
    },
  },
];

export const litter = [
  {
    name: 'bag-day',
    positive: true,
    stage: { durationS: 80, camera: 'close' },
    write(stage) {
      dumpRule(stage, 'litter');
      drops(stage, { at: 6, kind: 'litter', crouchS: 1 });
    },
  },
  {
    name: 'bag-overcast',
    positive: true,
    stage: { durationS: 90, light: 'overcast', camera: 'close' },
    write(stage) {
      dumpRule(stage, 'litter');
      drops(stage, { at: 10, kind: 'litter', crouchS: 1, place: [4, -1.4] });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'box-shaded',
    positive: true,
    stage: { durationS: 90, light: 'shaded', camera: 'close' },
    write(stage) {
      dumpRule(stage, 'litter');
      drops(stage, { at: 6, kind: 'box', crouchS: 1.5 });
      passersBy(stage, { perMinute: 5, d: [12.2, 14] });
    },
  },
  {
    name: 'takes-along-day',
    positive: false,
    stage: { durationS: 80, camera: 'close' },
    write(stage) {
      dumpRule(stage, 'litter');
      drops(stage, { at: 6, kind: 'litter', takesAlong: true });
    },
  },
  {
    name: 'ties-shoes-overcast',
    positive: false,
    stage: { durationS: 80, light: 'overcast', camera: 'close' },
    write(stage) {
      dumpRule(stage, 'litter');
      for (const at of [4, 34])
        stage.add(
          person(stage.rng.fork(`${at}`)),
          pathOf(
            at,
            [-16, -2],
            [
              { to: [1, -2], mps: 1.4 },
              { waitS: 7, headingDeg: 0, posture: 'crouch' },
              { to: [24, -2], mps: 1.4 },
            ],
          ),
        );
    },
  },
  {
    name: 'passers-by-day',
    positive: false,
    stage: { durationS: 100, camera: 'close' },
    write(stage) {
      dumpRule(stage, 'litter');
      passersBy(stage, { perMinute: 10 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
];
