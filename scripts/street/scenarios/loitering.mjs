import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, passersBy } from '../traffic.mjs';

const AFTER_S = 30;

function forecourt(stage) {
  stage.zone('forecourt', stretch(-6, 8, [-4.4, -0.2]));
  stage.rule({ type: 'loitering', zone: 'forecourt', after: `${AFTER_S} s`, labels: ['person'] });
}

/** Somebody comes, wanders about in the zone for so long, and goes. */
function lingers(stage, { at, forS, counts = true, from = [-16, -2] }) {
  const rng = stage.rng.fork(`lingers ${at}`);
  const steps = [{ to: [-4, -2], mps: 1.3 }];
  let spent = 0;
  while (spent < forS) {
    const spot = [rng.range(-4.5, 6.5), rng.range(-3.6, -1)];
    const waitS = rng.range(3, 8);
    steps.push({ to: spot, mps: 0.9 }, { waitS, headingDeg: rng.range(0, 360) });
    spent += waitS + 5;
  }
  steps.push({ to: [-16, -2.5], mps: 1.4 });
  const path = pathOf(at, from, steps);
  const actor = stage.add(person(rng), path);
  const inside = [];
  for (let t = at; t < path.to; t += 0.1) if (path.at(t).s >= -6) inside.push(t);
  const to = inside[inside.length - 1];
  if (counts)
    stage.incident({ from: inside[0], to: to < stage.durationS ? to : null, due: inside[0] + AFTER_S, object: actor, zone: 'forecourt' });
}

export const loitering = [
  {
    name: 'wanders-day',
    positive: true,
    stage: { durationS: 120 },
    write(stage) {
      forecourt(stage);
      lingers(stage, { at: 5, forS: 70 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'among-passers-overcast',
    positive: true,
    stage: { durationS: 130, light: 'overcast', camera: 'close' },
    write(stage) {
      forecourt(stage);
      lingers(stage, { at: 10, forS: 75 });
      passersBy(stage, { perMinute: 7 });
    },
  },
  {
    name: 'night',
    positive: true,
    stage: {
      durationS: 120,
      light: 'night',
    },
    write(stage) {
      forecourt(stage);
      lingers(stage, { at: 6, forS: 65 });
      laneTraffic(stage, { lane: 'far', perMinute: 5 });
    },
  },
  {
    name: 'passers-by-day',
    positive: false,
    stage: { durationS: 120 },
    write(stage) {
      forecourt(stage);
      // Never long without somebody, and nobody stays.
      passersBy(stage, { perMinute: 12 });
    },
  },
  {
    name: 'short-stay-overcast',
    positive: false,
    stage: { durationS: 120, light: 'overcast' },
    write(stage) {
      forecourt(stage);
      for (const at of [3, 45])
        stage.add(
          person(stage.rng.fork(`${at}`)),
          pathOf(
            at,
            [-16, -2],
            [
              { to: [2, -2.2], mps: 1.4 },
              { waitS: 10, headingDeg: 90 },
              { to: [20, -1.5], mps: 1.4 },
            ],
          ),
        );
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
    },
  },
  {
    name: 'waits-outside-day',
    positive: false,
    stage: { durationS: 110 },
    write(stage) {
      forecourt(stage);
      stage.add(
        person(stage.rng.fork('waits')),
        pathOf(
          2,
          [30, 13],
          [
            { to: [3, 13], mps: 1.4 },
            { waitS: 85, headingDeg: 270 },
            { to: [-20, 13], mps: 1.4 },
          ],
        ),
      );
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
];
