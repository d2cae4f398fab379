import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { cycle, person } from '../things/people.mjs';
import { laneTraffic, passersBy, REACH } from '../traffic.mjs';
import { timesInside, within } from './common.mjs';

const ON_ROAD_AFTER_S = 3;

function carriageway(stage, zebra = null) {
  stage.zone('carriageway', stretch(-8, 14, [2.3, 8.9]));
  if (zebra !== null) stage.zone('crossing', stretch(zebra - 0.5, zebra + 4.1, [-0.3, 11.4]));
  stage.rule({
    type: 'person_on_road',
    zone: 'carriageway',
    after: `${ON_ROAD_AFTER_S} s`,
    ...(zebra !== null && { except_zones: ['crossing'] }),
  });
}

function onRoad(stage, at, start, steps) {
  const path = pathOf(at, start, steps);
  const actor = stage.add(person(stage.rng.fork(`on road ${at}`)), path);
  const [from, to] = timesInside(path, (s, d) => s >= -8 && s <= 14 && d >= 2.3 && d <= 8.9);
  stage.incident({ from, to: within(stage, to), due: from + ON_ROAD_AFTER_S, object: actor, zone: 'carriageway' });
}

export const personOnRoad = [
  {
    name: 'walks-along-day',
    positive: true,
    stage: { durationS: 80, look: { zebra: null } },
    write(stage) {
      carriageway(stage);
      onRoad(
        stage,
        8,
        [-20, -1],
        [
          { to: [-5, 4], mps: 1.4 },
          { to: [9, 4.2], mps: 1.2 },
          { to: [24, -1], mps: 1.4 },
        ],
      );
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
  {
    name: 'stands-overcast',
    positive: true,
    stage: { durationS: 80, light: 'overcast', camera: 'oblique', look: { zebra: null } },
    write(stage) {
      carriageway(stage);
      onRoad(
        stage,
        6,
        [-4, -3],
        [
          { to: [3, 4.4], mps: 1.3 },
          { waitS: 20, headingDeg: 0 },
          { to: [8, -2], mps: 1.4 },
          { to: [30, -2], mps: 1.4 },
        ],
      );
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'crosses-slowly-night',
    positive: true,
    stage: { durationS: 80, light: 'night', look: { zebra: null } },
    write(stage) {
      carriageway(stage);
      onRoad(
        stage,
        8,
        [-3, -4],
        [
          { to: [2, 1], mps: 1.3 },
          { to: [3, 10], mps: 0.8 },
          { to: [3, 13], mps: 1.2 },
          { to: [-22, 13], mps: 1.4 },
        ],
      );
    },
  },
  {
    name: 'zebra-day',
    positive: false,
    stage: { durationS: 90, look: { zebra: 3 } },
    write(stage) {
      carriageway(stage, 3);
      for (const [at, s] of [
        [2, 4],
        [22, 5.2],
        [30, 4.4],
        [55, 5],
      ])
        stage.add(
          person(stage.rng.fork(`${at}`)),
          pathOf(
            at,
            [s - 10, -2],
            [
              { to: [s, -0.6], mps: 1.4 },
              { to: [s, 12], mps: 1.3 },
              { to: [s + 26, 13], mps: 1.4 },
            ],
          ),
        );
    },
  },
  {
    name: 'riders-overcast',
    positive: false,
    stage: { durationS: 90, light: 'overcast' },
    write(stage) {
      carriageway(stage);
      for (const [at, kind] of [
        [2, 'bicycle'],
        [20, 'motorcycle'],
        [38, 'bicycle'],
        [60, 'motorcycle'],
      ])
        stage.add(
          cycle(kind, stage.rng.fork(`${at}`)),
          pathOf(at, [REACH.from, laneMiddle.near], [{ to: [REACH.to, laneMiddle.near], mps: 5 }]),
        );
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'pavement-only-day',
    positive: false,
    stage: { durationS: 90 },
    write(stage) {
      carriageway(stage);
      passersBy(stage, { perMinute: 10 });
      passersBy(stage, { perMinute: 8, d: [12.2, 14] });
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
    },
  },
];
