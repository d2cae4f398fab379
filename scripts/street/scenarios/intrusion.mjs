import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, passersBy } from '../traffic.mjs';
import { timesInside } from './common.mjs';

const labels = ['person'];

/** A stretch of the near pavement that is closed. */
function closed(stage) {
  stage.zone('closed', stretch(0, 8, [-4.2, -0.4]));
  stage.rule({ type: 'intrusion', zone: 'closed', labels });
  laneTraffic(stage, { lane: 'near', perMinute: 8 });
  laneTraffic(stage, { lane: 'far', perMinute: 8 });
}

/** Somebody walks into the zone, stays for a while, and leaves. */
function enters(stage, { at, stayS, from = [-14, -2.2], mps = 1.3, posture = 'stand' }) {
  const rng = stage.rng.fork(`enters ${at}`);
  const inside = [rng.range(3, 5.5), -2.2];
  const path = pathOf(at, from, [
    { to: inside, mps },
    { waitS: stayS, posture },
    { to: [-14, -2.6], mps },
  ]);
  const actor = stage.add(person(rng), path);
  const [t1, t2] = timesInside(path, (s) => s >= 0 && s <= 8);
  stage.incident({ from: t1, to: t2, object: actor, zone: 'closed' });
}

export const intrusion = [
  {
    name: 'walker-day',
    positive: true,
    stage: { durationS: 80 },
    write(stage) {
      closed(stage);
      enters(stage, { at: 12, stayS: 14 });
    },
  },
  {
    name: 'two-overcast',
    positive: true,
    stage: { durationS: 110, light: 'overcast', camera: 'oblique' },
    write(stage) {
      closed(stage);
      enters(stage, { at: 10, stayS: 10 });
      enters(stage, { at: 65, stayS: 6, mps: 1.7 });
    },
  },
  {
    name: 'crouching-night',
    positive: true,
    stage: {
      durationS: 90,
      light: 'night',
    },
    write(stage) {
      closed(stage);
      enters(stage, { at: 15, stayS: 25, posture: 'crouch' });
    },
  },
  {
    name: 'passes-outside-day',
    positive: false,
    stage: { durationS: 80 },
    write(stage) {
      closed(stage);
      passersBy(stage, { perMinute: 10, d: [12.2, 14.2] });
    },
  },
  {
    name: 'turns-back-overcast',
    positive: false,
    stage: { durationS: 80, light: 'overcast' },
    write(stage) {
      closed(stage);
      for (const at of [8, 35])
        stage.add(
          person(stage.rng.fork(`${at}`)),
          pathOf(
            at,
            [-14, -2.2],
            [
              { to: [-1.8, -2.4], mps: 1.3 },
              { waitS: 8, headingDeg: 0 },
              { to: [-14, -1.5], mps: 1.4 },
            ],
          ),
        );
    },
  },
  {
    name: 'shadows-day',
    positive: false,
    stage: {
      durationS: 90,
      trees: [
        [-9, -3],
        [3.5, -6.2],
        [7.5, 12.6],
        [19, 12.6],
      ],
      wind: 0.8,
    },
    write(stage) {
      closed(stage);
      stage.effect('wind', { strength: 0.8 });
      stage.effect('cloud', { strength: 0.8 });
    },
  },
];
