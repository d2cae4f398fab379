import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { object } from '../things/objects.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, riders } from '../traffic.mjs';
import { pullsIn, within } from './common.mjs';

const BLOCKED_AFTER_S = 20;

function fireLane(stage) {
  stage.zone('fire-lane', stretch(-4, 8, [-0.3, 2.5]));
  stage.rule({ type: 'road_obstruction', zone: 'fire-lane', after: `${BLOCKED_AFTER_S} s` });
}
const hatched = { look: { hatched: [[-4, 0.1, 8, 2.2]], zebra: null } };

export const roadObstruction = [
  {
    name: 'van-day',
    positive: true,
    stage: { durationS: 110, ...hatched },
    write(stage) {
      fireLane(stage);
      const { actor, standsFrom, standsTo } = pullsIn(stage, { at: 5, standS: 60, s: 2, kind: 'van' });
      stage.incident({
        from: standsFrom,
        to: within(stage, standsTo),
        due: standsFrom + BLOCKED_AFTER_S,
        object: actor,
        zone: 'fire-lane',
      });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'heap-overcast',
    positive: true,
    stage: { durationS: 110, light: 'overcast', camera: 'close', ...hatched },
    write(stage) {
      fireLane(stage);
      const path = pathOf(
        6,
        [-16, -2],
        [
          { to: [2, -0.4], mps: 1.3 },
          { waitS: 5, headingDeg: 90, posture: 'crouch' },
          { to: [24, -2], mps: 1.4 },
        ],
      );
      stage.add(person(stage.rng), path);
      const put = path.endOf(0) + 3;
      const heap = stage.add(object('furniture', stage.rng), stays(2.3, 1.1, { from: put, headingDeg: 80 }));
      stage.incident({ from: put, to: null, due: put + BLOCKED_AFTER_S, object: heap, zone: 'fire-lane' });
    },
  },
  {
    name: 'cones-day',
    positive: true,
    stage: { durationS: 90, camera: 'close', ...hatched },
    write(stage) {
      fireLane(stage);
      // Somebody keeps the place for himself.
      const spots = [0.4, 1.1, 1.8].map((d) => [1.5, d]);
      const path = pathOf(
        4,
        [-16, -1.5],
        [
          ...spots.flatMap((spot) => [
            { to: [spot[0] - 0.7, spot[1]], mps: 1.2 },
            { waitS: 2, headingDeg: 0, posture: 'crouch' },
          ]),
          { to: [0, -2], mps: 1.3 },
          { to: [24, -2.6], mps: 1.4 },
        ],
      );
      stage.add(person(stage.rng), path);
      const cones = spots.map((spot, i) => stage.add(object('cone', stage.rng), stays(...spot, { from: path.endOf(2 * i + 1) - 1 })));
      const put = path.endOf(5);
      stage.incident({ from: put, to: null, due: put + BLOCKED_AFTER_S, object: cones[1], objects: cones, zone: 'fire-lane' });
    },
  },
  {
    name: 'car-night',
    positive: true,
    stage: { durationS: 100, light: 'night', ...hatched },
    write(stage) {
      fireLane(stage);
      const { actor, standsFrom, standsTo } = pullsIn(stage, { at: 8, standS: 55, s: 4 });
      stage.incident({
        from: standsFrom,
        to: within(stage, standsTo),
        due: standsFrom + BLOCKED_AFTER_S,
        object: actor,
        zone: 'fire-lane',
      });
      laneTraffic(stage, { lane: 'far', perMinute: 6 });
    },
  },
  {
    name: 'drives-through-day',
    positive: false,
    stage: { durationS: 90, ...hatched },
    write(stage) {
      fireLane(stage);
      riders(stage, { lane: 'strip', perMinute: 20 });
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
    },
  },
  {
    name: 'short-stop-overcast',
    positive: false,
    stage: { durationS: 100, light: 'overcast', ...hatched },
    write(stage) {
      fireLane(stage);
      pullsIn(stage, { at: 3, standS: 10, s: 2 });
      pullsIn(stage, { at: 45, standS: 9, s: 3, kind: 'van' });
    },
  },
  {
    name: 'person-stands-day',
    positive: false,
    stage: { durationS: 90, camera: 'close', ...hatched },
    write(stage) {
      fireLane(stage);
      stage.add(
        person(stage.rng),
        pathOf(
          4,
          [-16, -1],
          [
            { to: [2, 0.6], mps: 1.4 },
            { waitS: 40, headingDeg: 90 },
            { to: [24, -1], mps: 1.4 },
          ],
        ),
      );
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
];
