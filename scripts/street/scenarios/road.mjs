import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { object } from '../things/objects.mjs';
import { cycle, person } from '../things/people.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { laneTraffic, passersBy, REACH, riders } from '../traffic.mjs';
import { pullsIn, timesInside, within } from './common.mjs';

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

const STOPPED_AFTER_S = 20;

function lanes(stage) {
  stage.zone('lanes', stretch(-10, 18, [2.3, 8.9]));
  stage.rule({ type: 'stopped_vehicle', zone: 'lanes', after: `${STOPPED_AFTER_S} s` });
}

function breaksDown(stage, { at, s = 3, standS = 45, kind = 'car' }) {
  const path = pathOf(
    at,
    [REACH.from, laneMiddle.near],
    [
      { to: [s - 12, laneMiddle.near], mps: 8 },
      { to: [s, laneMiddle.near], mps: 8, endMps: 0.7 },
      { waitS: standS, headingDeg: 0 },
      { to: [REACH.to, laneMiddle.near], mps: 1, endMps: 9 },
    ],
  );
  const actor = stage.add(vehicle(kind, stage.rng.fork(`breaks down ${at}`)), path);
  stage.incident({
    from: path.endOf(1),
    to: within(stage, path.endOf(2)),
    due: path.endOf(1) + STOPPED_AFTER_S,
    object: actor,
    zone: 'lanes',
  });
}

/** A short column that halts for a red light. */
function redLight(stage, { at, standS, count = 3 }) {
  for (let i = 0; i < count; i++) {
    const s = 6 - 7 * i;
    const path = pathOf(
      at + 2 * i,
      [REACH.from, laneMiddle.near],
      [
        { to: [s - 12, laneMiddle.near], mps: 8 },
        { to: [s, laneMiddle.near], mps: 8, endMps: 0.7 },
        { waitS: standS + 0.2 * i, headingDeg: 0 },
        { to: [REACH.to, laneMiddle.near], mps: 1, endMps: 9 },
      ],
    );
    stage.add(vehicle('car', stage.rng.fork(`red ${at} ${i}`)), path);
  }
}

export const stoppedVehicle = [
  {
    name: 'car-day',
    positive: true,
    stage: { durationS: 90 },
    write(stage) {
      lanes(stage);
      breaksDown(stage, { at: 6 });
      laneTraffic(stage, { lane: 'far', perMinute: 12 });
    },
  },
  {
    name: 'bus-overcast',
    positive: true,
    stage: { durationS: 95, light: 'overcast' },
    write(stage) {
      lanes(stage);
      breaksDown(stage, { at: 8, kind: 'bus', s: 5, standS: 50 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
      passersBy(stage, { perMinute: 6 });
    },
  },
  {
    name: 'car-night',
    positive: true,
    stage: { durationS: 90, light: 'night' },
    write(stage) {
      lanes(stage);
      breaksDown(stage, { at: 8, kind: 'van' });
      laneTraffic(stage, { lane: 'far', perMinute: 6 });
    },
  },
  {
    name: 'red-light-day',
    positive: false,
    stage: { durationS: 90 },
    write(stage) {
      lanes(stage);
      redLight(stage, { at: 3, standS: 9 });
      redLight(stage, { at: 45, standS: 10 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
  {
    name: 'slow-vehicles-overcast',
    positive: false,
    stage: { durationS: 100, light: 'overcast' },
    write(stage) {
      lanes(stage);
      for (const at of [-10, 12, 34])
        stage.add(vehicle('lorry', stage.rng.fork(`${at}`)), pathOf(at, [-30, laneMiddle.near], [{ to: [40, laneMiddle.near], mps: 2.2 }]));
    },
  },
  {
    name: 'parks-beside-day',
    positive: false,
    stage: { durationS: 100 },
    write(stage) {
      lanes(stage);
      pullsIn(stage, { at: 4, standS: 55, s: 3, d: 0.9 });
      laneTraffic(stage, { lane: 'far', perMinute: 12 });
    },
  },
];

const JAM_AFTER_S = 20;

function flowRule(stage) {
  stage.zone('carriageway', stretch(-12, 24, [2.3, 8.9]));
  stage.line('count', [4, 0.2], [4, 11]);
  stage.rule({ type: 'congestion', zone: 'carriageway', line: 'count', after: `${JAM_AFTER_S} s` });
}

/** A column that moves and halts as one: `stop` and `go` seconds by turns. */
function column(stage, { lane, from, to, count, gapM = 7.6, goS = 3, stopS = 5, mps = 2 }) {
  const rng = stage.rng.fork(`column ${lane}`);
  const way = lane === 'near' ? 1 : -1;
  for (let i = 0; i < count; i++) {
    let s = way * (24 - gapM * i);
    const start = [s, laneMiddle[lane]];
    const steps = [];
    for (let t = from; t < to; t += goS + stopS) {
      s += way * mps * goS;
      steps.push({ to: [s, laneMiddle[lane]], mps }, { waitS: stopS });
    }
    // The jam dissolves from its head.
    steps.push({ waitS: 0.6 * i }, { to: [way * (lane === 'near' ? REACH.to : -REACH.from), laneMiddle[lane]], mps: 2, endMps: 10 });
    stage.add(vehicle(rng.pick(['car', 'car', 'car', 'van']), rng), pathOf(from, start, steps));
  }
}

function jam(stage, { from = -20, to, lanesFull = ['near', 'far'] }) {
  for (const lane of lanesFull) column(stage, { lane, from, to, count: 12 });
  stage.incident({
    from: Math.max(0, from),
    to: within(stage, to + 8),
    due: Math.max(0, from) + JAM_AFTER_S,
    zone: 'carriageway',
    mean_speed_kmh: 2.7,
  });
}

export const congestion = [
  {
    name: 'both-lanes-day',
    positive: true,
    stage: { durationS: 110, camera: 'oblique' },
    write: (stage) => flowing(stage, () => jam(stage, { to: 80 })),
  },
  {
    name: 'near-lane-overcast',
    positive: true,
    stage: { durationS: 110, light: 'overcast' },
    write: (stage) => flowing(stage, () => jam(stage, { to: 85, lanesFull: ['near'] })),
  },
  {
    name: 'along-shaded',
    positive: true,
    stage: { durationS: 110, light: 'shaded', camera: 'along' },
    write: (stage) => flowing(stage, () => jam(stage, { to: 80 })),
  },
  {
    name: 'dense-but-flowing-day',
    positive: false,
    stage: { durationS: 110, camera: 'oblique' },
    write(stage) {
      flowRule(stage);
      laneTraffic(stage, { lane: 'near', perMinute: 26, mps: 11 });
      laneTraffic(stage, { lane: 'far', perMinute: 26, mps: 10 });
    },
  },
  {
    name: 'red-light-overcast',
    positive: false,
    stage: { durationS: 110, light: 'overcast', camera: 'oblique' },
    write(stage) {
      flowRule(stage);
      redLight(stage, { at: 3, standS: 10, count: 4 });
      redLight(stage, { at: 55, standS: 10, count: 4 });
      laneTraffic(stage, { lane: 'far', perMinute: 14 });
    },
  },
  {
    name: 'parked-row-day',
    positive: false,
    stage: { durationS: 100, camera: 'oblique' },
    write(stage) {
      flowRule(stage);
      for (let i = 0; i < 5; i++) stage.add(vehicle('car', stage.rng.fork(`row ${i}`)), stays(-8 + 6.2 * i, 10.2, { headingDeg: 180 }));
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
];

function flowing(stage, write) {
  flowRule(stage);
  write();
}

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
