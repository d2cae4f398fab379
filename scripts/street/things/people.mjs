/** People, and what they ride. x forward, y to the left, z up; metres for somebody of 1.72 m. */
const SKIN = [
  [0.5, 0.33, 0.25],
  [0.6, 0.42, 0.33],
  [0.4, 0.26, 0.18],
];
const HAIR = [0.03, 0.028, 0.025];
const SHIRTS = [
  [0.65, 0.65, 0.63],
  [0.5, 0.07, 0.07],
  [0.08, 0.15, 0.4],
  [0.1, 0.3, 0.15],
  [0.06, 0.06, 0.07],
  [0.6, 0.5, 0.12],
  [0.42, 0.25, 0.4],
];
const TROUSERS = [
  [0.05, 0.06, 0.09],
  [0.09, 0.11, 0.2],
  [0.3, 0.27, 0.22],
  [0.03, 0.03, 0.035],
];
const TYRE = [0.03, 0.03, 0.03];
/** Length of two steps, metres. */
const STRIDE_M = 1.45;

/**
 * A pose holds, beside its place: `walkedM` (the way so far; legs and arms swing with it), `posture` ('walk', 'stand', 'crouch', 'sit') and `tilt` (0:
 * upright, 1: lies on the ground).
 *
 * @param {import('../../scenes/random.mjs').Random} rng
 * @param {{height?: number, shirt?: readonly number[]}} [look]
 */
export function person(rng, look = {}) {
  const height = look.height ?? rng.range(1.58, 1.84);
  const k = height / 1.72;
  const skin = rng.pick(SKIN);
  const shirt = look.shirt ?? rng.pick(SHIRTS);
  const trousers = rng.pick(TROUSERS);
  const phase = rng.range(0, 100);
  return {
    label: 'person',
    thing: 'person',
    length: 0.5,
    width: 0.5,
    height,
    footprint: [
      [-0.15, -0.22],
      [0.15, -0.22],
      [0.15, 0.22],
      [-0.15, 0.22],
    ],
    draw: (pen, pose, { t }) => drawPerson(pen, pose, k, { skin, shirt, trousers, sway: swayOf(t, phase) }),
  };
}

/** Nobody stands like a post: the weight goes from leg to leg, the head turns, a hand goes up now and then. Metres; `hand` 0..1. */
function swayOf(t, phase) {
  const q = t + phase;
  return {
    x: 0.025 * Math.sin(0.9 * q) + 0.012 * Math.sin(2.3 * q),
    y: 0.03 * Math.sin(0.55 * q) + 0.012 * Math.sin(1.7 * q),
    hand: Math.max(0, Math.sin(0.31 * q) + Math.sin(0.83 * q) - 0.9),
  };
}

function drawPerson(pen, pose, k, { skin, shirt, trousers, sway }) {
  const tilt = ((pose.tilt ?? 0) * Math.PI) / 2;
  const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
  // Falls forward over the feet; what lies has its own thickness.
  const at = ([x, y, z]) => [k * (x * cos + z * sin), k * y, k * Math.max(0.1, z * cos - x * sin + 0.12 * sin)];
  const low = pose.posture === 'crouch' ? 0.42 : pose.posture === 'sit' ? 0.62 : 0.9;
  const swing = pose.posture === 'walk' || pose.posture === undefined ? 0.34 * Math.sin((2 * Math.PI * (pose.walkedM ?? 0)) / STRIDE_M) : 0;
  const bent = pose.posture === 'crouch' || pose.posture === 'sit' ? 0.38 : 0.04;
  for (const side of [-1, 1]) {
    const step = side * swing;
    const knee = [step * 0.5 + bent, side * 0.1, low * 0.52];
    pen.capsule(at([0, side * 0.09, low]), at(knee), 0.085, 0.07, trousers);
    pen.capsule(at(knee), at([step, side * 0.1, 0.06]), 0.07, 0.055, trousers);
  }
  const lean = pose.posture === 'crouch' ? 0.22 : 0.02;
  const neck = low + 0.55;
  // Who lies lies still.
  const idle = swing === 0 && tilt === 0 ? 1 : 0;
  const [dx, dy] = [idle * sway.x, idle * sway.y];
  pen.capsule(at([0.4 * dx, 0.4 * dy, low]), at([lean + dx, dy, neck - 0.08]), 0.15, 0.19, shirt);
  for (const side of [-1, 1]) {
    const step = -side * swing * 0.8 + (pose.posture === 'crouch' ? 0.3 : 0) + dx;
    const up = side === 1 ? idle * sway.hand : 0;
    const elbow = [lean + step * 0.4, side * 0.26 + dy, neck - 0.36];
    pen.capsule(at([lean + dx, side * 0.22 + dy, neck - 0.1]), at(elbow), 0.055, 0.05, shirt);
    pen.capsule(at(elbow), at([lean + step + 0.22 * up, side * 0.25 + dy, neck - 0.6 + 0.5 * up]), 0.045, 0.04, skin);
  }
  pen.ball(at([lean + 0.02 + 1.2 * dx, 1.2 * dy, neck + 0.14]), 0.115 * k, skin);
  pen.ball(at([lean - 0.02 + 1.2 * dx, 1.2 * dy, neck + 0.19]), 0.11 * k, HAIR);
}

