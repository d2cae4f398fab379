/** Standard gravity, m/s². */
export const GRAVITY = 9.81;
/**
 * Longest step of the integration, seconds: at 0.04 s a fall of 4 s is exact to under 1 mm. A hair more, since pictures of 25 a second are as far apart up to
 * the rounding of their times, and half of them would take two steps.
 */
const MAX_STEP_S = 0.0401;

/** Motion in front of a facade: x to the right, y up, z straight out of it. Metres and metres a second. */
export interface MotionState {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly vx: number;
  readonly vy: number;
  readonly vz: number;
}

/** What acts on a falling thing. */
export interface FallForces {
  /** Speed at which drag balances weight in still air, m/s; `Infinity` for no drag. */
  readonly terminalSpeed: number;
  /** m/s²; another value than 9.81 expresses an error of the scale, 0 a thing that does not fall. */
  readonly gravity: number;
  /** Wind along the facade, m/s to the right: it carries light things away and heavy ones hardly. */
  readonly windX: number;
  /** Wind out of the facade, m/s, negative into it. */
  readonly windZ: number;
}

/** A fall without air. */
export const IN_VACUUM: FallForces = { terminalSpeed: Number.POSITIVE_INFINITY, gravity: GRAVITY, windX: 0, windZ: 0 };

/**
 * Where a thing with quadratic air drag is after a time. Negative times go back along the same path.
 *
 * @example advance(atRest, 1, IN_VACUUM).y // 4.905 below where it was
 */
export function advance(state: MotionState, seconds: number, forces: FallForces): MotionState {
  const motion = Float64Array.of(state.x, state.y, state.z, state.vx, state.vy, state.vz);
  advanceInPlace(motion, seconds, forces.terminalSpeed, forces.gravity, forces.windX, forces.windZ);
  const [x, y, z, vx, vy, vz] = motion as unknown as readonly [number, number, number, number, number, number];
  return { x, y, z, vx, vy, vz };
}

/**
 * The same for a motion given as six numbers, x, y, z, vx, vy, vz, which it changes.
 *
 * @source dv/dt = −g·e_y − g·|u|·u / v_t² with u the velocity through the air, fourth-order Runge-Kutta; straight down in still air
 * it is s = (v_t²/g)·ln cosh(g·t/v_t).
 */
export function advanceInPlace(
  motion: Float64Array,
  seconds: number,
  terminalSpeed: number,
  gravity: number,
  windX: number,
  windZ: number,
): void {
  const steps = Math.max(1, Math.ceil(Math.abs(seconds) / MAX_STEP_S));
  const h = seconds / steps;
  const k = Number.isFinite(terminalSpeed) ? gravity / (terminalSpeed * terminalSpeed) : 0;
  let x = motion[0] as number;
  let y = motion[1] as number;
  let z = motion[2] as number;
  // Velocities through the air, which moves along the facade and out of it.
  let ux = (motion[3] as number) - windX;
  let vy = motion[4] as number;
  let uz = (motion[5] as number) - windZ;
  for (let i = 0; i < steps; i++) {
    const d1 = k * Math.sqrt(ux * ux + vy * vy + uz * uz);
    const x2 = ux - (h / 2) * d1 * ux;
    const y2 = vy - (h / 2) * (gravity + d1 * vy);
    const z2 = uz - (h / 2) * d1 * uz;
    const d2 = k * Math.sqrt(x2 * x2 + y2 * y2 + z2 * z2);
    const x3 = ux - (h / 2) * d2 * x2;
    const y3 = vy - (h / 2) * (gravity + d2 * y2);
    const z3 = uz - (h / 2) * d2 * z2;
    const d3 = k * Math.sqrt(x3 * x3 + y3 * y3 + z3 * z3);
    const x4 = ux - h * d3 * x3;
    const y4 = vy - h * (gravity + d3 * y3);
    const z4 = uz - h * d3 * z3;
    const d4 = k * Math.sqrt(x4 * x4 + y4 * y4 + z4 * z4);
    x += h * windX + (h / 6) * (ux + 2 * x2 + 2 * x3 + x4);
    y += (h / 6) * (vy + 2 * y2 + 2 * y3 + y4);
    z += h * windZ + (h / 6) * (uz + 2 * z2 + 2 * z3 + z4);
    ux -= (h / 6) * (d1 * ux + 2 * d2 * x2 + 2 * d3 * x3 + d4 * x4);
    vy -= (h / 6) * (6 * gravity + d1 * vy + 2 * d2 * y2 + 2 * d3 * y3 + d4 * y4);
    uz -= (h / 6) * (d1 * uz + 2 * d2 * z2 + 2 * d3 * z3 + d4 * z4);
  }
  motion[0] = x;
  motion[1] = y;
  motion[2] = z;
  motion[3] = ux + windX;
  motion[4] = vy;
  motion[5] = uz + windZ;
}
