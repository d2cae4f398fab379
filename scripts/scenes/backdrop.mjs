import { SURFACE } from './building.mjs';
import { fractalNoise, hash2, smoothstep, valueNoise } from './noise-field.mjs';

/** Strips of ground in front of the facade, nearest to the wall first: lower z edge in metres. */
const GROUND_STRIPS = { pavement: -5, lawn: -7.5, road: -15, farPavement: -18 };

/** Distance of the shrubs behind the facade's plane, metres. */
const HEDGE_Z = 9;

/**
 * What lies behind and below the tower: sky, other houses, ground.
 *
 * @param {import('./light.mjs').Light} light
 * @param {import('./random.mjs').Random} rng
 * @param {{widthM: number, neighbours: number}} p
 */
export function createBackdrop(light, rng, p) {
  const seed = rng.int(1, 1e6);
  const houses = Array.from({ length: p.neighbours }, (_, i) => {
    const side = i % 2 === 0 ? -1 : 1;
    const near = p.widthM / 2 + rng.range(6, 40);
    const width = rng.range(16, 34);
    return {
      z: rng.range(20, 90),
      x0: side < 0 ? -near - width : near,
      x1: side < 0 ? -near : near + width,
      top: rng.range(20, 95),
      rgb: warmGrey(rng),
      bayM: rng.range(2.6, 4.2),
      stripes: rng.chance(0.6) ? rng.range(0.6, 0.85) : 1,
      seed: rng.int(1, 1e6),
    };
  }).sort((a, b) => a.z - b.z);
  const sunOnWall = light.sunPower * Math.max(0, -light.sun[2]) * 0.8;
  const floorLight = light.sunPower * light.sun[1] * 0.6 + light.ambient + light.lampPower * 0.8;

  const shadeHouse = (house, x, y, out) => {
    const cellX = Math.floor((x - house.x0) / house.bayM);
    const cellY = Math.floor(y / 2.9);
    const fx = ((x - house.x0) / house.bayM) % 1;
    const fy = (y / 2.9) % 1;
    const loggia = cellX % 3 === 1;
    const window = loggia ? fx > 0.06 && fx < 0.94 && fy > 0.36 && fy < 0.96 : fx > 0.25 && fx < 0.75 && fy > 0.3 && fy < 0.8;
    const haze = 1 - Math.exp(-house.z / 400);
    let power = (light.ambient + sunOnWall) * (0.85 + 0.3 * fractalNoise(x * 0.3, y * 0.3, house.seed, 3));
    if (loggia) power *= house.stripes * (fy < 0.36 ? 1.15 : 1);
    let rgb = house.rgb;
    if (window) {
      if (hash2(cellX, cellY, house.seed) < light.litWindows) {
        power = 0.15 + 0.4 * hash2(cellX, cellY, house.seed + 1) ** 2;
        rgb = [1, 0.85, 0.6];
      } else {
        const pane = 0.05 + 0.14 * hash2(cellX, cellY, house.seed + 2) ** 3;
        rgb = [pane, pane * 1.05, pane * 1.1];
      }
    }
    for (let i = 0; i < 3; i++) out[i] = rgb[i] * power * (1 - haze) + light.skyLow[i] * haze * 0.7;
    out[3] = SURFACE.other;
  };

  /** Shrubs and low trees at the edge of the estate hide the horizon. */
  const hedgeTop = (x) => 2.2 + 3.2 * fractalNoise(x * 0.11, 0, seed + 17, 4);
  const shadeHedge = (x, y, out) => {
    const tuft = 0.35 + 0.9 * fractalNoise(x * 1.6, y * 1.6, seed + 19, 3) + 0.12 * y;
    const power = (light.ambient + light.sunPower * 0.35 + light.lampPower * 0.25) * tuft;
    out[0] = 0.075 * power;
    out[1] = 0.11 * power;
    out[2] = 0.05 * power;
    out[3] = SURFACE.other;
  };

  const shadeGround = (x, z, out) => {
    let rgb = [0.26, 0.25, 0.24];
    const grain = 0.85 + 0.3 * fractalNoise(x * 0.8, z * 0.8, seed, 3);
    if (z < GROUND_STRIPS.farPavement) rgb = [0.28, 0.27, 0.26];
    else if (z < GROUND_STRIPS.road) rgb = [0.32, 0.31, 0.3];
    else if (z < GROUND_STRIPS.lawn) {
      const dash = Math.abs(z - (GROUND_STRIPS.road + GROUND_STRIPS.lawn) / 2) < 0.08 && ((x % 6) + 6) % 6 < 3;
      rgb = dash ? [0.6, 0.6, 0.58] : [0.13, 0.13, 0.135];
    } else if (z < GROUND_STRIPS.pavement) {
      const tuft = 0.6 + 0.8 * valueNoise(x * 5, z * 5, seed + 3);
      rgb = [0.07 * tuft, 0.12 * tuft, 0.04 * tuft];
    } else if ((((x / 0.6) % 1) + 1) % 1 < 0.06 || (((z / 0.6) % 1) + 1) % 1 < 0.06) rgb = [0.2, 0.19, 0.18];
    for (let i = 0; i < 3; i++) out[i] = rgb[i] * floorLight * grain * light.tint[i];
    out[3] = SURFACE.other;
  };

  const shadeSky = (d, out) => {
    const n = Math.hypot(d[0], d[1], d[2]);
    const up = Math.max(0, d[1] / n);
    const high = smoothstep(0, 0.85, up);
    const cloud =
      light.clouds * smoothstep(0.42, 0.72, fractalNoise((d[0] / (d[1] + 0.3 * n)) * 2.2, (d[2] / (d[1] + 0.3 * n)) * 2.2, seed + 7, 5));
    const white = 1.05 * Math.max(...light.skyLow);
    for (let i = 0; i < 3; i++) {
      const base = light.skyLow[i] + (light.skyHigh[i] - light.skyLow[i]) * high;
      out[i] = base + (white - base) * cloud;
    }
    out[3] = SURFACE.sky;
  };

  return {
    /** Shades what a ray meets that has missed the tower. */
    shade(ox, oy, oz, d, out) {
      let ground = Number.POSITIVE_INFINITY;
      if (d[1] < -1e-6) ground = -oy / d[1];
      const hedge = d[2] > 0 ? (HEDGE_Z - oz) / d[2] : -1;
      if (hedge > 0 && hedge < ground) {
        const x = ox + d[0] * hedge;
        const y = oy + d[1] * hedge;
        if (y < hedgeTop(x) - 0.5 * valueNoise(x * 2.5, y * 2.5, seed + 23)) {
          shadeHedge(x, y, out);
          return;
        }
      }
      for (const house of houses) {
        const t = d[2] > 0 ? (house.z - oz) / d[2] : -1;
        if (t <= 0 || t > ground) continue;
        const x = ox + d[0] * t;
        const y = oy + d[1] * t;
        if (x > house.x0 && x < house.x1 && y < house.top) {
          shadeHouse(house, x, y, out);
          return;
        }
      }
      if (ground < 2000) shadeGround(ox + d[0] * ground, oz + d[2] * ground, out);
      else shadeSky(d, out);
    },
  };
}

/** Plaster and concrete: grey with a little warmth. */
function warmGrey(rng) {
  const level = rng.range(0.2, 0.5);
  const warmth = rng.range(-0.04, 0.16);
  return [level * (1 + warmth), level, level * (1 - warmth)];
}