/**
 * @param {'bicycle' | 'motorcycle'} kind
 * @param {import('../../scenes/random.mjs').Random} rng
 */
export function cycle(kind, rng) {
  const frame = rng.pick([
    [0.5, 0.06, 0.05],
    [0.06, 0.2, 0.45],
    [0.05, 0.05, 0.06],
    [0.1, 0.4, 0.2],
  ]);
  const shirt = rng.pick(SHIRTS);
  const skin = rng.pick(SKIN);
  const trousers = rng.pick(TROUSERS);
  const heavy = kind === 'motorcycle';
  const [reach, radius] = heavy ? [0.66, 0.3] : [0.53, 0.33];
  return {
    label: kind,
    thing: kind,
    length: 2 * (reach + radius),
    width: 0.6,
    height: 1.6,
    lamps: heavy,
    footprint: [
      [-reach - 0.2, -0.15],
      [reach + 0.2, -0.15],
      [reach + 0.2, 0.15],
      [-reach - 0.2, 0.15],
    ],
    draw(pen, pose) {
      for (const x of [-reach, reach]) rim(pen, x, radius, heavy ? 0.07 : 0.03);
      if (heavy) {
        pen.capsule([-reach, 0, 0.5], [reach * 0.4, 0, 0.52], 0.17, 0.16, frame);
        pen.capsule([reach * 0.5, 0, 0.5], [reach * 0.62, 0, 0.98], 0.13, 0.08, frame);
        pen.capsule([-reach * 0.9, 0, 0.74], [0.05, 0, 0.72], 0.1, 0.1, [0.03, 0.03, 0.03]);
      } else {
        pen.capsule([-reach, 0, radius], [-0.1, 0, 0.8], 0.028, 0.028, frame);
        pen.capsule([-0.1, 0, 0.78], [reach * 0.75, 0, 0.8], 0.028, 0.028, frame);
        pen.capsule([0, 0, 0.3], [reach * 0.75, 0, 0.75], 0.028, 0.028, frame);
        pen.capsule([reach, 0, radius], [reach * 0.72, 0, 1], 0.028, 0.028, frame);
      }
      pen.capsule([reach * 0.68, -0.27, 1], [reach * 0.68, 0.27, 1], 0.025, 0.025, [0.1, 0.1, 0.1]);
      if (pose.riderless === true) return;
      const pedal = heavy ? 0 : Math.sin((2 * Math.PI * (pose.walkedM ?? 0)) / 4.5);
      for (const side of [-1, 1]) {
        const knee = [0.28, side * 0.15, 0.72 + 0.1 * side * pedal];
        pen.capsule([-0.12, side * 0.1, 0.88], knee, 0.085, 0.07, trousers);
        pen.capsule(knee, [0.12, side * 0.14, 0.32 + 0.12 * side * pedal], 0.065, 0.055, trousers);
        pen.capsule([0, side * 0.2, 1.3], [reach * 0.66, side * 0.24, 1.02], 0.05, 0.045, shirt);
      }
      pen.capsule([-0.12, 0, 0.92], [0.03, 0, 1.34], 0.15, 0.18, shirt);
      pen.ball([0.08, 0, 1.57], 0.12, skin);
      pen.ball([0.05, 0, 1.62], heavy ? 0.14 : 0.115, heavy ? frame : HAIR);
    },
  };
}

function rim(pen, x, radius, thickness) {
  const at = (k) => [x + radius * Math.cos((Math.PI * k) / 5), 0, radius + radius * Math.sin((Math.PI * k) / 5)];
  for (let k = 0; k < 10; k++) pen.capsule(at(k), at(k + 1), thickness, thickness, TYRE);
}
