/** Standard gravity, m/s². */
export const GRAVITY = 9.81;
/** Longest step of the integration, seconds: at 0.04 s a fall of 4 s is exact to under 1 mm. */
const MAX_STEP_S = 0.04;

/** Motion in a vertical plane: x to the right, y up. Metres and metres a second. */
export interface MotionState {
  readonly x: number;
  readonly y: number;
  readonly vx: number;
  readonly vy: number;
}

/**
 * Where a thing with quadratic air drag is after a time. Negative times go back along the same path.
 *
 * @param terminalSpeed speed at which drag balances weight, m/s; `Infinity` for none.
 * @param gravity m/s²; another value than 9.81 expresses an error of the scale, 0 a thing that does not fall.
 * @example advance({ x: 0, y: 0, vx: 0, vy: 0 }, 1, Infinity).y // -4.905
 * @source dv/dt = −g·e_y − g·|v|·v / v_t², fourth-order Runge-Kutta; for vx = 0 it is s = (v_t²/g)·ln cosh(g·t/v_t).
 */
export function advance(state: MotionState, seconds: number, terminalSpeed: number, gravity = GRAVITY): MotionState {
  const steps = Math.max(1, Math.ceil(Math.abs(seconds) / MAX_STEP_S));
  const h = seconds / steps;
  const k = Number.isFinite(terminalSpeed) ? gravity / (terminalSpeed * terminalSpeed) : 0;
  let { x, y, vx, vy } = state;
  for (let i = 0; i < steps; i++) {
    const a1 = k * Math.hypot(vx, vy);
    const ax1 = -a1 * vx;
    const ay1 = -gravity - a1 * vy;
    const vx2 = vx + (h / 2) * ax1;
    const vy2 = vy + (h / 2) * ay1;
    const a2 = k * Math.hypot(vx2, vy2);
    const ax2 = -a2 * vx2;
    const ay2 = -gravity - a2 * vy2;
    const vx3 = vx + (h / 2) * ax2;
    const vy3 = vy + (h / 2) * ay2;
    const a3 = k * Math.hypot(vx3, vy3);
    const ax3 = -a3 * vx3;
    const ay3 = -gravity - a3 * vy3;
    const vx4 = vx + h * ax3;
    const vy4 = vy + h * ay3;
    const a4 = k * Math.hypot(vx4, vy4);
    x += (h / 6) * (vx + 2 * vx2 + 2 * vx3 + vx4);
    y += (h / 6) * (vy + 2 * vy2 + 2 * vy3 + vy4);
    vx += (h / 6) * (ax1 + 2 * ax2 + 2 * ax3 - a4 * vx4);
    vy += (h / 6) * (ay1 + 2 * ay2 + 2 * ay3 - gravity - a4 * vy4);
  }
  return { x, y, vx, vy };
}
