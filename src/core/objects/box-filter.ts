import type { Box } from '../../domain/geometry.js';
import { type BoxScale, scaleOf } from './boxes.js';

/** Where a box is, where it will be, and how sure that is. */
export interface BoxFilter {
  /** Begins anew at a box whose velocity is unknown. */
  start(box: Box): void;
  /** Goes on by `dt` seconds without looking. */
  predict(dt: number): void;
  /** Takes a box in; `trust` 0..1: how much of a usual observation it is worth. */
  update(box: Box, trust: number): void;
  /** Forgets the velocity: it stands. */
  halt(): void;
  /** Multiplies the velocity: the longer a thing is unseen, the less is known of where it goes. */
  slow(factor: number): void;
  /** The expected box; written to `to`. */
  box(to: MutableBox): void;
  /** Of the middle of the lower edge, per second. */
  readonly velocityX: number;
  readonly velocityY: number;
  /** Standard deviation of the middle's expected place. */
  readonly spreadX: number;
  readonly spreadY: number;
}

export type MutableBox = { -readonly [K in keyof Box]: Box[K] };

/**
 * All lengths are in scales of the object ({@link scaleOf}: some 0.9 m of a person, 2.5 m of a car), so that they hold near and far.
 *
 * How fast velocities change: a spectral density of acceleration, scales²/s³. A person starts, stops and turns within half a second (1.5 m/s);
 * smaller, and the box overshoots who stops; larger, and a passer's course is forgotten behind the first lamp-post.
 */
const ACCELERATION = 0.6;
/** The same of the logarithm of the sides, 1/s³: a car comes up from 30 m away to 5 m in three seconds, and turns within one. */
const GROWTH = 0.2;
/** Rate at which sides may first grow, standard deviation of their logarithm, 1/s: a car at 10 m/s that is 10 m away grows by a factor of e a second. */
const FIRST_GROWTH = 0.6;
/** A detector's jitter of a box's middle, scales: YOLOX-nano at 416 px on the shared clips. Smaller follows jitter, larger lags. */
const JITTER = 0.06;
/** Of the logarithm of its sides: a hidden leg or an opened door changes them more than it moves the middle. */
const SIDE_JITTER = 0.1;
/** Speed of what has been seen once, standard deviation, scales a second: a cyclist's 5 m/s at 0.9 m, a car's 12 m/s at 2.5 m. */
const FIRST_SPEED = 3;
/** No spread grows beyond this, scales: what was long unseen is anywhere near, not anywhere. */
const MAX_SPREAD = 3;
/** Numbers of one coordinate: place, speed, and the covariance's pp, pv, vv. */
const NUMBERS = 5;

/**
 * A Kalman filter of a box: its middle, and the logarithms of its sides, each with a constant velocity under white acceleration, at irregular times.
 * Logarithms, because what comes nearer grows by a factor in each second.
 *
 * @param aspect the picture's width ÷ height.
 * @source Bewley et al., Simple Online and Realtime Tracking, 2016, with noise by size and second instead of by frame; Bar-Shalom, Li and
 * Kirubarajan, Estimation with Applications to Tracking and Navigation, section 6.2.2 (continuous white-noise acceleration).
 */
