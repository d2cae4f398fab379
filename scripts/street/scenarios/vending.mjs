import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { object } from '../things/objects.mjs';
import { person } from '../things/people.mjs';
import { laneTraffic, passersBy } from '../traffic.mjs';
import { pullsIn } from './common.mjs';

const AFTER_S = 40;

function forecourt(stage) {
  stage.zone('forecourt', stretch(-7, 10, [-4.4, 0.4]));
  stage.rule({ type: 'street_vending', zone: 'forecourt', after: `${AFTER_S} s` });
}

/** A vendor pushes his stall there, stays behind it, and customers come and go. */
function vends(stage, { at, place = [2, -1.4], kind = 'stall', customers = true, everyS = 7 }) {
  const rng = stage.rng.fork(`vends ${at}`);
  const [s, d] = place;
  const stall = stage.add(
    object(kind, rng),
    pathOf(
      at,
      [-16, d],
      [
        { to: [s, d], mps: 1.1, headingDeg: 0 },
        { waitS: 600, headingDeg: 0 },
      ],
    ),
  );
  stage.add(
    person(rng),
    pathOf(
      at,
      [-17.6, d],
      [
        { to: [s - 1.7, d], mps: 1.1 },
        { to: [s - 0.3, d + 1.1], mps: 0.8 },
        { waitS: 600, headingDeg: 270 },
      ],
    ),
  );
  const stands = stall.path.endOf(0);
  if (customers) {
    for (let t = stands + 3, i = 0; t < stage.durationS; t += rng.range(0.7, 1.3) * everyS, i++) {
      const side = rng.chance(0.5) ? -18 : 24;
      const spot = [s + [-1.2, -0.3, 0.6, 1.4][i % 4], d - rng.range(1, 1.4)];
      stage.add(
        person(rng.fork(`customer ${i}`)),
        pathOf(
          t - 12,
          [side, -3],
          [
            { to: spot, mps: Math.abs(spot[0] - side) / 12 },
            { waitS: rng.range(18, 30), headingDeg: 90 },
            { to: [-side, -3.4], mps: 1.4 },
          ],
        ),
      );
    }
  }
  return { stall, stands };
}

function illegal(stage, options) {
  const { stall, stands } = vends(stage, options);
  stage.incident({ from: stands, to: null, due: stands + AFTER_S + 15, object: stall, zone: 'forecourt' });
}

export const streetVending = [
  ['stall-day', 'day', { at: 3 }],
  ['stall-overcast', 'overcast', { at: 5, place: [3, -1.6], everyS: 6 }],
  ['umbrella-day', 'day', { at: 4, kind: 'umbrella' }],
]
  .map(([name, light, options]) => ({
    name,
    positive: true,
    stage: { durationS: 140, light, camera: 'close' },
    write(stage) {
      forecourt(stage);
      illegal(stage, options);
      laneTraffic(stage, { lane: 'near', perMinute: 6 });
    },
  }))
  .concat([
    {
      name: 'people-meet-day',
      positive: false,
      stage: { durationS: 110, camera: 'close' },
      write(stage) {
        forecourt(stage);
        for (let i = 0; i < 5; i++)
          stage.add(
            person(stage.rng.fork(`${i}`)),
            pathOf(
              4 + 3 * i,
              [i % 2 ? 22 : -16, -2.4],
              [
                { to: [1 + 0.75 * (i - 2), -2.2 + 0.5 * (i % 2)], mps: 1.4 },
                { waitS: 50 - 2 * i, headingDeg: 90 * i },
                { to: [i % 2 ? -16 : 22, -3], mps: 1.4 },
              ],
            ),
          );
      },
    },
    {
      name: 'van-delivers-overcast',
      positive: false,
      stage: { durationS: 110, light: 'overcast' },
      write(stage) {
        forecourt(stage);
        const { standsFrom } = pullsIn(stage, { at: 6, standS: 28, s: 2, kind: 'van' });
        stage.add(
          person(stage.rng),
          pathOf(
            standsFrom + 2,
            [2, -0.3],
            [
              { to: [5, -3], mps: 1.2 },
              { waitS: 8, headingDeg: 90 },
              { to: [2, -0.3], mps: 1.2 },
            ],
          ),
        );
        passersBy(stage, { perMinute: 6 });
      },
    },
    {
      name: 'bench-and-passers-day',
      positive: false,
      stage: { durationS: 110, camera: 'close' },
      write(stage) {
        forecourt(stage);
        stage.add(object('bench', stage.rng), stays(3, -1.2, { headingDeg: 180 }));
        passersBy(stage, { perMinute: 11, d: [-3.9, -2.2] });
      },
    },
  ]);
