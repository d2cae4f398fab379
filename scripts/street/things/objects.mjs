/** Things that people leave, put up or take away. x forward, y to the left, z up; metres. */
const square = (x, y) => [
  [-x, -y],
  [x, -y],
  [x, y],
  [-x, y],
];

/** @type {Record<string, (rng: import('../../scenes/random.mjs').Random, look?: object) => object>} */
const makers = {
  bag(rng) {
    const colour = rng.pick([
      [0.04, 0.04, 0.045],
      [0.4, 0.06, 0.06],
      [0.06, 0.1, 0.3],
      [0.55, 0.5, 0.42],
    ]);
    return solid('suitcase', 'bag', 0.62, 0.34, 0.5, (pen) => {
      pen.box([-0.31, 0.31, -0.17, 0.17, 0, 0.4], colour, { taper: [0.05, 0.05, 0.06] });
      pen.capsule([-0.14, 0, 0.4], [-0.1, 0, 0.52], 0.025, 0.025, colour);
      pen.capsule([0.14, 0, 0.4], [0.1, 0, 0.52], 0.025, 0.025, colour);
      pen.capsule([-0.1, 0, 0.52], [0.1, 0, 0.52], 0.025, 0.025, colour);
    });
  },
  suitcase(rng) {
    const colour = rng.pick([
      [0.05, 0.05, 0.06],
      [0.5, 0.08, 0.1],
      [0.1, 0.3, 0.4],
    ]);
    return solid('suitcase', 'suitcase', 0.5, 0.3, 0.75, (pen) => {
      pen.box([-0.25, 0.25, -0.15, 0.15, 0.04, 0.72], colour);
      for (const x of [-0.12, 0.12]) pen.capsule([x, -0.1, 0.72], [x, -0.1, 1], 0.015, 0.015, [0.4, 0.4, 0.4]);
      pen.capsule([-0.12, -0.1, 1], [0.12, -0.1, 1], 0.02, 0.02, [0.1, 0.1, 0.1]);
    });
  },
  box() {
    const card = [0.42, 0.3, 0.18];
    return solid('box', 'box', 0.7, 0.55, 0.5, (pen) => {
      pen.box([-0.35, 0.35, -0.27, 0.27, 0, 0.5], card, { top: [0.5, 0.37, 0.23] });
      pen.poly(strip(-0.35, 0.35, -0.04, 0.04, 0.505), [0.6, 0.52, 0.38]);
    });
  },
  rubbish(rng) {
    const bags = Array.from({ length: 7 }, (_, i) => ({
      at: [rng.range(-0.6, 0.6), rng.range(-0.45, 0.45), 0.26 + (i > 4 ? 0.36 : 0)],
      radius: rng.range(0.26, 0.36),
      colour: rng.pick([
        [0.04, 0.04, 0.045],
        [0.06, 0.06, 0.07],
        [0.5, 0.5, 0.48],
        [0.1, 0.2, 0.12],
        [0.45, 0.35, 0.2],
      ]),
    }));
    return solid('rubbish', 'rubbish', 1.7, 1.3, 0.95, (pen) => {
      for (const bag of bags) {
        pen.ball(bag.at, bag.radius, bag.colour);
        pen.ball([bag.at[0], bag.at[1], bag.at[2] + bag.radius], 0.07, bag.colour);
      }
    });
  },
  litter(rng) {
    const colour = rng.pick([
      [0.75, 0.75, 0.72],
      [0.05, 0.05, 0.05],
      [0.6, 0.1, 0.08],
    ]);
    return solid('litter', 'litter', 0.5, 0.4, 0.32, (pen) => {
      pen.ball([0, 0, 0.16], 0.2, colour);
      pen.capsule([0, 0, 0.2], [0.08, 0.03, 0.4], 0.08, 0.03, colour);
    });
  },
  furniture() {
    const cloth = [0.36, 0.16, 0.1];
    return solid('rubbish', 'sofa', 2, 0.9, 0.9, (pen) => {
      pen.box([-1, 1, 0.2, 0.45, 0.1, 0.9], cloth);
      pen.box([-0.85, 0.85, -0.4, 0.3, 0.1, 0.45], cloth, { top: [0.45, 0.22, 0.15] });
      for (const x of [-1, 0.82]) pen.box([x, x + 0.18, -0.42, 0.4, 0.1, 0.62], cloth);
    });
  },
  stall(rng) {
    const cloth = rng.pick([
      [0.6, 0.1, 0.08],
      [0.1, 0.25, 0.5],
      [0.65, 0.5, 0.1],
    ]);
    const goods = Array.from({ length: 14 }, () => ({
      at: [rng.range(-0.95, 0.95), rng.range(-0.4, 0.4), 0.98],
      colour: [rng.range(0.2, 0.7), rng.range(0.1, 0.6), rng.range(0.05, 0.25)],
    }));
    return solid('stall', 'stall', 2.3, 1.3, 2.3, (pen) => {
      for (const x of [-1.05, 1.05]) pen.capsule([x, 0.5, 0], [x, 0.5, 2.2], 0.03, 0.03, [0.35, 0.35, 0.35]);
      pen.box([-1.05, 1.05, -0.5, 0.5, 0.55, 0.9], [0.4, 0.38, 0.34]);
      pen.box([-0.9, 0.9, -0.35, 0.35, 0.1, 0.55], [0.12, 0.11, 0.1]);
      for (const { at, colour } of goods) pen.ball(at, 0.13, colour);
      for (const x of [-1.05, 1.05]) pen.capsule([x, -0.5, 0], [x, -0.5, 2.1], 0.03, 0.03, [0.35, 0.35, 0.35]);
      pen.box([-1.2, 1.2, -0.7, 0.7, 2.1, 2.35], cloth, { taper: [0.15, 0.15, 0.6] });
    });
  },
  umbrella(rng) {
    const cloth = rng.pick([
      [0.6, 0.1, 0.08],
      [0.1, 0.3, 0.5],
      [0.1, 0.4, 0.2],
    ]);
    return solid('umbrella', 'umbrella', 2.4, 2.4, 2.5, (pen) => {
      pen.capsule([0, 0, 0], [0, 0, 2.4], 0.035, 0.035, [0.4, 0.4, 0.4]);
      const rim = Array.from({ length: 10 }, (_, k) => [1.2 * Math.cos((Math.PI * k) / 5), 1.2 * Math.sin((Math.PI * k) / 5), 2.1]);
      for (let k = 0; k < 10; k++) pen.poly([rim[k], rim[(k + 1) % 10], [0, 0, 2.55]], k % 2 === 0 ? cloth : [0.7, 0.7, 0.66]);
    });
  },
  cone() {
    return solid('cone', 'cone', 0.4, 0.4, 0.72, (pen) => {
      pen.box([-0.2, 0.2, -0.2, 0.2, 0, 0.05], [0.05, 0.05, 0.05]);
      pen.capsule([0, 0, 0.05], [0, 0, 0.7], 0.15, 0.03, [0.75, 0.16, 0.03]);
      pen.capsule([0, 0, 0.32], [0, 0, 0.44], 0.11, 0.085, [0.8, 0.8, 0.8]);
    });
  },
  cover() {
    return flat('cover', 0.84, (pen) => {
      pen.poly(round(0.42, 0.004), [0.2, 0.19, 0.18]);
      pen.poly(round(0.38, 0.006), [0.085, 0.08, 0.075]);
      for (let k = -2; k < 3; k++) pen.poly(strip(-0.26, 0.26, k * 0.12 - 0.02, k * 0.12 + 0.02, 0.008), [0.14, 0.135, 0.13]);
    });
  },
  /** What is left when the cover is gone. */
  hole() {
    return flat('hole', 0.84, (pen) => {
      pen.poly(round(0.42, 0.004), [0.2, 0.19, 0.18]);
      pen.poly(round(0.37, 0.006), [0.004, 0.004, 0.004]);
    });
  },
  dog() {
    const fur = [0.22, 0.13, 0.07];
    return solid('dog', 'dog', 0.8, 0.25, 0.6, (pen, pose) => {
      const swing = 0.12 * Math.sin(9 * (pose.walkedM ?? 0));
      for (const x of [-0.28, 0.28])
        for (const y of [-0.08, 0.08]) pen.capsule([x, y, 0.35], [x + swing * Math.sign(x * y), y, 0.04], 0.045, 0.035, fur);
      pen.capsule([-0.3, 0, 0.42], [0.28, 0, 0.44], 0.13, 0.14, fur);
      pen.ball([0.42, 0, 0.58], 0.11, fur);
      pen.capsule([-0.32, 0, 0.48], [-0.5, 0, 0.62], 0.03, 0.02, fur);
    });
  },
  bench() {
    const wood = [0.3, 0.18, 0.09];
    return solid('bench', 'bench', 1.7, 0.5, 0.85, (pen) => {
      for (const x of [-0.7, 0.7]) pen.box([x - 0.04, x + 0.04, -0.2, 0.2, 0, 0.42], [0.1, 0.1, 0.1]);
      pen.box([-0.85, 0.85, -0.24, -0.18, 0.45, 0.88], wood);
      pen.box([-0.85, 0.85, -0.22, 0.24, 0.42, 0.48], wood);
    });
  },
  sign() {
    return solid('sign', 'sign', 0.8, 0.15, 2.3, (pen) => {
      pen.capsule([0, 0, 0], [0, 0, 2], 0.04, 0.04, [0.4, 0.4, 0.42]);
      pen.poly(upright(0.42, 1.45, 2.3, -0.06), [0.07, 0.18, 0.5], { normal: [0, -1, 0] });
      pen.poly(upright(0.34, 1.53, 2.22, -0.07), [0.75, 0.75, 0.74], { normal: [0, -1, 0] });
      pen.poly(upright(0.13, 1.63, 2.12, -0.08), [0.07, 0.18, 0.5], { normal: [0, -1, 0] });
    });
  },
  /** A red cabinet for an extinguisher, by the wall. */
  extinguisher() {
    return solid('extinguisher', 'extinguisher', 0.6, 0.4, 1, (pen) => {
      pen.box([-0.3, 0.3, -0.2, 0.2, 0.05, 1], [0.55, 0.04, 0.04], { top: [0.6, 0.08, 0.08] });
      pen.poly(upright(0.2, 0.3, 0.8, -0.21), [0.7, 0.7, 0.7], { normal: [0, -1, 0] });
    });
  },
  bin() {
    return solid('bin', 'bin', 0.6, 0.6, 1.05, (pen) => {
      pen.box([-0.28, 0.28, -0.3, 0.3, 0.05, 0.95], [0.06, 0.22, 0.1], { taper: [-0.04, -0.04, -0.04], top: [0.04, 0.15, 0.07] });
    });
  },
};

/** @param {keyof typeof makers} kind @param {import('../../scenes/random.mjs').Random} rng */
export function object(kind, rng) {
  return makers[kind](rng);
}

function solid(label, thing, length, width, height, draw) {
  return { label, thing, length, width, height, footprint: square(length / 2, width / 2), draw };
}

function flat(thing, size, draw) {
  return { label: thing, thing, length: size, width: size, height: 0.01, flat: true, draw };
}

const strip = (x1, x2, y1, y2, z) => [
  [x1, y1, z],
  [x2, y1, z],
  [x2, y2, z],
  [x1, y2, z],
];
const round = (radius, z) =>
  Array.from({ length: 14 }, (_, k) => [radius * Math.cos((Math.PI * k) / 7), radius * Math.sin((Math.PI * k) / 7), z]);
const upright = (half, low, high, y) => [
  [-half, y, low],
  [half, y, low],
  [half, y, high],
  [-half, y, high],
];
