import { pathOf } from './paths.mjs';
import { laneMiddle } from './street.mjs';
import { cycle, person } from './things/people.mjs';
import { vehicle } from './things/vehicles.mjs';

/** How far to each side of the origin the street is peopled, metres. */
export const REACH = { from: -48, to: 75 };

/**
 * Ordinary traffic in one lane: vehicles one behind another at one speed, far enough apart.
 *
 * @param {ReturnType<import('./stage.mjs').createStage>} stage
 * @param {{lane: 'near' | 'far', perMinute: number, mps?: number, kinds?: readonly string[], from?: number, to?: number}} p
 * @returns {readonly object[]} the actors
 */
export function laneTraffic(
  stage,
  { lane, perMinute, mps = 9, kinds = ['car', 'car', 'car', 'van', 'car', 'bus'], from = -12, to = stage.durationS },
) {
  const rng = stage.rng.fork(`traffic ${lane} ${from}`);
  const [start, end] = lane === 'near' ? [REACH.from, REACH.to] : [REACH.to, REACH.from];
  const made = [];
  for (let t = from; t < to; ) {
    const kind = rng.pick(kinds);
    const d = laneMiddle[lane] + rng.range(-0.25, 0.25);
    made.push(stage.add(vehicle(kind, rng), pathOf(t, [start, d], [{ to: [end, d], mps }])));
    t += Math.max(kind === 'bus' ? 3.6 : 2.2, -Math.log(1 - rng.next()) * (60 / perMinute));
  }
  return made;
}

/**
 * People on a pavement, each at an own pace, both ways.
 *
 * @param {{d?: readonly [number, number], perMinute: number, from?: number, to?: number}} p
 */
export function passersBy(stage, { d = [-3.8, -0.8], perMinute, from = -40, to = stage.durationS, reach = [-32, 48] }) {
  const rng = stage.rng.fork(`people ${d[0]} ${from}`);
  const made = [];
  for (let t = from; t < to; t += -Math.log(1 - rng.next()) * (60 / perMinute)) {
    const [a, b] = rng.chance(0.5) ? reach : [reach[1], reach[0]];
    const at = rng.range(...d);
    made.push(stage.add(person(rng), pathOf(t, [a, at], [{ to: [b, at + rng.range(-0.3, 0.3)], mps: rng.range(1.1, 1.6) }])));
  }
  return made;
}

/** Bicycles and motorcycles in the strips, with the traffic. */
export function riders(stage, { lane, perMinute, from = -12, to = stage.durationS }) {
  const rng = stage.rng.fork(`riders ${lane}`);
  const [start, end] = lane === 'strip' ? [REACH.from, REACH.to] : [REACH.to, REACH.from];
  const made = [];
  for (let t = from; t < to; t += Math.max(2.5, -Math.log(1 - rng.next()) * (60 / perMinute))) {
    const kind = rng.pick(['bicycle', 'motorcycle']);
    const d = laneMiddle[lane] + rng.range(-0.4, 0.4);
    // All alike: nobody rides through another.
    made.push(stage.add(cycle(kind, rng), pathOf(t, [start, d], [{ to: [end, d], mps: 5 }])));
  }
  return made;
}
