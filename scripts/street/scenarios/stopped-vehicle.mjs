import { pathOf } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { laneTraffic, passersBy, REACH } from '../traffic.mjs';
import { pullsIn, redLight, within } from './common.mjs';

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
