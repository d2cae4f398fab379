import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { cycle, person } from '../things/people.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { laneTraffic, REACH } from '../traffic.mjs';
import { timesInside } from './common.mjs';

const ends = [-9, 22];

/** Narrower than the lane: the feet of buses in the other one stand right behind the line between them, as cameras see it. */
function oneWay(stage, d = [2.3, 4.8]) {
  stage.zone('lane', stretch(ends[0], ends[1], d));
  stage.rule({ type: 'wrong_way', zone: 'lane', flow: stage.arrow([-2, d[0] + 1.5], [6, d[0] + 1.5]) });
}

/** Drives against the flow: in the near lane from right to left. */
function against(stage, thing, { at, mps = 8, d = laneMiddle.near, from = REACH.to }) {
  const path = pathOf(at, [from, d], [{ to: [REACH.from, d], mps }]);
  const actor = stage.add(thing, path);
  const [t1, t2] = timesInside(path, (s) => s >= ends[0] && s <= ends[1]);
  stage.incident({ from: t1, to: t2, object: actor, zone: 'lane' });
}

export const wrongWay = [
  {
    name: 'car-day',
    positive: true,
    stage: { durationS: 80 },
    write(stage) {
      oneWay(stage);
      laneTraffic(stage, { lane: 'near', perMinute: 14, to: 18 });
      against(stage, vehicle('car', stage.rng), { at: 28 });
      laneTraffic(stage, { lane: 'near', perMinute: 14, from: 48 });
      laneTraffic(stage, { lane: 'far', perMinute: 12 });
    },
  },
  {
    name: 'motorcycle-strip-overcast',
    positive: true,
    stage: { durationS: 80, light: 'overcast', camera: 'oblique' },
    write(stage) {
      oneWay(stage, [-0.4, 2.4]);
      against(stage, cycle('motorcycle', stage.rng), { at: 10, mps: 7, d: laneMiddle.strip });
      for (const at of [0, 40])
        stage.add(
          cycle('bicycle', stage.rng.fork(`${at}`)),
          pathOf(at, [REACH.from, laneMiddle.strip], [{ to: [REACH.to, laneMiddle.strip], mps: 4.5 }]),
        );
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'van-night',
    positive: true,
    stage: { durationS: 70, light: 'night' },
    write(stage) {
      oneWay(stage);
      laneTraffic(stage, { lane: 'near', perMinute: 6, to: 12 });
      against(stage, vehicle('van', stage.rng), { at: 24, mps: 7 });
      laneTraffic(stage, { lane: 'far', perMinute: 6 });
    },
  },
  {
    name: 'traffic-day',
    positive: false,
    stage: { durationS: 110 },
    write(stage) {
      oneWay(stage);
      laneTraffic(stage, { lane: 'near', perMinute: 22 });
      laneTraffic(stage, { lane: 'far', perMinute: 22 });
    },
  },
  {
    name: 'reverses-to-park-overcast',
    positive: false,
    stage: { durationS: 80, light: 'overcast' },
    write(stage) {
      oneWay(stage, [-0.4, 4.8]);
      const d = laneMiddle.near;
      const path = pathOf(
        5,
        [REACH.from, d],
        [
          { to: [9, d], mps: 8, endMps: 1 },
          { waitS: 2, headingDeg: 0 },
          { to: [5.5, 2.4], mps: 1, headingDeg: 16 },
          { to: [3, laneMiddle.strip], mps: 1, endMps: 0.4, headingDeg: 3 },
          { waitS: 60, headingDeg: 0 },
        ],
      );
      stage.add(vehicle('car', stage.rng), path);
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'u-turn-day',
    positive: false,
    stage: { durationS: 80, camera: 'oblique' },
    write(stage) {
      oneWay(stage);
      const [near, far] = [laneMiddle.near, laneMiddle.far];
      const turn = [];
      // From the lane across the middle into the other one, within which it goes back.
      for (let k = 1; k <= 8; k++)
        turn.push({ to: [6 + 3.2 * Math.sin((Math.PI * k) / 8), near + ((far - near) * (1 - Math.cos((Math.PI * k) / 8))) / 2], mps: 3.5 });
      for (const at of [4, 42])
        stage.add(
          vehicle('car', stage.rng.fork(`${at}`)),
          pathOf(at, [REACH.from, near], [{ to: [6, near], mps: 7, endMps: 3.5 }, ...turn, { to: [REACH.from, far], mps: 6 }]),
        );
    },
  },
  {
    name: 'walker-beside-day',
    positive: false,
    stage: { durationS: 80 },
    write(stage) {
      oneWay(stage);
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
      for (const at of [3, 25]) stage.add(person(stage.rng.fork(`${at}`)), pathOf(at, [30, -1], [{ to: [-28, -1], mps: 1.5 }]));
    },
  },
];
