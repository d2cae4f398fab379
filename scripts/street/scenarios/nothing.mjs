import { stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { object } from '../things/objects.mjs';
import { laneTraffic, passersBy, riders } from '../traffic.mjs';
import { vehicles } from './common.mjs';

/** Length of a scene in which nothing happens, seconds: eighteen make three hours. */
const LONG_S = 600;

/** Where what is watched stands: in the open, and before the lens. */
const usualPlaces = { sign: [6, -0.6], extinguisher: [-4.5, -4] };

/** Every rule at once, as a busy camera would have them, in a street where nobody does anything wrong. */
function everyRule(stage, places = usualPlaces) {
  stage.zone('closed', stretch(-9, 10, [11.7, 14.8]));
  stage.zone('pavement', stretch(-8, 10, [-4.3, -0.3]));
  stage.zone('strip', stretch(-8, 14, [-0.3, 2.5]));
  // Narrower than the lane: the feet of buses in the other one reach into it from where cameras hang.
  stage.zone('lane', stretch(-9, 18, [2.4, 4.7]));
  stage.zone('carriageway', stretch(-9, 18, [2.3, 8.9]));
  stage.line('closed-line', [1, 11.5], [1, 15]);
  stage.line('count', [4, 0.2], [4, 11]);
  const sign = stage.add(object('sign', stage.rng.fork('sign')), stays(...places.sign));
  const box = stage.add(object('extinguisher', stage.rng.fork('extinguisher')), stays(...places.extinguisher));
  stage.watch('sign', sign);
  stage.watch('extinguisher', box);
  const people = ['person'];
  for (const rule of [
    { type: 'intrusion', zone: 'closed', labels: people },
    { type: 'line_crossing', line: 'closed-line', labels: people },
    { type: 'wrong_way', zone: 'lane', flow: stage.arrow([-2, 4], [6, 4]) },
    { type: 'illegal_parking', zone: 'strip', after: '20 s', labels: vehicles },
    { type: 'loitering', zone: 'pavement', after: '45 s', labels: people },
    { type: 'crowd', zone: 'pavement', at_least: 10, after: '10 s' },
    { type: 'occupancy', zone: 'pavement', limit: 12 },
    { type: 'queue', zone: 'pavement', max_length: 6, after: '20 s' },
    { type: 'abandoned_object', zone: 'pavement', after: '20 s' },
    { type: 'removed_object', watch: ['sign', 'extinguisher'], after: '15 s' },
    { type: 'illegal_dumping', zone: 'pavement', after: '20 s' },
    { type: 'litter', zone: 'pavement', after: '20 s' },
    { type: 'road_obstruction', zone: 'strip', after: '20 s' },
    { type: 'street_vending', zone: 'pavement', after: '60 s' },
    { type: 'person_on_road', zone: 'carriageway', after: '3 s' },
    { type: 'stopped_vehicle', zone: 'carriageway', after: '20 s' },
    { type: 'congestion', zone: 'carriageway', line: 'count', after: '30 s' },
    { type: 'speeding', zone: 'carriageway', limit_kmh: 60 },
    { type: 'fallen_person', zone: 'pavement', after: '10 s' },
    { type: 'smoke_fire' },
    { type: 'water_on_road', zone: 'carriageway', after: '30 s' },
    { type: 'camera_tamper' },
  ])
    stage.rule(rule);
}

function peopled(stage, { cars = 8, people = 6, bikes = 4 } = {}) {
  laneTraffic(stage, { lane: 'near', perMinute: cars });
  laneTraffic(stage, { lane: 'far', perMinute: cars });
  passersBy(stage, { perMinute: people });
  riders(stage, { lane: 'strip', perMinute: bikes });
}

const quiet = { cars: 4, people: 2, bikes: 1 };
const nothing = (name, look, happens, traffic = {}, places = usualPlaces) => ({
  name,
  positive: false,
  stage: { durationS: LONG_S, ...look },
  write(stage) {
    everyRule(stage, places);
    peopled(stage, traffic);
    happens(stage);
  },
});
const everyS = (stage, from, gapS, make) => {
  for (let t = from, i = 0; t < stage.durationS - 5; t += gapS, i++) make(t, i);
};
const sweeps = (stage, gapS) =>
  everyS(stage, 10, gapS, (at, i) =>
    stage.effect('sweep', { at, lengthS: 3 + (i % 3), fromS: i % 2 === 0 ? -18 : 22, toS: i % 2 === 0 ? 22 : -18 }),
  );
/** Beside the crowns that hang before the pavement. */
const besideTrees = { ...usualPlaces, sign: [-1.5, -0.6] };
const trees = [
  [-7, -4.9],
  [4, -5],
  [8, 12.6],
  [19, 12.6],
];

/** Streets in which nothing happens that anybody should be told of. */
export const nothingScenes = [
  nothing('day', {}, () => undefined),
  nothing('busy-day', { camera: 'oblique', bitrate: '250k' }, () => undefined, { cars: 18, people: 14, bikes: 10 }),
  nothing('clouds', {}, (stage) => stage.effect('cloud', { strength: 0.85, speedMps: 3 })),
  nothing('small-slow-clouds', {}, (stage) => stage.effect('cloud', { strength: 0.75, speedMps: 0.7, sizeM: 9 })),
  nothing('trees-in-the-wind', { trees, wind: 0.7 }, (stage) => stage.effect('wind', { strength: 0.8 }), {}, besideTrees),
  nothing(
    'trees-and-clouds',
    { trees, wind: 0.5, camera: 'close' },
    (stage) => {
      stage.effect('wind', { strength: 0.5 });
      stage.effect('cloud', { strength: 0.8, speedMps: 2 });
    },
    {},
    { ...besideTrees, extinguisher: [-1, -3.2] },
  ),
  nothing('shaded', { light: 'shaded', bitrate: '120k' }, (stage) => stage.effect('cloud', { strength: 0.8, speedMps: 5 })),
  nothing('rain', { light: 'overcast' }, (stage) => {
    stage.effect('wet', { from: 30, to: 200 });
    stage.effect('rain', { from: 20, to: 580, strength: 0.8 });
  }),
  nothing('snow', { light: 'overcast' }, (stage) => stage.effect('snow', { from: 20, strength: 0.9 })),
  nothing('exposure', { light: 'overcast', camera: 'oblique' }, (stage) =>
    everyS(stage, 40, 45, (at, i) => stage.effect('exposure', { at, factor: i % 2 === 0 ? 1.5 : 1 / 1.5 })),
  ),
  nothing('shaking-pole', {}, (stage) => stage.effect('shake', { from: 10, strength: 1.2 })),
  nothing('sunset', {}, (stage) => {
    stage.effect('ramp', { from: 60, to: 400, toLight: 'dusk' });
    stage.effect('ramp', { from: 400, to: 560, toLight: 'night' });
  }),
  nothing('night', { light: 'night' }, () => undefined, quiet),
  nothing('night-headlights', { light: 'night' }, (stage) => sweeps(stage, 22), quiet),
  nothing(
    'night-rain',
    { light: 'night', bitrate: '200k' },
    (stage) => {
      stage.effect('rain', { from: 20, strength: 0.9 });
      sweeps(stage, 60);
    },
    quiet,
  ),
  nothing('infrared', { light: 'infrared', bitrate: '150k' }, (stage) => sweeps(stage, 40), quiet),
  nothing(
    'infrared-spider-and-snow',
    { light: 'infrared' },
    (stage) => {
      stage.effect('spider', { from: 60, to: 300 });
      stage.effect('snow', { from: 320, strength: 0.7 });
    },
    quiet,
  ),
  nothing(
    'infrared-flips',
    { light: 'dusk' },
    (stage) => {
      stage.effect('infrared', { at: 150, on: true });
      stage.effect('infrared', { at: 320, on: false });
      stage.effect('infrared', { at: 470, on: true });
    },
    quiet,
  ),
];
