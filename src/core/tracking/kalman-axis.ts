/**
 * One coordinate of a moving thing: position, velocity and acceleration under white jerk, updated at irregular times. A state is
 * nine numbers in a row within a caller's array, so that thousands of them cost no memory of their own:
 * p, v, a, then the covariance's upper triangle pp, pv, pa, vv, va, aa.
 *
 * @source Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, section 6.2.3
 * (continuous white-noise jerk model).
 */
export const AXIS_NUMBERS = 9;

/** Where the variance of the position lies within a state. */
export const AXIS_PP = 3;

/**
 * The state at `at` some time later, written to `to` at `toAt` (which may be the same place).
 *
 * @param dt seconds.
 * @param jerk spectral density of the jerk, px²/s⁵.
 */
export function predictAxis(from: Float64Array, at: number, to: Float64Array, toAt: number, dt: number, jerk: number): void {
  const h = (dt * dt) / 2;
  const p = from[at] as number;
  const v = from[at + 1] as number;
  const a = from[at + 2] as number;
  const pp = from[at + 3] as number;
  const pv = from[at + 4] as number;
  const pa = from[at + 5] as number;
  const vv = from[at + 6] as number;
  const va = from[at + 7] as number;
  const aa = from[at + 8] as number;
  const dt2 = dt * dt;
  const dt3 = dt2 * dt;
  // F P Fᵀ with F = [[1, dt, h], [0, 1, dt], [0, 0, 1]], then the noise of the jerk.
  const npa = pa + dt * va + h * aa;
  const nva = va + dt * aa;
  const npv = pv + dt * vv + h * va + dt * npa;
  const npp = pp + dt * pv + h * pa + dt * (pv + dt * vv + h * va) + h * npa;
  const nvv = vv + dt * va + dt * nva;
  to[toAt] = p + dt * v + h * a;
  to[toAt + 1] = v + dt * a;
  to[toAt + 2] = a;
  to[toAt + 3] = npp + (jerk * dt3 * dt2) / 20;
  to[toAt + 4] = npv + (jerk * dt2 * dt2) / 8;
  to[toAt + 5] = npa + (jerk * dt3) / 6;
  to[toAt + 6] = nvv + (jerk * dt3) / 3;
  to[toAt + 7] = nva + (jerk * dt2) / 2;
  to[toAt + 8] = aa + jerk * dt;
}

/** Takes a measurement into the state at `at`. @param z measured position. @param r its variance. */
export function updateAxis(s: Float64Array, at: number, z: number, r: number): void {
  const pp = s[at + 3] as number;
  const pv = s[at + 4] as number;
  const pa = s[at + 5] as number;
  const gain = 1 / (pp + r);
  const kp = pp * gain;
  const kv = pv * gain;
  const ka = pa * gain;
  const e = z - (s[at] as number);
  s[at] = (s[at] as number) + kp * e;
  s[at + 1] = (s[at + 1] as number) + kv * e;
  s[at + 2] = (s[at + 2] as number) + ka * e;
  s[at + 3] = pp * (1 - kp);
  s[at + 4] = pv * (1 - kp);
  s[at + 5] = pa * (1 - kp);
  s[at + 6] = (s[at + 6] as number) - kv * pv;
  s[at + 7] = (s[at + 7] as number) - kv * pa;
  s[at + 8] = (s[at + 8] as number) - ka * pa;
}

/** Writes a state from two positions a time apart. @param r their variance. @param sigmaA how large accelerations are, px/s². */
export function startAxis(
  to: Float64Array,
  at: number,
  p0: number,
  p1: number,
  dt: number,
  r: number,
  meanA: number,
  sigmaA: number,
): void {
  to[at] = p1;
  to[at + 1] = (p1 - p0) / dt + (meanA * dt) / 2;
  to[at + 2] = meanA;
  to[at + 3] = r;
  to[at + 4] = r / dt;
  to[at + 5] = 0;
  to[at + 6] = (2 * r) / (dt * dt) + (sigmaA * dt) ** 2 / 4;
  to[at + 7] = (sigmaA * sigmaA * dt) / 2;
  to[at + 8] = sigmaA * sigmaA;
}