export function createBoxFilter(aspect: number): BoxFilter {
  /** Middle x, middle y, width, height. */
  const state = new Float64Array(4 * NUMBERS);
  const scale: BoxScale = { x: 1, y: 1 };
  const now: MutableBox = { x1: 0, y1: 0, x2: 0, y2: 0 };

  const read = (to: MutableBox): void => {
    const width = Math.exp(state[2 * NUMBERS] as number);
    const height = Math.exp(state[3 * NUMBERS] as number);
    to.x1 = (state[0] as number) - width / 2;
    to.x2 = to.x1 + width;
    to.y1 = (state[NUMBERS] as number) - height / 2;
    to.y2 = to.y1 + height;
  };
  const begin = (at: number, value: number, side: number, jitter: number, speed: number): void => {
    state[at] = value;
    state[at + 1] = 0;
    state[at + 2] = (jitter * side) ** 2;
    state[at + 3] = 0;
    state[at + 4] = (speed * side) ** 2;
  };

  return {
    start(box) {
      scaleOf(box, aspect, scale);
      begin(0, (box.x1 + box.x2) / 2, scale.x, JITTER, FIRST_SPEED);
      begin(NUMBERS, (box.y1 + box.y2) / 2, scale.y, JITTER, FIRST_SPEED);
      begin(2 * NUMBERS, logOf(box.x2 - box.x1), 1, SIDE_JITTER, FIRST_GROWTH);
      begin(3 * NUMBERS, logOf(box.y2 - box.y1), 1, SIDE_JITTER, FIRST_GROWTH);
    },
    predict(dt) {
      read(now);
      scaleOf(now, aspect, scale);
      predictAxis(state, 0, dt, ACCELERATION * scale.x * scale.x, scale.x, FIRST_SPEED);
      predictAxis(state, NUMBERS, dt, ACCELERATION * scale.y * scale.y, scale.y, FIRST_SPEED);
      predictAxis(state, 2 * NUMBERS, dt, GROWTH, 1, FIRST_GROWTH);
      predictAxis(state, 3 * NUMBERS, dt, GROWTH, 1, FIRST_GROWTH);
    },
    update(box, trust) {
      scaleOf(box, aspect, scale);
      const noise = 1 / Math.max(1e-3, trust);
      updateAxis(state, 0, (box.x1 + box.x2) / 2, (JITTER * scale.x) ** 2 * noise);
      updateAxis(state, NUMBERS, (box.y1 + box.y2) / 2, (JITTER * scale.y) ** 2 * noise);
      updateAxis(state, 2 * NUMBERS, logOf(box.x2 - box.x1), SIDE_JITTER ** 2 * noise);
      updateAxis(state, 3 * NUMBERS, logOf(box.y2 - box.y1), SIDE_JITTER ** 2 * noise);
    },
    halt() {
      for (let at = 1; at < state.length; at += NUMBERS) state[at] = 0;
    },
    slow(factor) {
      for (let at = 1; at < state.length; at += NUMBERS) state[at] = (state[at] as number) * factor;
    },
    box: read,
    get velocityX() {
      return state[1] as number;
    },
    get velocityY() {
      return (state[NUMBERS + 1] as number) + ((state[3 * NUMBERS + 1] as number) * Math.exp(state[3 * NUMBERS] as number)) / 2;
    },
    get spreadX() {
      return Math.sqrt(state[2] as number);
    },
    get spreadY() {
      return Math.sqrt(state[NUMBERS + 2] as number);
    },
  };
}

/** The logarithm of a side; one thinner than a pixel of 4K counts as that. */
const logOf = (side: number): number => Math.log(Math.max(2.5e-4, side));

/** @param q spectral density of acceleration. @param scale what spreads are measured in; @param speed in it, the most that the speed is uncertain. */
function predictAxis(s: Float64Array, at: number, dt: number, q: number, scale: number, speed: number): void {
  const vv = s[at + 4] as number;
  const pv = s[at + 3] as number;
  const most = (MAX_SPREAD * scale) ** 2;
  const limit = (speed * scale) ** 2;
  s[at] = (s[at] as number) + dt * (s[at + 1] as number);
  s[at + 2] = Math.min(most, (s[at + 2] as number) + dt * (2 * pv + dt * vv) + (q * dt * dt * dt) / 3);
  s[at + 4] = Math.min(limit, vv + q * dt);
  // Held within what both variances allow, or the covariance would be none.
  const bound = 0.99 * Math.sqrt((s[at + 2] as number) * (s[at + 4] as number));
  s[at + 3] = Math.min(bound, Math.max(-bound, pv + dt * vv + (q * dt * dt) / 2));
}

function updateAxis(s: Float64Array, at: number, z: number, r: number): void {
  const pp = s[at + 2] as number;
  const pv = s[at + 3] as number;
  const gain = 1 / (pp + r);
  const e = z - (s[at] as number);
  s[at] = (s[at] as number) + pp * gain * e;
  s[at + 1] = (s[at + 1] as number) + pv * gain * e;
  s[at + 2] = pp * (1 - pp * gain);
  s[at + 3] = pv * (1 - pp * gain);
  s[at + 4] = (s[at + 4] as number) - pv * pv * gain;
}
