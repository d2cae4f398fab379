import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { object } from '../things/objects.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, passersBy } from '../traffic.mjs';
import { within } from './common.mjs';

const square = stretch(-6, 8, [-4.4, -0.3]);

/** People who come from both sides, stand in a loose group, and leave one after another. Returns when each is there. */
function gather(stage, { count, from, everyS = 2, standS, middle = [1, -2.4], leaveEveryS = 1.5 }) {
  const rng = stage.rng.fork(`gather ${from}`);
  return Array.from({ length: count }, (_, i) => {
    const a = 2.4 * i;
    const r = 0.55 * Math.sqrt(i + 0.5);
    const spot = [middle[0] + 1.35 * r * Math.cos(a), middle[1] + 0.75 * r * Math.sin(a)];
    const side = i % 2 === 0 ? -18 : 22;
    const path = pathOf(
      from + i * everyS,
      [side, rng.range(-3.5, -1)],
      [
        { to: spot, mps: rng.range(1.2, 1.6) },
        {
          waitS: standS - i * everyS + i * leaveEveryS,
          headingDeg: (Math.atan2(middle[1] - spot[1], middle[0] - spot[0]) * 180) / Math.PI,
        },
        { to: [i % 3 === 0 ? -18 : 22, rng.range(-3.5, -1)], mps: rng.range(1.2, 1.6) },
      ],
    );
    const actor = stage.add(person(rng), path);
    let first = null;
    let last = null;
    for (let t = path.from; t < path.to; t += 0.1) {
      const { s } = path.at(t);
      if (s < -6 || s > 8) continue;
      first ??= t;
      last = t;
    }
    return { actor, first, last };
  });
}

/** From when until when at least `least` of them are inside. */
function spanOf(people, least) {
  const times = people.flatMap(({ first, last }) => [first, last]).sort((a, b) => a - b);
  const enough = times.filter((t) => people.filter(({ first, last }) => first <= t && last >= t).length >= least);
  return [enough[0], enough[enough.length - 1]];
}

const CROWD = 6;
const CROWD_AFTER_S = 10;

function crowdRule(stage) {
  stage.zone('square', square);
  stage.rule({ type: 'crowd', zone: 'square', at_least: CROWD, after: `${CROWD_AFTER_S} s` });
}

function crowded(stage, options) {
  const people = gather(stage, options);
  const [from, to] = spanOf(people, CROWD);
  stage.incident({
    from,
    to: within(stage, to),
    due: from + CROWD_AFTER_S,
    objects: people.map(({ actor }) => actor),
    zone: 'square',
    count: people.length,
  });
}

