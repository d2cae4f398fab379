import { across, HOUSE_HEIGHT } from '../street.mjs';

/** Corners of a puddle's rim. */
const CORNERS = 22;
/** What wet asphalt reflects of the light that it reflected dry. */
const DARKER = 0.32;
/** What a house front of which the camera does not see enough reflects. */
const UNSEEN_FRONT = 0.3;

/**
 * Water that comes up and spreads over the road: darker, and a mirror.
 *
 * @param {import('../../scenes/random.mjs').Random} rng
 * @param {{startsS: number, growsS: number, radiusM: number}} p
 */
export function water(rng, { startsS, growsS, radiusM }) {
  const rim = Array.from({ length: CORNERS }, () => rng.range(0.75, 1.15));
  const xy = new Float64Array(2 * CORNERS);
  return {
    label: 'water',
    thing: 'water',
    flat: true,
    length: radiusM,
    width: radiusM,
    height: 0,
    draw(pen, _pose, { t, id, view, canvas, light, camera }) {
      const radius = radiusM * Math.sqrt(Math.min(1, Math.max(0.02, (t - startsS) / growsS)));
      const points = rim.map((r, k) => {
        const a = (2 * Math.PI * k) / CORNERS;
        return [1.5 * radius * r * Math.cos(a), radius * r * Math.sin(a), 0.003];
      });
      let reach = [Infinity, Infinity, -Infinity, -Infinity];
      points.forEach((point, k) => {
        const [x, y] = camera.project(...pen.world(point));
        xy[2 * k] = x;
        xy[2 * k + 1] = y;
        reach = [Math.min(reach[0], x), Math.min(reach[1], y), Math.max(reach[2], x), Math.max(reach[3], y)];
      });
      pen.reach(...reach);
      const mirror = view.mirror(() => mirrored(camera, view.still));
      const shine = light.ambient + 0.5 * light.sun + 0.3 * light.lamps;
      // The rim is not convex: fill it as triangles around the middle.
      const [cx, cy] = camera.project(...pen.world([0, 0, 0.003]));
      for (let k = 0; k < CORNERS; k++) {
        const n = (k + 1) % CORNERS;
        canvas.recolour(
          [cx, cy, xy[2 * k], xy[2 * k + 1], xy[2 * n], xy[2 * n + 1]],
          3,
          id,
          (i, linear) => linear * DARKER + mirror[i] * shine,
        );
      }
    },
  };
}

/** What still water on the ground shows of houses and sky, at light 1 (Schlick's approximation of how much it mirrors). */
function mirrored(camera, still) {
  const { width, height, at } = camera;
  const map = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const [a, b, c] = camera.ray(x + 0.5, y + 0.5);
      if (c > -1e-3) continue;
      const mirrors = (0.02 + 0.98 * (1 + c / Math.hypot(a, b, c)) ** 5) * 65535;
      const k = -at[2] / c;
      const d = at[1] + k * b;
      const toWall = b > 1e-6 ? (across.houses - d) / b : Infinity;
      const z = -c * toWall;
      if (!Number.isFinite(toWall) || z > HOUSE_HEIGHT) {
        map[i] = 0.75 * mirrors;
        continue;
      }
      const [px, py] = camera.project(at[0] + (k + toWall) * a, across.houses, z);
      const sx = Math.round(px);
      const sy = Math.round(py);
      map[i] = mirrors * (sx >= 0 && sx < width && sy >= 0 && sy < height ? still.albedo[sy * width + sx] : UNSEEN_FRONT) * 0.75;
    }
  }
  return map;
}
