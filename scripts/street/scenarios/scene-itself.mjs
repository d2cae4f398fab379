import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { flames, smoke } from '../things/fire.mjs';
import { object } from '../things/objects.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { water } from '../things/water.mjs';
import { laneTraffic, passersBy, REACH } from '../traffic.mjs';

function fireRule(stage) {
  stage.rule({ type: 'smoke_fire' });
}

/** Something burns from then on. */
function burns(stage, { at, place, fire = 1, plume = {}, thing = 'bin' }) {
  const rng = stage.rng.fork(`burns ${at}`);
  stage.add(object(thing, rng), stays(place[0], place[1]));
  const parts = [];
  if (plume !== null) parts.push(stage.add(smoke(rng.fork('smoke'), { startsS: at, ...plume }), stays(place[0], place[1], { from: at })));
  if (fire > 0)
    parts.push(
      stage.add(flames(rng.fork('fire'), { startsS: at + 2, size: fire }), stays(place[0], place[1] - 0.01, { from: at + 2 }), {
        look: { z: thing === 'bin' ? 0.9 : 0.3 },
      }),
    );
  // The plume's box counts when there is one.
  stage.incident({ from: at, to: null, object: parts[0], objects: parts });
}

export const smokeFire = [
  {
    name: 'bin-day',
    positive: true,
    stage: { durationS: 80 },
    write(stage) {
      fireRule(stage);
      burns(stage, { at: 15, place: [2, -2.6], fire: 0.8 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
  {
    name: 'smoke-overcast',
    positive: true,
    stage: { durationS: 90, light: 'overcast' },
    write(stage) {
      fireRule(stage);
      burns(stage, {
        at: 14,
        place: [-3, -2],
        fire: 0,
        plume: { rgb: [0.12, 0.12, 0.13], windMps: 0.7, thickness: 0.95 },
        thing: 'rubbish',
      });
      passersBy(stage, { perMinute: 5, d: [12.3, 14] });
    },
  },
  {
    name: 'heap-night',
    positive: true,
    stage: { durationS: 80, light: 'night' },
    write(stage) {
      fireRule(stage);
      burns(stage, { at: 12, place: [3, -2.2], fire: 1.1, plume: { thickness: 0.5 }, thing: 'rubbish' });
      laneTraffic(stage, { lane: 'far', perMinute: 6 });
    },
  },
  {
    name: 'cloud-and-red-cars-day',
    positive: false,
    stage: { durationS: 100 },
    write(stage) {
      fireRule(stage);
      stage.effect('cloud', { strength: 0.85, speedMps: 3 });
      const rng = stage.rng.fork('red');
      for (let t = 0; t < 100; t += 9)
        stage.add(
          vehicle('car', rng, { colour: [0.62, 0.04, 0.03] }),
          pathOf(t, [REACH.from, laneMiddle.near], [{ to: [REACH.to, laneMiddle.near], mps: 8 }]),
        );
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  },
  {
    name: 'headlights-night',
    positive: false,
    stage: { durationS: 100, light: 'night' },
    write(stage) {
      fireRule(stage);
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
      for (const at of [10, 40, 70]) stage.effect('sweep', { at, lengthS: 4, fromS: -18, toS: 22 });
      // Brake lights stand red in the picture.
      stage.add(
        vehicle('car', stage.rng.fork('brakes')),
        pathOf(
          14,
          [REACH.to, laneMiddle.farStrip],
          [
            { to: [4, laneMiddle.farStrip], mps: 7, endMps: 0.5 },
            { waitS: 40, headingDeg: 180 },
            { to: [REACH.from, laneMiddle.farStrip], mps: 5 },
          ],
        ),
      );
    },
  },
  {
    name: 'sunset-umbrella-dusk',
    positive: false,
    stage: { durationS: 110, light: 'day', camera: 'close' },
    write(stage) {
      fireRule(stage);
      stage.effect('ramp', { from: 20, to: 95, toLight: 'dusk' });
      stage.add(object('umbrella', stage.rng), stays(3, -2));
      passersBy(stage, { perMinute: 6 });
    },
  },
  {
    name: 'steam-overcast',
    positive: false,
    stage: { durationS: 90, light: 'overcast' },
    write(stage) {
      fireRule(stage);
      // A little white steam over a cover, gone within a metre, as in every winter.
      stage.add(
        smoke(stage.rng.fork('steam'), {
          label: 'steam',
          rgb: [0.75, 0.75, 0.75],
          riseMps: 0.5,
          lifeS: 2,
          windMps: 0.8,
          thickness: 0.16,
          growsS: 1,
          startsS: -5,
        }),
        stays(3, 4.3),
      );
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
    },
  },
];

const WATER_AFTER_S = 20;

function waterRule(stage) {
  stage.zone('road', stretch(-8, 16, [0.1, 8.9]));
  stage.rule({ type: 'water_on_road', zone: 'road', after: `${WATER_AFTER_S} s` });
}

function floods(stage, { at, place, radiusM = 2.4, growsS = 50 }) {
  const puddle = stage.add(water(stage.rng.fork('water'), { startsS: at, growsS, radiusM }), stays(place[0], place[1], { from: at }));
  stage.incident({ from: at, to: null, due: at + 0.4 * growsS + WATER_AFTER_S, object: puddle, zone: 'road' });
}

export const waterOnRoad = [
  { name: 'burst-day', positive: true, light: 'day', at: 10, place: [3, 3] },
  { name: 'burst-overcast', positive: true, light: 'overcast', at: 12, place: [1, 2.5], radiusM: 2 },
  { name: 'burst-shaded', positive: true, light: 'shaded', at: 10, place: [4, 4.2], radiusM: 2.8 },
]
  .map(({ name, positive, light, ...puddle }) => ({
    name,
    positive,
    stage: { durationS: 130, light },
    write(stage) {
      waterRule(stage);
      floods(stage, puddle);
      laneTraffic(stage, { lane: 'far', perMinute: 8 });
    },
  }))
  .concat([
    {
      name: 'shadows-day',
      positive: false,
      stage: {
        durationS: 120,
        trees: [
          [3, -5],
          [10, 12.6],
        ],
        wind: 0.4,
      },
      write(stage) {
        waterRule(stage);
        stage.effect('cloud', { strength: 0.9, speedMps: 0.9, sizeM: 15 });
        laneTraffic(stage, { lane: 'far', perMinute: 8 });
      },
    },
    {
      name: 'rain-darkens-all-overcast',
      positive: false,
      stage: { durationS: 130, light: 'overcast' },
      write(stage) {
        waterRule(stage);
        stage.effect('wet', { from: 15, to: 60 });
        stage.effect('rain', { from: 12, to: 130, strength: 0.6 });
        laneTraffic(stage, { lane: 'near', perMinute: 8 });
      },
    },
    {
      name: 'dark-van-stands-day',
      positive: false,
      stage: { durationS: 120 },
      write(stage) {
        waterRule(stage);
        stage.add(
          vehicle('van', stage.rng, { colour: [0.07, 0.07, 0.08] }),
          pathOf(
            5,
            [REACH.from, laneMiddle.near],
            [
              { to: [-8, laneMiddle.near], mps: 8 },
              { to: [3, laneMiddle.strip], mps: 7, endMps: 0.2 },
              { waitS: 70, headingDeg: 0 },
              { to: [REACH.to, laneMiddle.near], mps: 5 },
            ],
          ),
        );
        laneTraffic(stage, { lane: 'far', perMinute: 8 });
      },
    },
  ]);

const OUT_AFTER_S = 10;
/** The lamp over the far pavement, in the middle of the picture. */
const LAMP = 1;

function lampRule(stage) {
  const { s, d, head } = stage.lamps[LAMP];
  const [x, y] = stage.camera.project(head[0], head[1], 6.5);
  const [w, h] = [0.045, 0.07];
  const box = [x / stage.width - w, y / stage.height - h, x / stage.width + w, y / stage.height + h].map(
    (c) => Math.round(Math.min(1, Math.max(0, c)) * 1e4) / 1e4,
  );
  stage.place('lamp', box);
  stage.rule({ type: 'light_outage', zone: 'lamp', after: `${OUT_AFTER_S} s` });
  return { box, s, d };
}

/** A camera that has a lamp's head well in its picture. */
const lampView = {
  camera: 'lamps',
  lamps: [
    [-8, 12],
    [3, 12],
    [13, 12],
    [24, 12],
  ],
};

function fails(stage, { at, flicker = false }) {
  const { box } = lampRule(stage);
  stage.effect('lamp', { lamp: LAMP, at, flicker });
  stage.incident({ from: at, to: null, due: at + OUT_AFTER_S, box, zone: 'lamp' });
}

export const lightOutage = [
  {
    name: 'fails-night',
    positive: true,
    stage: { durationS: 90, light: 'night', ...lampView },
    write(stage) {
      fails(stage, { at: 25 });
      laneTraffic(stage, { lane: 'near', perMinute: 6 });
    },
  },
  {
    name: 'flickers-night',
    positive: true,
    stage: { durationS: 90, light: 'night', ...lampView },
    write(stage) {
      fails(stage, { at: 30, flicker: true });
      laneTraffic(stage, { lane: 'far', perMinute: 6 });
    },
  },
  {
    name: 'fails-dusk',
    positive: true,
    stage: { durationS: 100, light: 'dusk', ...lampView },
    write(stage) {
      fails(stage, { at: 40 });
      passersBy(stage, { perMinute: 5 });
    },
  },
  {
    name: 'dawn',
    positive: false,
    stage: { durationS: 120, light: 'night', ...lampView },
    write(stage) {
      lampRule(stage);
      stage.effect('ramp', { from: 20, to: 80, toLight: 'overcast' });
      stage.effect('lamps', { at: 70, on: false });
      laneTraffic(stage, { lane: 'near', perMinute: 6 });
    },
  },
  {
    name: 'off-by-day',
    positive: false,
    stage: { durationS: 80, light: 'overcast', ...lampView },
    write(stage) {
      lampRule(stage);
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
    },
  },
  {
    name: 'headlights-and-rain-night',
    positive: false,
    stage: { durationS: 100, light: 'night', ...lampView },
    write(stage) {
      lampRule(stage);
      stage.effect('rain', { from: 20, to: 80, strength: 0.7 });
      for (const at of [15, 50]) stage.effect('sweep', { at, lengthS: 4, fromS: -18, toS: 22 });
      laneTraffic(stage, { lane: 'near', perMinute: 8 });
    },
  },
];

const AT = 35;

function tampered(stage, kind, options, lasts = {}) {
  stage.rule({ type: 'camera_tamper' });
  stage.effect(kind, options);
  stage.incident({ from: AT, to: null, box: [0, 0, 1, 1], kind, ...lasts });
  laneTraffic(stage, { lane: 'near', perMinute: 10 });
  laneTraffic(stage, { lane: 'far', perMinute: 8 });
  passersBy(stage, { perMinute: 6 });
}

const tamper = (name, kind, options, stage = {}) => ({
  name,
  positive: true,
  stage: { durationS: 80, ...stage },
  write: (made) => tampered(made, kind, typeof options === 'function' ? options(made) : options),
});
const noTamper = (name, write, stage = {}) => ({
  name,
  positive: false,
  stage: { durationS: 80, ...stage },
  write(made) {
    made.rule({ type: 'camera_tamper' });
    laneTraffic(made, { lane: 'near', perMinute: 8 });
    passersBy(made, { perMinute: 5 });
    write(made);
  },
});

export const cameraTamper = [
  tamper('covered-day', 'cover', { from: AT }),
  tamper('covered-night', 'cover', { from: AT }, { light: 'night' }),
  tamper('moved-day', 'pose', (stage) => ({ at: AT, camera: stage.turned({ headingDeg: 24, pitchDeg: -4 }) })),
  tamper('moved-night', 'pose', (stage) => ({ at: AT, camera: stage.turned({ headingDeg: -18, pitchDeg: 6 }) }), { light: 'night' }),
  tamper('defocused-overcast', 'defocus', { from: AT }, { light: 'overcast' }),
  tamper('frozen-day', 'freeze', { from: AT }),
  tamper('black-overcast', 'black', { from: AT }, { light: 'overcast' }),
  noTamper(
    'infrared-flip',
    (stage) => {
      stage.effect('ramp', { from: 5, to: 34, toLight: 'night' });
      stage.effect('infrared', { at: 35, on: true });
    },
    { light: 'dusk' },
  ),
  noTamper('infrared-off', (stage) => stage.effect('infrared', { at: 30, on: false, toLight: 'overcast' }), { light: 'infrared' }),
  noTamper('bus-before-lens-day', (stage) => {
    // On a ramp right before the pole: fills most of the picture for five seconds.
    const path = pathOf(
      28,
      [-30, -8],
      [
        { to: [-6, -8], mps: 6, endMps: 3 },
        { to: [6, -8], mps: 2.4 },
        { to: [40, -8], mps: 4 },
      ],
    );
    stage.add(vehicle('bus', stage.rng.fork('close')), path, { look: { z: 3.3 } });
  }),
  noTamper('exposure-steps-day', (stage) => {
    stage.effect('exposure', { at: 25, factor: 1.6 });
    stage.effect('exposure', { at: 50, factor: 0.5 });
  }),
  noTamper('power-dip-night', (stage) => stage.effect('dip', { at: 35, lengthS: 1.2, factor: 0.3 }), { light: 'night' }),
  noTamper('spider-infrared', (stage) => stage.effect('spider', { from: 20, to: 60 }), { light: 'infrared' }),
  noTamper(
    'shake-and-rain-overcast',
    (stage) => {
      stage.effect('shake', { from: 10, to: 80, strength: 1 });
      stage.effect('rain', { from: 20, to: 80, strength: 0.9 });
    },
    { light: 'overcast' },
  ),
];
