import { pathOf, stays } from '../paths.mjs';
import { stretch } from '../stage.mjs';
import { laneMiddle } from '../street.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { laneTraffic, REACH } from '../traffic.mjs';
import { redLight, within } from './common.mjs';

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
