import { createNoise } from './texture.mjs';

/**
 * The street, in metres across it (`d`): a plaza, the near pavement, a strip for bicycles, a lane each way, the far strip, the far pavement, houses.
 * Traffic keeps to the right: `near` goes along +s, `far` along −s.
 */
export const across = {
  plaza: -14,
  pavement: -4.5,
  kerb: 0,
  strip: [0, 2.3],
  near: [2.3, 5.6],
  far: [5.6, 8.9],
  farStrip: [8.9, 11.2],
  farKerb: 11.2,
  houses: 15.2,
};
/** Where vehicles of a lane drive, metres across. */
export const laneMiddle = { near: 3.95, far: 7.25, strip: 1.15, farStrip: 10.05 };
/** Height of the houses' fronts, metres. */
export const HOUSE_HEIGHT = 11;

const SHOPFRONTS = [
  [0.62, 0.16, 0.12],
  [0.1, 0.3, 0.55],
  [0.75, 0.6, 0.15],
  [0.12, 0.42, 0.22],
  [0.7, 0.68, 0.64],
  [0.45, 0.2, 0.4],
];
const WALLS = [
  [0.62, 0.57, 0.5],
  [0.5, 0.36, 0.3],
  [0.66, 0.66, 0.64],
  [0.45, 0.47, 0.5],
];

/**
 * What every point of the ground and of the houses' fronts is painted with.
 *
 * @param {import('../scenes/random.mjs').Random} rng
 * @param {{zebra?: number | null, covers?: readonly (readonly [number, number])[], hatched?: readonly (readonly number[])[], wet?: boolean}} look
 *   `zebra`: where along the road a crossing begins; `covers`: centres of manhole covers; `hatched`: [s1, d1, s2, d2] with yellow lines
 */
