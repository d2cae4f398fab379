import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { laneTraffic, passersBy, REACH } from '../traffic.mjs';
import { pullsIn, vehicles, within } from './common.mjs';

/** How long a vehicle may stand, in these scenes. */
const AFTER_S = 20;

function noParking(stage, after = AFTER_S) {
  stage.zone('no-parking', stretch(-7, 14, [-0.3, 2.6]));
  stage.rule({ type: 'illegal_parking', zone: 'no-parking', after: `${after} s`, labels: vehicles });
}

function parks(stage, { counts = true, ...where }) {
  const { actor, standsFrom, standsTo } = pullsIn(stage, where);
  if (counts)
    stage.incident({ from: standsFrom, to: within(stage, standsTo), due: standsFrom + AFTER_S, object: actor, zone: 'no-parking' });
}

export const illegalParking = [
  {
    name: 'car-day',
    positive: true,
    stage: { durationS: 110 },
    write(stage) {
      noParking(stage);
      parks(stage, { at: 6, standS: 60 });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
      passersBy(stage, { perMinute: 6 });
    },
  },
  {
    name: 'two-vehicles-overcast',
    positive: true,
    stage: { durationS: 150, light: 'overcast', camera: 'oblique' },
    write(stage) {
      noParking(stage);
      parks(stage, { at: 5, standS: 200, s: 9 });
      parks(stage, { at: 30, standS: 70, s: 1, kind: 'van' });
      laneTraffic(stage, { lane: 'far', perMinute: 12 });
    },
  },
  {
    name: 'hidden-by-bus-day',
    positive: true,
    stage: { durationS: 150 },
    write(stage) {
      // The camera stands across the road: what stops in the lane between hides the car at the far kerb.
      stage.zone('no-parking', stretch(-7, 14, [8.7, 11.2]));
      stage.rule({ type: 'illegal_parking', zone: 'no-parking', after: `${AFTER_S} s`, labels: vehicles });
      const path = pathOf(
        4,
        [REACH.to, laneMiddle.far],
        [
          { to: [17, laneMiddle.far], mps: 9 },
          { to: [7, laneMiddle.farStrip], mps: 8, endMps: 3 },
          { to: [3, laneMiddle.farStrip], mps: 3, endMps: 0.7 },
          { waitS: 90, headingDeg: 180 },
          { to: [-6, laneMiddle.far], mps: 0.5, endMps: 5 },
          { to: [REACH.from, laneMiddle.far], mps: 6 },
        ],
      );
      const actor = stage.add(vehicle('car', stage.rng.fork('car')), path);
      stage.incident({ from: path.endOf(2), to: path.endOf(3), due: path.endOf(2) + AFTER_S, object: actor, zone: 'no-parking' });
      const bus = (at, waitS) =>
        pathOf(
          at,
          [REACH.from, laneMiddle.near],
          [
            { to: [-12, laneMiddle.near], mps: 8 },
            { to: [2.5, laneMiddle.near], mps: 8, endMps: 0.7 },
            { waitS, headingDeg: 0 },
            { to: [REACH.to, laneMiddle.near], mps: 1, endMps: 9 },
          ],
        );
      stage.add(vehicle('bus', stage.rng.fork('bus')), bus(20, 25));
      laneTraffic(stage, { lane: 'near', perMinute: 10, from: 85, kinds: ['car', 'van', 'bus'] });
    },
  },
  {
    name: 'parked-at-start-day',
    positive: true,
    stage: { durationS: 90 },
    write(stage) {
      noParking(stage);
      const path = pathOf(
        -60,
        [3, laneMiddle.strip],
        [
          { waitS: 125, headingDeg: 0 },
          { to: [12, laneMiddle.near], mps: 0.5, endMps: 5 },
          { to: [REACH.to, laneMiddle.near], mps: 6 },
        ],
      );
      const actor = stage.add(vehicle('car', stage.rng.fork('car')), path);
      stage.incident({ from: 0, to: 65, due: AFTER_S, object: actor, zone: 'no-parking', present_at_start: true });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'night',
    positive: true,
    stage: {
      durationS: 110,
      light: 'night',
    },
    write(stage) {
      noParking(stage);
      parks(stage, { at: 8, standS: 65, kind: 'van' });
      laneTraffic(stage, { lane: 'far', perMinute: 7 });
    },
  },
  {
    name: 'drives-through-day',
    positive: false,
    stage: { durationS: 110 },
    write(stage) {
      noParking(stage);
      // In the strip itself, one after another: the zone is never long without a vehicle, and none of them stands.
      const rng = stage.rng.fork('through');
      for (let t = -10; t < 110; t += rng.range(3, 5))
        stage.add(vehicle('car', rng), pathOf(t, [REACH.from, laneMiddle.strip], [{ to: [REACH.to, laneMiddle.strip], mps: 7 }]));
    },
  },
  {
    name: 'short-stops-overcast',
    positive: false,
    stage: { durationS: 120, light: 'overcast' },
    write(stage) {
      noParking(stage);
      for (const at of [2, 32, 62]) parks(stage, { at, standS: 9, counts: false });
      passersBy(stage, { perMinute: 8 });
    },
  },
  {
    name: 'stands-elsewhere-day',
    positive: false,
    stage: { durationS: 100 },
    write(stage) {
      noParking(stage);
      stage.add(vehicle('car', stage.rng.fork('a')), stays(4, laneMiddle.farStrip, { headingDeg: 180 }));
      laneTraffic(stage, { lane: 'near', perMinute: 14 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
  {
    name: 'cloud-and-trees-day',
    positive: false,
    stage: {
      durationS: 120,
      trees: [
        [2, -6],
        [19, 12.6],
      ],
    },
    write(stage) {
      noParking(stage);
      stage.effect('cloud', { strength: 0.85, speedMps: 2 });
      stage.effect('wind', { strength: 0.5 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
];
