/**
 * One coordinate of a moving thing: position, velocity and acceleration under white jerk, updated at irregular times.
 * A plain value: `predict` and `update` return new ones, so that hypotheses can branch.
 *
 * @source Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation, section 6.2.3
 * (continuous white-noise jerk model).
 */
export interface AxisState {
  readonly p: number;
  readonly v: number;
  readonly a: number;
  /** Covariance, upper triangle: pp, pv, pa, vv, va, aa. */
  readonly c: readonly [number, number, number, number, number, number];
}

/** @param jerk spectral density of the jerk, px²/s⁵. @param dt seconds. */
export function predictAxis(s: AxisState, dt: number, jerk: number): AxisState {
  const h = (dt * dt) / 2;
  const [pp, pv, pa, vv, va, aa] = s.c;
  const dt2 = dt * dt;
  const dt3 = dt2 * dt;
  // F P Fᵀ with F = [[1, dt, h], [0, 1, dt], [0, 0, 1]], then the noise of the jerk.
  const npa = pa + dt * va + h * aa;
  const nva = va + dt * aa;
  const npv = pv + dt * vv + h * va + dt * npa;
  const npp = pp + dt * pv + h * pa + dt * (pv + dt * vv + h * va) + h * npa;
  const nvv = vv + dt * va + dt * nva;
  return {
    p: s.p + dt * s.v + h * s.a,
    v: s.v + dt * s.a,
    a: s.a,
    c: [
      npp + (jerk * dt3 * dt2) / 20,
      npv + (jerk * dt2 * dt2) / 8,
      npa + (jerk * dt3) / 6,
      nvv + (jerk * dt3) / 3,
      nva + (jerk * dt2) / 2,
      aa + jerk * dt,
    ],
  };
}

/** @param z measured position. @param r its variance. */
export function updateAxis(s: AxisState, z: number, r: number): AxisState {
  const [pp, pv, pa, vv, va, aa] = s.c;
  const gain = 1 / (pp + r);
  const [kp, kv, ka] = [pp * gain, pv * gain, pa * gain];
  const e = z - s.p;
  return {
    p: s.p + kp * e,
    v: s.v + kv * e,
    a: s.a + ka * e,
    c: [pp * (1 - kp), pv * (1 - kp), pa * (1 - kp), vv - kv * pv, va - kv * pa, aa - ka * pa],
  };
}

/** A state from two positions a time apart. @param sigmaA how large accelerations are, px/s². */
export function startAxis(p0: number, p1: number, dt: number, r: number, meanA: number, sigmaA: number): AxisState {
  const v = (p1 - p0) / dt + (meanA * dt) / 2;
  return {
    p: p1,
    v,
    a: meanA,
    c: [r, r / dt, 0, (2 * r) / (dt * dt) + (sigmaA * dt) ** 2 / 4, (sigmaA * sigmaA * dt) / 2, sigmaA * sigmaA],
  };
}
