import type { Point } from '../../domain/geometry.js';

/** How large things are, metres: along their way, across it, and high. */
export const KINDS = {
  person: { lengthM: 0.55, widthM: 0.55, heightM: 1.7, accelerationMps2: 1.5 },
  bicycle: { lengthM: 1.7, widthM: 0.6, heightM: 1.7, accelerationMps2: 1 },
  car: { lengthM: 4.4, widthM: 1.8, heightM: 1.5, accelerationMps2: 2 },
  bus: { lengthM: 11, widthM: 2.5, heightM: 3.1, accelerationMps2: 1.2 },
  pillar: { lengthM: 1.2, widthM: 1.2, heightM: 4, accelerationMps2: 1 },
} as const;
export type Kind = keyof typeof KINDS;

/** A thing that goes its way once. */
export interface Mover {
  readonly id: number;
  readonly kind: Kind;
  /** Corners of its way on the ground, metres: x to the right, y away from the camera. It is there from its start to its way's end. */
  readonly way: readonly Point[];
  /** Metres a second. */
  readonly speedMps: number;
  /** Seconds. */
  readonly startS: number;
  /** Where it stops, metres along its way, in order, and for how long; `Infinity`: it stays. */
  readonly stops: readonly { readonly atM: number; readonly forS: number }[];
}

/** Where a mover is, and which way it points. */
export interface Pose {
  readonly x: number;
  readonly z: number;
  /** Unit vector. */
  readonly headingX: number;
  readonly headingZ: number;
}

/** Seconds between two states of a mover's drive. */
const STEP_S = 0.05;

/** A mover's poses over time: it speeds up, brakes for its stops, waits, goes on. `null`: it is not there yet, or not any more. */
export function driveOf(mover: Mover, untilS: number): (t: number) => Pose | null {
  const { accelerationMps2: a } = KINDS[mover.kind];
  const legs = mover.way.slice(1).map((to, i) => {
    const from = mover.way[i] as Point;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    return { from, to, length };
  });
  const total = legs.reduce((sum, leg) => sum + leg.length, 0);
  const stops = [...mover.stops];
  const distances: number[] = [];
  let [distance, speed, waitS] = [0, mover.stops[0]?.atM === 0 ? 0 : mover.speedMps, 0];
  for (let t = mover.startS; t <= untilS + STEP_S && distance <= total; t += STEP_S) {
    distances.push(distance);
    const stop = stops[0];
    if (stop !== undefined && stop.atM - distance < 0.05) {
      speed = 0;
      waitS += STEP_S;
      if (waitS < stop.forS) continue;
      stops.shift();
      waitS = 0;
    }
    const next = stops[0];
    const braking = next === undefined ? Number.POSITIVE_INFINITY : Math.sqrt(2 * a * Math.max(0, next.atM - distance));
    speed = Math.max(0.1, Math.min(speed + a * STEP_S, mover.speedMps, braking));
    distance += speed * STEP_S;
  }
  return (t) => {
    const at = distances[Math.round((t - mover.startS) / STEP_S)];
    if (at === undefined) return null;
    let left = at;
    for (const { from, to, length } of legs) {
      if (left <= length) {
        const [headingX, headingZ] = [(to.x - from.x) / length, (to.y - from.y) / length];
        return { x: from.x + headingX * left, z: from.y + headingZ * left, headingX, headingZ };
      }
      left -= length;
    }
    return null;
  };
}
