import { paintOf } from './colour.mjs';
import { across, HOUSE_HEIGHT } from './street.mjs';

/** Height of a lamp's head over the ground, metres. */
export const LAMP_HEIGHT = 6.5;
/** How far a house front stands along the view before it is haze, metres. */
const HAZE_M = 260;

/**
 * Everything that never moves, seen by one camera: what each pixel reflects and how much of the sun and of the sky it can see. Light is put on it
 * later, since light changes.
 *
 * @param {import('./camera.mjs').Camera} camera
 * @param {ReturnType<import('./street.mjs').createStreet>} street
 * @param {readonly [number, number, number]} sun
 */
export function renderStill(camera, street, sun) {
  const { width, height } = camera;
  const albedo = new Float32Array(width * height);
  const sunlit = new Float32Array(width * height);
  const open = new Float32Array(width * height);
  const u = new Float32Array((width * height) / 4);
  const v = new Float32Array((width * height) / 4);
  const rgb = [0, 0, 0];
  const sum = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      sum.fill(0);
      let hit = null;
      for (let sub = 0; sub < 4; sub++) {
        hit = shade(camera, street, x + 0.25 + 0.5 * (sub & 1), y + 0.25 + 0.5 * (sub >> 1), rgb);
        for (let c = 0; c < 3; c++) sum[c] += rgb[c] / 4;
      }
      const i = y * width + x;
      const paint = paintOf(sum);
      albedo[i] = paint.albedo;
      const k = (y >> 1) * (width >> 1) + (x >> 1);
      u[k] += paint.u / 4;
      v[k] += paint.v / 4;
      if (hit === null) {
        open[i] = 1.6; // the sky itself
        continue;
      }
      open[i] = hit.wall ? 0.75 : 1;
      sunlit[i] = hit.wall ? Math.max(0, -sun[1]) : inHouseShadow(hit.d, sun) ? 0 : sun[2];
    }
  }
  return { width, height, albedo, sunlit, open, u, v };
}

function shade(camera, street, x, y, rgb) {
  const [a, b, c] = camera.ray(x, y);
  const [s0, d0, z0] = camera.at;
  const toWall = b > 1e-6 ? (across.houses - d0) / b : Infinity;
  const toGround = c < -1e-6 ? -z0 / c : Infinity;
  if (toWall < toGround) {
    const z = z0 + toWall * c;
    if (z >= HOUSE_HEIGHT) return sky(c, rgb);
    street.front(s0 + toWall * a, z, (toWall * 1) / camera.focalPx, rgb);
    haze(toWall, rgb);
    return { wall: true, d: across.houses };
  }
  if (toGround === Infinity) return sky(c, rgb);
  const s = s0 + toGround * a;
  const d = d0 + toGround * b;
  // A pixel far away is a long streak of ground.
  street.ground(s, d, (toGround / camera.focalPx) * Math.max(1, 0.35 / -c), rgb);
  haze(toGround, rgb);
  return { wall: false, d };
}

function sky(up, rgb) {
  const k = Math.min(1, Math.max(0, up * 2));
  rgb[0] = 0.8 - 0.25 * k;
  rgb[1] = 0.85 - 0.17 * k;
  rgb[2] = 0.92 - 0.05 * k;
  return null;
}

function haze(distanceM, rgb) {
  const k = 1 - Math.exp(-distanceM / HAZE_M);
  for (let c = 0; c < 3; c++) rgb[c] += (0.42 - rgb[c]) * k;
}

/** Whether the houses keep the sun off the ground there. */
export function inHouseShadow(d, sun) {
  if (sun[1] <= 1e-6 || d >= across.houses) return false;
  return ((across.houses - d) / sun[1]) * sun[2] < HOUSE_HEIGHT;
}

/** Light of one lamp at a point: 1 below it. */
export function lampAt([ls, ld], s, d, z) {
  const h = LAMP_HEIGHT - z;
  const q = (s - ls) ** 2 + (d - ld) ** 2;
  return (LAMP_HEIGHT * LAMP_HEIGHT * Math.max(0.5, h)) / LAMP_HEIGHT / (q + h * h) / (1 + q / 500);
}

/** Light of a lamp on every pixel, 1 on the ground below it. */
export function renderLamp(camera, lamp) {
  const { width, height, at } = camera;
  const map = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [a, b, c] = camera.ray(x + 0.5, y + 0.5);
      const toWall = b > 1e-6 ? (across.houses - at[1]) / b : Infinity;
      const toGround = c < -1e-6 ? -at[2] / c : Infinity;
      const k = Math.min(toWall, toGround);
      if (k > 400) continue;
      const z = at[2] + k * c;
      if (z > HOUSE_HEIGHT) continue;
      map[y * width + x] = lampAt(lamp, at[0] + k * a, at[1] + k * b, Math.max(0, z)) * (toWall < toGround ? 0.6 : 1);
    }
  }
  return map;
}