export const crowd = [
  {
    name: 'gathers-day',
    positive: true,
    stage: { durationS: 100, camera: 'close' },
    write(stage) {
      crowdRule(stage);
      crowded(stage, { count: 9, from: 5, standS: 50 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'large-overcast',
    positive: true,
    stage: { durationS: 110, light: 'overcast' },
    write(stage) {
      crowdRule(stage);
      crowded(stage, { count: 14, from: 4, standS: 60, everyS: 1.5 });
    },
  },
  {
    name: 'night',
    positive: true,
    stage: { durationS: 100, light: 'night', camera: 'close' },
    write(stage) {
      crowdRule(stage);
      crowded(stage, { count: 8, from: 6, standS: 55 });
      laneTraffic(stage, { lane: 'far', perMinute: 5 });
    },
  },
  {
    name: 'three-stand-day',
    positive: false,
    stage: { durationS: 90, camera: 'close' },
    write(stage) {
      crowdRule(stage);
      gather(stage, { count: 3, from: 4, standS: 55 });
    },
  },
  {
    name: 'stream-of-passers-overcast',
    positive: false,
    stage: { durationS: 110, light: 'overcast' },
    write(stage) {
      crowdRule(stage);
      passersBy(stage, { perMinute: 12 });
    },
  },
  {
    name: 'group-walks-through-day',
    positive: false,
    stage: { durationS: 70, camera: 'close' },
    write(stage) {
      crowdRule(stage);
      // A class on an outing: more than enough, but gone within the time.
      for (let i = 0; i < 8; i++) {
        const d = -3.6 + 0.9 * (i % 4);
        stage.add(
          person(stage.rng.fork(`pupil ${i}`), { height: 1.5 }),
          pathOf(10 + 0.45 * i, [-16 - (i % 3) * 0.4, d], [{ to: [26, d], mps: 2 }]),
        );
      }
    },
  },
];

const LIMIT = 4;
const OVER_AFTER_S = 5;

function occupancyRule(stage) {
  stage.zone('square', square);
  stage.rule({ type: 'occupancy', zone: 'square', limit: LIMIT, after: `${OVER_AFTER_S} s` });
}

function overLimit(stage, options) {
  const people = gather(stage, options);
  const [from, to] = spanOf(people, LIMIT + 1);
  stage.incident({
    from,
    to: within(stage, to),
    due: from + OVER_AFTER_S,
    objects: people.map(({ actor }) => actor),
    zone: 'square',
    count: people.length,
  });
}

export const occupancy = [
  {
    name: 'over-limit-day',
    positive: true,
    stage: { durationS: 90, camera: 'close' },
    write(stage) {
      occupancyRule(stage);
      overLimit(stage, { count: 7, from: 5, standS: 45 });
    },
  },
  {
    name: 'over-limit-overcast',
    positive: true,
    stage: { durationS: 100, light: 'overcast' },
    write(stage) {
      occupancyRule(stage);
      overLimit(stage, { count: 6, from: 8, standS: 50 });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
  {
    name: 'over-limit-night',
    positive: true,
    stage: { durationS: 90, light: 'night', camera: 'close' },
    write(stage) {
      occupancyRule(stage);
      overLimit(stage, { count: 8, from: 5, standS: 45 });
    },
  },
  {
    name: 'at-limit-day',
    positive: false,
    stage: { durationS: 80, camera: 'close' },
    write(stage) {
      occupancyRule(stage);
      gather(stage, { count: LIMIT, from: 4, standS: 45 });
    },
  },
  {
    name: 'few-pass-overcast',
    positive: false,
    stage: { durationS: 100, light: 'overcast' },
    write(stage) {
      occupancyRule(stage);
      passersBy(stage, { perMinute: 5 });
      laneTraffic(stage, { lane: 'near', perMinute: 12 });
    },
  },
  {
    name: 'others-outside-day',
    positive: false,
    stage: { durationS: 90 },
    write(stage) {
      occupancyRule(stage);
      passersBy(stage, { perMinute: 20, d: [12.2, 14.3] });
    },
  },
];

const QUEUE = 4;
const QUEUE_AFTER_S = 15;
/** Who waits stands so far behind the next, metres. */
const QUEUE_STEP_M = 0.9;

function queueRule(stage) {
  stage.zone('line-up', stretch(-9, 4.6, [-3.6, -1.4]));
  stage.rule({ type: 'queue', zone: 'line-up', max_length: QUEUE, after: `${QUEUE_AFTER_S} s` });
  stage.add(object('stall', stage.rng.fork('stall')), stays(5.8, -2.4, { headingDeg: 90 }));
}

/** People who line up before the stall; every `serveS` the first is served and all move up. */
function lineUp(stage, { count, from, arriveS, serveS }) {
  const joined = [];
  const people = [];
  for (let i = 0; i < count; i++) {
    const arrives = from + i * arriveS;
    const served = Math.max(arrives + 10, (joined[i - 1]?.served ?? from + 10) + serveS);
    joined.push({ arrives, served });
  }
  joined.forEach(({ served, arrives }, i) => {
    const rng = stage.rng.fork(`waits ${i}`);
    const speed = 1.3;
    const ahead = (t) => joined.slice(0, i).filter((one) => one.served > t).length;
    const placeOf = (n) => 4 - QUEUE_STEP_M * n;
    const steps = [];
    let at = arrives;
    let n = ahead(arrives + 10);
    steps.push({ to: [placeOf(n), -2.4], mps: (placeOf(n) + 16) / 10 > 0.5 ? (placeOf(n) + 16) / 10 : speed });
    at += 10;
    while (n > 0) {
      const next = joined
        .slice(0, i)
        .map((one) => one.served)
        .filter((t) => t > at)
        .sort((a, b) => a - b)[0];
      const moves = next + 0.5;
      if (moves > at) steps.push({ waitS: moves - at, headingDeg: 0 });
      n--;
      steps.push({ to: [placeOf(n), -2.4], mps: 0.9 });
      at = moves + QUEUE_STEP_M / 0.9;
    }
    steps.push({ waitS: Math.max(0.5, served - at), headingDeg: 0 }, { to: [4.3, -0.8], mps: 1 }, { to: [24, -1], mps: 1.4 });
    people.push({ actor: stage.add(person(rng), pathOf(arrives, [-16, -2.6], steps)), first: arrives + 10, last: served });
  });
  return people;
}

export const queue = [
  ['long-day', { camera: 'close' }, { count: 9, from: 0, arriveS: 5, serveS: 14 }],
  ['long-overcast', { light: 'overcast' }, { count: 10, from: 2, arriveS: 4, serveS: 16 }],
  ['long-shaded', { light: 'shaded', camera: 'close' }, { count: 8, from: 0, arriveS: 4, serveS: 15 }],
]
  .map(([name, look, options]) => ({
    name,
    positive: true,
    stage: { durationS: 120, ...look },
    write(stage) {
      queueRule(stage);
      const people = lineUp(stage, options);
      const [from, to] = spanOf(people, QUEUE + 1);
      stage.incident({
        from,
        to: within(stage, to),
        due: from + QUEUE_AFTER_S,
        objects: people.map(({ actor }) => actor),
        zone: 'line-up',
      });
    },
  }))
  .concat([
    {
      name: 'short-day',
      positive: false,
      stage: { durationS: 110, camera: 'close' },
      write(stage) {
        queueRule(stage);
        lineUp(stage, { count: 6, from: 0, arriveS: 17, serveS: 14 });
      },
    },
    {
      name: 'passers-by-overcast',
      positive: false,
      stage: { durationS: 110, light: 'overcast' },
      write(stage) {
        queueRule(stage);
        passersBy(stage, { perMinute: 10, d: [-3.2, -1.8] });
      },
    },
    {
      name: 'empty-day',
      positive: false,
      stage: { durationS: 90 },
      write(stage) {
        queueRule(stage);
        laneTraffic(stage, { lane: 'near', perMinute: 14 });
        stage.effect('cloud', { strength: 0.8 });
      },
    },
  ]);
