import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { object } from '../things/objects.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, passersBy } from '../traffic.mjs';

/** How long a thing may stand alone, in these scenes. */
const AFTER_S = 15;

function pavement(stage) {
  stage.zone('pavement', stretch(-8, 12, [-4.4, -0.1]));
  stage.rule({ type: 'abandoned_object', zone: 'pavement', after: `${AFTER_S} s` });
}

/** Somebody puts something down, stays by it for a while, and goes (or takes it along). */
function puts(stage, { at, kind = 'bag', place = [2, -2.4], staysS = 6, leaves = true, gone = null }) {
  const rng = stage.rng.fork(`puts ${at}`);
  const [s, d] = place;
  const steps = [
    { to: [s - 0.7, d], mps: 1.3 },
    { waitS: 1.5, headingDeg: 0, posture: 'crouch' },
    { waitS: staysS, headingDeg: 90 },
  ];
  if (leaves) steps.push({ to: [-18, d - 0.6], mps: 1.4 });
  else steps.push({ waitS: 1.5, headingDeg: 0, posture: 'crouch' }, { to: [20, d], mps: 1.4 });
  const path = pathOf(at, [-16, d], steps);
  stage.add(person(rng), path);
  const put = path.endOf(0) + 1;
  const taken = leaves ? (gone ?? Infinity) : path.endOf(2) + 1;
  const thing = stage.add(
    object(kind, rng),
    pathOf(put, place, [{ waitS: Math.min(taken, stage.durationS + 60) - put, headingDeg: rng.range(0, 180) }]),
  );
  const left = path.endOf(2) + 3;
  if (leaves) stage.incident({ from: put, to: gone, due: left + AFTER_S, owner_gone: left, object: thing, zone: 'pavement' });
}

export const abandonedObject = [
  {
    name: 'bag-day',
    positive: true,
    stage: { durationS: 90, camera: 'close' },
    write(stage) {
      pavement(stage);
      puts(stage, { at: 6 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'suitcase-passers-overcast',
    positive: true,
    stage: { durationS: 120, light: 'overcast', camera: 'close' },
    write(stage) {
      pavement(stage);
      puts(stage, { at: 8, kind: 'suitcase', staysS: 12 });
      passersBy(stage, { perMinute: 8 });
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
  {
    name: 'box-shaded-taken-later',
    positive: true,
    stage: { durationS: 130, light: 'shaded', camera: 'close' },
    write(stage) {
      pavement(stage);
      puts(stage, { at: 5, kind: 'box', gone: 85.5 });
      // Somebody else takes it away.
      stage.add(
        person(stage.rng.fork('taker')),
        pathOf(
          70,
          [20, -2],
          [
            { to: [2.8, -2.4], mps: 1.25 },
            { waitS: 4, headingDeg: 180, posture: 'crouch' },
            { to: [24, -2.6], mps: 1.3 },
          ],
        ),
      );
      laneTraffic(stage, { lane: 'near', perMinute: 6 });
    },
  },
  {
    name: 'bag-night',
    positive: true,
    stage: {
      durationS: 90,
      light: 'night',
      camera: 'close',
    },
    write(stage) {
      pavement(stage);
      puts(stage, { at: 6, kind: 'suitcase' });
      laneTraffic(stage, { lane: 'far', perMinute: 5 });
    },
  },
  {
    name: 'owner-stays-day',
    positive: false,
    stage: { durationS: 90, camera: 'close' },
    write(stage) {
      pavement(stage);
      puts(stage, { at: 5, staysS: 55, leaves: false });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'person-stands-overcast',
    positive: false,
    stage: { durationS: 100, light: 'overcast', camera: 'close' },
    write(stage) {
      pavement(stage);
      stage.add(
        person(stage.rng.fork('stands')),
        pathOf(
          5,
          [-16, -2],
          [
            { to: [2, -2.2], mps: 1.4 },
            { waitS: 60, headingDeg: 90 },
            { to: [20, -1.5], mps: 1.4 },
          ],
        ),
      );
      passersBy(stage, { perMinute: 6 });
    },
  },
  {
    name: 'carried-past-day',
    positive: false,
    stage: { durationS: 90, camera: 'close' },
    write(stage) {
      pavement(stage);
      puts(stage, { at: 4, staysS: 5, leaves: false });
      puts(stage, { at: 38, staysS: 7, leaves: false, kind: 'suitcase', place: [4, -1.5] });
    },
  },
  {
    name: 'shadows-day',
    positive: false,
    stage: {
      durationS: 120,
      camera: 'close',
      trees: [
        [2, -5],
        [7, 12.6],
        [19, 12.6],
      ],
    },
    write(stage) {
      pavement(stage);
      stage.effect('cloud', { strength: 0.85, speedMps: 1.5, sizeM: 14 });
      stage.effect('wind', { strength: 0.6 });
      passersBy(stage, { perMinute: 5 });
    },
  },
];
