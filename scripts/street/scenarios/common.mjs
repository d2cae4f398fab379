import { pathOf } from '../paths.mjs';
import { laneMiddle } from '../street.mjs';
import { vehicle } from '../things/vehicles.mjs';
import { REACH } from '../traffic.mjs';

export const vehicles = ['car', 'truck', 'bus'];

/** When a path is first and last where `inside(s, d)` says, seconds; only within the scene. */
export function timesInside(path, inside, step = 0.05) {
  let first = null;
  let last = null;
  for (let t = Math.max(0, path.from); t <= Math.min(path.to, 3600); t += step) {
    const pose = path.at(t);
    if (pose === null || !inside(pose.s, pose.d)) continue;
    first ??= t;
    last = t;
  }
  return [first, last];
}

/** A vehicle comes along the near lane, pulls in to the kerb at `s`, stands, and leaves again. */
export function pullsIn(stage, { at, standS, s = 3, kind = 'car', mps = 8, d = laneMiddle.strip }) {
  const lane = laneMiddle.near;
  const path = pathOf(
    at,
    [REACH.from, lane],
    [
      { to: [s - 14, lane], mps },
      { to: [s - 4, d + 0.25], mps, endMps: 3 },
      { to: [s, d], mps: 3, endMps: 0.7 },
      { waitS: standS, headingDeg: 0 },
      { to: [s + 9, lane], mps: 0.5, endMps: 5 },
      { to: [REACH.to, lane], mps: 5, endMps: 9 },
    ],
  );
  const actor = stage.add(vehicle(kind, stage.rng.fork(`pulls in ${at}`)), path);
  return { actor, path, standsFrom: path.endOf(2), standsTo: path.endOf(3) };
}

/** A short column that halts for a red light. */
export function redLight(stage, { at, standS, count = 3 }) {
  for (let i = 0; i < count; i++) {
    const s = 6 - 7 * i;
    const path = pathOf(
      at + 2 * i,
      [REACH.from, laneMiddle.near],
      [
        { to: [s - 12, laneMiddle.near], mps: 8 },
        { to: [s, laneMiddle.near], mps: 8, endMps: 0.7 },
        { waitS: standS + 0.2 * i, headingDeg: 0 },
        { to: [REACH.to, laneMiddle.near], mps: 1, endMps: 9 },
      ],
    );
    stage.add(vehicle('car', stage.rng.fork(`red ${at} ${i}`)), path);
  }
}

/** `to` of an incident: null when the clip ends before. */
export const within = (stage, t) => (t < stage.durationS ? t : null);