export function createStreet(rng, look = {}) {
  const noise = createNoise(rng.fork('noise'));
  const zebra = look.zebra ?? null;
  const covers = look.covers ?? [];
  const hatched = look.hatched ?? [];
  const shops = rng.fork('shops');
  const fronts = Array.from({ length: 64 }, () => ({
    sign: shops.pick(SHOPFRONTS),
    wall: shops.pick(WALLS),
    open: shops.chance(0.75),
    width: shops.range(0.55, 0.8),
    bright: shops.range(0.8, 1.1),
  }));
  const phase = rng.range(0, 6);
  const wet = look.wet === true ? 0.62 : 1;

  const ground = (s, d, blurM, out) => {
    const fine = Math.min(1, 0.06 / blurM);
    const coarse = Math.min(1, 0.6 / blurM);
    const grain =
      0.13 * fine * noise.at(s * 40, d * 40) + 0.1 * coarse * noise.at(s * 6 + 90, d * 6) + 0.06 * noise.at(s * 0.8, d * 0.8 + 40);
    if (d > across.kerb && d < across.farKerb) {
      road(s, d, grain, out);
      for (const [cs, cd] of covers) cover(s - cs, d - cd, blurM, out);
      for (const [s1, d1, s2, d2] of hatched) {
        if (
          s > s1 &&
          s < s2 &&
          d > d1 &&
          d < d2 &&
          ((((s + d) % 1.6) + 1.6) % 1.6 < 0.18 || Math.min(s - s1, s2 - s, d - d1, d2 - d) < 0.14)
        )
          set(out, 0.62, 0.5, 0.1);
      }
    } else if (d < across.pavement) {
      const tile = fine * (edge(s / 1.2) + edge(d / 1.2)) * 0.08;
      const k = 1 + grain - tile;
      set(out, 0.3 * k, 0.28 * k, 0.25 * k);
    } else {
      const kerb = d <= across.kerb ? across.kerb - d < 0.25 : d - across.farKerb < 0.25;
      const tile = fine * (edge(s / 0.5) + edge(d / 0.5)) * 0.12;
      const k = (1 + grain - (kerb ? 0 : tile)) * (kerb ? 1.35 : 1);
      // A line of ribbed tiles for the blind.
      const ribbed = (d > -2 && d < -1.6) || (d > 12.8 && d < 13.2);
      if (ribbed) set(out, 0.42 * k, 0.34 * k, 0.12 * k);
      else set(out, 0.31 * k, 0.29 * k, 0.28 * k);
    }
    out[0] *= wet;
    out[1] *= wet;
    out[2] *= wet;
  };

  const road = (s, d, grain, out) => {
    // Tyres polish the lanes; between them the asphalt is darker.
    const lane = Math.abs(((d - 2.3) % 3.3) - 1.65);
    const k = (1 + grain) * (1 - 0.12 * Math.exp(-(((lane - 0.8) / 0.35) ** 2)));
    set(out, 0.135 * k, 0.135 * k, 0.14 * k);
    const dashed = (((s + phase) % 6) + 6) % 6 < 2.6;
    const worn = 0.55 * (1 + 0.5 * grain);
    if (Math.abs(d - 5.6) < 0.08 && dashed) set(out, worn, worn * 0.92, worn * 0.8);
    if (Math.abs(d - 2.3) < 0.07 || Math.abs(d - 8.9) < 0.07) set(out, worn, worn, worn);
    if (zebra !== null && s > zebra && s < zebra + 3.6 && ((d % 1) + 1) % 1 < 0.5) set(out, worn, worn, worn);
    if (zebra !== null && d < 5.6 && d > 2.4 && s > zebra - 1.8 && s < zebra - 1.45) set(out, worn, worn, worn);
  };

  const front = (s, z, blurM, out) => {
    const index = Math.floor(s / 6);
    const shop = fronts[((index % 64) + 64) % 64];
    const x = s - index * 6;
    const fine = Math.min(1, 0.15 / blurM);
    const k = 1 + 0.1 * noise.at(s * 5, z * 5) * fine + 0.05 * noise.at(s, z + 70);
    const [r, g, b] = shop.wall;
    set(out, r * k * shop.bright, g * k * shop.bright, b * k * shop.bright);
    if (z < 3) {
      const glass = Math.abs(x - 3) < 3 * shop.width && z > 0.35 && z < 2.6;
      if (glass && shop.open) {
        const shelf = 0.1 + 0.12 * Math.max(0, noise.at(s * 9, z * 9 + 30));
        set(out, shelf * 1.1, shelf, shelf * 0.9);
        if (Math.abs(x - 3) < 0.06 || Math.abs(Math.abs(x - 3) - 3 * shop.width) < 0.12) set(out, 0.5, 0.5, 0.5);
      } else if (glass) {
        const slat = (z * 8) % 1 < 0.2 ? 0.7 : 1;
        set(out, 0.4 * slat, 0.42 * slat, 0.44 * slat);
      }
    } else if (z < 3.9) {
      if (Math.abs(x - 3) < 2.8) {
        const letters = z > 3.25 && z < 3.65 && Math.abs(x - 3) < 1.6 && noise.at(s * 26, z * 5) > -0.02;
        const [a, c, e] = letters ? [0.8, 0.78, 0.7] : shop.sign;
        set(out, a, c, e);
      }
    } else if ((z - 4.4) % 3.1 < 1.5 && z > 4.4 && Math.abs((x % 3) - 1.5) < 0.75) {
      const sky = 0.09 + 0.05 * noise.at(index * 13 + Math.floor(x / 3) * 5, Math.floor(z / 3.1) * 7);
      set(out, sky, sky * 1.05, sky * 1.2);
    }
  };

  return { ground, front, noise, covers, zebra };
}

function cover(s, d, blurM, out) {
  const r = Math.hypot(s, d);
  if (r > 0.42) return;
  const ridge = r > 0.37 ? 0.5 : r > 0.33 ? 1.7 : 1 + 0.35 * Math.min(1, 0.08 / blurM) * Math.sign(Math.sin(s * 50) * Math.sin(d * 50));
  set(out, 0.075 * ridge, 0.07 * ridge, 0.065 * ridge);
}

/** 1 on the joint between tiles, else 0; x in tiles. */
function edge(x) {
  const f = x - Math.floor(x);
  return f < 0.07 ? 1 : 0;
}

function set(out, r, g, b) {
  out[0] = r;
  out[1] = g;
  out[2] = b;
}
