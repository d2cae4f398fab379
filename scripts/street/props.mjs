import { LAMP_HEIGHT } from './still.mjs';

/** What stands in the street and may hide what goes behind it: drawn with the rest, by depth. */
const BARK = [0.12, 0.09, 0.06];
const METAL = [0.25, 0.26, 0.27];
const LEAVES = [
  [0.06, 0.13, 0.04],
  [0.09, 0.18, 0.05],
  [0.12, 0.22, 0.07],
  [0.05, 0.1, 0.035],
];

/**
 * A tree whose crown moves in the wind.
 *
 * @param {import('../scenes/random.mjs').Random} rng
 * @param {readonly [number, number]} at
 */
export function tree(rng, [s, d], { crownM = 1.9, wind = 0.3 } = {}) {
  const top = rng.range(4.4, 5.4);
  const clumps = Array.from({ length: 80 }, () => {
    const a = rng.range(0, 2 * Math.PI);
    const z = rng.range(-1, 1);
    const r = crownM * rng.next() ** 0.4;
    const flat = Math.sqrt(1 - z * z);
    return {
      at: [r * flat * Math.cos(a), r * flat * Math.sin(a), top + r * z * 0.8],
      radius: rng.range(0.22, 0.42),
      rgb: LEAVES[Math.min(3, Math.max(0, Math.floor(1.6 + 1.4 * z + rng.range(-0.6, 0.6))))],
      phase: rng.range(0, 6.3),
      rate: rng.range(2.2, 4.5),
    };
  }).sort((a, b) => a.at[2] - b.at[2]);
  return {
    s,
    d,
    crownM,
    heightM: top,
    wind,
    draw(pen, t, gust) {
      pen.capsule([0, 0, 0], [0, 0, top - 0.6], 0.14, 0.09, BARK);
      const sway = wind * gust * 0.35 * Math.sin(1.3 * t + s);
      for (const clump of clumps) {
        const q = wind * gust * 0.16 * Math.sin(clump.rate * t + clump.phase);
        pen.ball([clump.at[0] + sway + q, clump.at[1] + q, clump.at[2]], clump.radius, clump.rgb);
      }
    },
  };
}

/** A street lamp over the pavement; `over`: which way its arm reaches, ±1 along d. */
export function lampPost([s, d], over) {
  return {
    s,
    d,
    head: [s, d + over * 1.1],
    draw(pen, _t, _gust, lit) {
      pen.capsule([0, 0, 0], [0, 0, LAMP_HEIGHT], 0.07, 0.05, METAL);
      pen.capsule([0, 0, LAMP_HEIGHT], [0, over * 1.1, LAMP_HEIGHT + 0.15], 0.045, 0.04, METAL);
      pen.box([-0.15, 0.15, over * 1.1 - 0.35, over * 1.1 + 0.35, LAMP_HEIGHT, LAMP_HEIGHT + 0.16], METAL);
      if (lit <= 0) return;
      pen.ball([0, over * 1.1, LAMP_HEIGHT], 0.22, [1, 0.95, 0.8], { emits: 2 * lit });
      pen.puff([0, over * 1.1, LAMP_HEIGHT], 0.75, [1, 0.93, 0.75], { alpha: 0.45 * lit, emits: 1 });
    },
  };
}
