/**
 * Falling bodies in three dimensions, by small time steps. Quadratic drag against the air (wind and gusts), and for light
 * things tumbling: their drag changes as they turn and a lift pushes them sideways. Metres, seconds, m/s.
 */

export const GRAVITY = 9.81;
const STEP_S = 0.001;

/**
 * @typedef {object} Body
 * @property {number} terminalSpeed m/s in still air without tumbling
 * @property {number} flutter 0 (a stone) .. 1 (a sheet of paper): how strongly drag and lift change with attitude
 * @property {number} tumbleHz turns a second when it falls at its terminal speed
 *
 * @typedef {object} Wind
 * @property {readonly [number, number, number]} mean m/s
 * @property {number} gust standard deviation of the gusts, m/s
 *
 * @typedef {object} Path
 * @property {number} startS
 * @property {number} endS when it reached the ground, or when the scene ended
 * @property {boolean} landed
 * @property {(t: number, out: Float64Array) => void} at x, y, z, attitude (rad), speed at time t (clamped to the span)
 */

/**
 * @param {{body: Body, wind: Wind, position: readonly [number, number, number], velocity: readonly [number, number, number],
 *   startS: number, endS: number, groundM: number}} p
 * @param {import('./random.mjs').Random} rng
 * @returns {Path}
 */
export function integrateFall(p, rng) {
  const { terminalSpeed, flutter, tumbleHz } = p.body;
  const k = GRAVITY / (terminalSpeed * terminalSpeed);
  const maxSteps = Math.max(1, Math.ceil((p.endS - p.startS) / STEP_S));
  const track = new Float32Array((maxSteps + 1) * 5);
  let [x, y, z] = p.position;
  let [vx, vy, vz] = p.velocity;
  let attitude = rng.range(0, Math.PI);
  let heading = rng.range(0, 2 * Math.PI);
  let spin = tumbleHz * (rng.chance(0.5) ? 1 : -1);
  const gust = [0, 0, 0];
  const gustDecay = STEP_S / 1.2; // gusts last about a second
  const gustKick = p.wind.gust * Math.sqrt(2 * gustDecay);
  let steps = 0;
  let landed = false;

  for (let i = 0; ; i++) {
    track.set([x, y, z, attitude, Math.hypot(vx, vy, vz)], i * 5);
    steps = i;
    if (i === maxSteps) break;
    if (i > 0 && y <= p.groundM) {
      landed = true;
      break;
    }
    for (let a = 0; a < 3; a++) gust[a] += -gust[a] * gustDecay + (gustKick > 0 ? gustKick * rng.gauss() : 0);
    const accelerate = (ax, ay, az, out) => {
      const rx = ax - p.wind.mean[0] - gust[0];
      const ry = ay - p.wind.mean[1] - gust[1] * 0.3;
      const rz = az - p.wind.mean[2] - gust[2];
      const speed = Math.hypot(rx, ry, rz);
      // Broadside on, a plate has far more drag than edge on; the mean over a turn stays that of the terminal speed.
      const drag = k * speed * (1 + 0.7 * flutter * Math.cos(2 * attitude));
      const lift = 0.9 * flutter * k * speed * speed * Math.sin(2 * attitude);
      out[0] = -drag * rx + lift * Math.cos(heading);
      out[1] = -drag * ry - GRAVITY;
      out[2] = -drag * rz + lift * Math.sin(heading) * 0.6;
    };
    // Midpoint rule: second order, so 1 ms steps are exact to well below a millimetre over a tower's height.
    accelerate(vx, vy, vz, scratchA);
    const mx = vx + scratchA[0] * STEP_S * 0.5;
    const my = vy + scratchA[1] * STEP_S * 0.5;
    const mz = vz + scratchA[2] * STEP_S * 0.5;
    accelerate(mx, my, mz, scratchB);
    x += mx * STEP_S;
    y += my * STEP_S;
    z += mz * STEP_S;
    vx += scratchB[0] * STEP_S;
    vy += scratchB[1] * STEP_S;
    vz += scratchB[2] * STEP_S;
    const pace = Math.min(1.5, Math.hypot(vx, vy, vz) / terminalSpeed);
    attitude += 2 * Math.PI * spin * (flutter > 0 ? pace : 1) * STEP_S;
    if (flutter > 0) {
      heading += 2.5 * flutter * Math.sqrt(STEP_S) * rng.gauss();
      spin += (tumbleHz * Math.sign(spin) - spin) * STEP_S + 0.6 * flutter * tumbleHz * Math.sqrt(STEP_S) * rng.gauss();
    }
  }

  return {
    startS: p.startS,
    endS: p.startS + steps * STEP_S,
    landed,
    at(t, out) {
      const f = Math.min(steps, Math.max(0, (t - p.startS) / STEP_S));
      const i = Math.min(Math.max(0, steps - 1), Math.floor(f));
      const w = steps === 0 ? 0 : f - i;
      for (let a = 0; a < 5; a++) {
        const from = track[i * 5 + a];
        out[a] = from + (steps === 0 ? 0 : (track[(i + 1) * 5 + a] - from) * w);
      }
    },
  };
}

/**
 * The same way from first to last point in the same time, but straight and at one speed: what no falling thing does. It turns
 * as it would have.
 *
 * @param {Path} path
 * @returns {Path}
 */
export function straightened(path) {
  const from = new Float64Array(5);
  const to = new Float64Array(5);
  path.at(path.startS, from);
  path.at(path.endS, to);
  const lengthS = Math.max(1e-6, path.endS - path.startS);
  const speed = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]) / lengthS;
  return {
    ...path,
    at(t, out) {
      path.at(t, out);
      const f = Math.min(1, Math.max(0, (t - path.startS) / lengthS));
      for (let a = 0; a < 3; a++) out[a] = from[a] + (to[a] - from[a]) * f;
      out[4] = speed;
    },
  };
}

const scratchA = new Float64Array(3);
const scratchB = new Float64Array(3);

/**
 * The speed at which a body really falls once settled in still air, tumbling included: the mean over ten seconds.
 *
 * @param {Body} body
 * @param {import('./random.mjs').Random} rng
 */
export function settledSpeed(body, rng) {
  if (body.flutter === 0) return body.terminalSpeed;
  const still = { mean: /** @type {const} */ ([0, 0, 0]), gust: 0 };
  const height = 1e6;
  const path = integrateFall({ body, wind: still, position: [0, height, 0], velocity: [0, 0, 0], startS: 0, endS: 14, groundM: 0 }, rng);
  const at = new Float64Array(5);
  path.at(4, at);
  const from = at[1];
  path.at(14, at);
  return (from - at[1]) / 10;
}
