import { laneTraffic, passersBy } from '../traffic.mjs';
import { vehicles } from './common.mjs';

/** A line across the road: the lane that comes nearer goes one way, the other the other way. */
function roadLine(stage) {
  stage.line('road', [4, 0.2], [4, 11]);
  stage.rule({ type: 'line_crossing', line: 'road', labels: vehicles });
}

/** Every crossing is an incident: they are found from the paths. */
function crossings(stage, actors, at = 4, line = 'road') {
  for (const actor of actors) {
    const { from, to } = actor.path;
    for (let t = Math.max(0.2, from + 0.02); t < Math.min(to, stage.durationS - 0.6); t += 0.02) {
      const [a, b] = [actor.path.at(t - 0.02), actor.path.at(t)];
      if (a === null || b === null || a.s < at === b.s < at) continue;
      stage.incident({ from: t, to: t, object: actor, line, direction: b.s >= at ? 'right' : 'left' });
    }
  }
}

export const lineCrossing = [
  {
    name: 'both-ways-day',
    positive: true,
    stage: { durationS: 120 },
    write(stage) {
      roadLine(stage);
      crossings(stage, [...laneTraffic(stage, { lane: 'near', perMinute: 12 }), ...laneTraffic(stage, { lane: 'far', perMinute: 10 })]);
    },
  },
  {
    name: 'dense-oblique-overcast',
    positive: true,
    stage: { durationS: 120, light: 'overcast', camera: 'oblique' },
    write(stage) {
      roadLine(stage);
      crossings(stage, [
        ...laneTraffic(stage, { lane: 'near', perMinute: 20, mps: 7 }),
        ...laneTraffic(stage, { lane: 'far', perMinute: 18, mps: 8 }),
      ]);
      passersBy(stage, { perMinute: 8 });
    },
  },
  {
    name: 'night',
    positive: true,
    stage: { durationS: 120, light: 'night' },
    write(stage) {
      roadLine(stage);
      crossings(stage, [...laneTraffic(stage, { lane: 'near', perMinute: 8 }), ...laneTraffic(stage, { lane: 'far', perMinute: 7 })]);
    },
  },
  {
    name: 'people-day',
    positive: true,
    stage: { durationS: 120, camera: 'close' },
    write(stage) {
      stage.line('pavement', [2, -4.4], [2, -0.1]);
      stage.rule({ type: 'line_crossing', line: 'pavement', labels: ['person'] });
      crossings(stage, passersBy(stage, { perMinute: 9 }), 2, 'pavement');
      laneTraffic(stage, { lane: 'near', perMinute: 6 });
    },
  },
  {
    name: 'passes-beside-day',
    positive: false,
    stage: { durationS: 90 },
    write(stage) {
      stage.line('pavement', [2, -4.4], [2, -0.3]);
      stage.rule({ type: 'line_crossing', line: 'pavement', labels: ['person', 'car'] });
      laneTraffic(stage, { lane: 'near', perMinute: 10 });
      laneTraffic(stage, { lane: 'far', perMinute: 10 });
      passersBy(stage, { perMinute: 8, d: [12, 14] });
    },
  },
  {
    name: 'shadow-over-line-day',
    positive: false,
    stage: {
      durationS: 90,
      trees: [
        [3, -6.4],
        [19, 12.6],
      ],
    },
    write(stage) {
      roadLine(stage);
      stage.effect('wind', { strength: 0.7 });
      stage.effect('cloud', { strength: 0.9, speedMps: 5 });
      passersBy(stage, { perMinute: 8 });
    },
  },
  {
    name: 'headlights-night',
    positive: false,
    stage: { durationS: 90, light: 'night' },
    write(stage) {
      roadLine(stage);
      for (const at of [8, 28, 47, 70])
        stage.effect('sweep', { at, lengthS: 4, fromS: at % 3 === 0 ? 22 : -18, toS: at % 3 === 0 ? -18 : 22 });
      passersBy(stage, { perMinute: 4, d: [12.2, 14] });
    },
  },
];
