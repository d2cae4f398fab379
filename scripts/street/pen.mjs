import { colourIn, paintOf } from './colour.mjs';

/** Nothing nearer than this to the lens is drawn, metres. */
const NEAREST_M = 0.5;
const RING = 14;
const ring = Array.from({ length: RING }, (_, k) => [Math.cos((2 * Math.PI * k) / RING), Math.sin((2 * Math.PI * k) / RING)]);

/**
 * Draws solids in three dimensions: boxes, capsules, balls, plane polygons. Things are described in their own frame: x forward, y to the left, z up,
 * metres. The pen knows how each is lit, and where in the picture it reaches.
 *
 * @param {import('./canvas.mjs').Canvas} canvas
 */
export function createPen(canvas) {
  const corners = new Float64Array(64);
  const seen = new Float64Array(3);
  const paint = { linear: 0, u: 128, v: 128, alpha: 1, id: 0 };
  const colours = new WeakMap();
  const bounds = { x1: 0, y1: 0, x2: 0, y2: 0 };
  let camera = null;
  let sun = [0, 0, 1];
  let light = { ambient: 0, sun: 0, lamps: 0, saturation: 1 };
  let place = { s: 0, d: 0, z: 0, cos: 1, sin: 0, pitchCos: 1, pitchSin: 0 };

  const colourOf = (rgb) => {
    let colour = colours.get(rgb);
    if (colour === undefined) {
      colour = paintOf(rgb);
      colours.set(rgb, colour);
    }
    return colour;
  };
  /** From the thing's frame to the world's. */
  const world = ([x, y, z]) => [place.s + x * place.cos - y * place.sin, place.d + x * place.sin + y * place.cos, place.z + z];
  const reach = (x, y) => {
    if (x < bounds.x1) bounds.x1 = x;
    if (x > bounds.x2) bounds.x2 = x;
    if (y < bounds.y1) bounds.y1 = y;
    if (y > bounds.y2) bounds.y2 = y;
  };
  const setPaint = (rgb, irradiance, alpha) => {
    const colour = colourOf(rgb);
    paint.linear = Math.min(65535, colour.albedo * irradiance * 65535);
    const k = colourIn(irradiance) * light.saturation;
    paint.u = 128 + colour.u * k;
    paint.v = 128 + colour.v * k;
    paint.alpha = alpha;
  };
  /** Light on a surface with this normal (world frame). */
  const lit = (nx, ny, nz) =>
    light.ambient * (0.65 + 0.35 * nz) + light.sun * Math.max(0, nx * sun[0] + ny * sun[1] + nz * sun[2]) + light.lamps * (0.7 + 0.3 * nz);

  /** Fills a plane polygon of world points; what lies behind the lens is cut off. */
  const fillWorld = (points, counts) => {
    let n = 0;
    let [ax, ay, az] = [0, 0, 0];
    const put = (x, y, z) => {
      corners[2 * n] = camera.width / 2 + (camera.focalPx * x) / z;
      corners[2 * n + 1] = camera.height / 2 + (camera.focalPx * y) / z;
      if (counts) reach(corners[2 * n], corners[2 * n + 1]);
      n++;
    };
    for (let k = -1; k < points.length; k++) {
      const [s, d, z] = points[k < 0 ? points.length - 1 : k];
      camera.toCamera(s, d, z, seen);
      const [bx, by, bz] = seen;
      if (k >= 0) {
        if (az < NEAREST_M !== bz < NEAREST_M) {
          const f = (NEAREST_M - az) / (bz - az);
          put(ax + f * (bx - ax), ay + f * (by - ay), NEAREST_M);
        }
        if (bz >= NEAREST_M) put(bx, by, bz);
      }
      [ax, ay, az] = [bx, by, bz];
    }
    return n;
  };

  const pen = {
    /** The camera and the light of a picture. */
    look(nextCamera, nextSun) {
      camera = nextCamera;
      sun = nextSun;
    },
    /**
     * Begins a thing.
     *
     * @param {number} id 0: part of the scene
     * @param {{s: number, d: number, z?: number, headingDeg?: number}} pose
     * @param {{ambient: number, sun: number, lamps: number, saturation: number}} onIt irradiances
     */
    begin(id, pose, onIt) {
      const heading = ((pose.headingDeg ?? 0) * Math.PI) / 180;
      place = { s: pose.s, d: pose.d, z: pose.z ?? 0, cos: Math.cos(heading), sin: Math.sin(heading) };
      light = onIt;
      paint.id = id;
      bounds.x1 = bounds.y1 = Infinity;
      bounds.x2 = bounds.y2 = -Infinity;
    },
    /** Where the thing reached in the picture, pixels; infinite when nothing of it was drawn. */
    bounds: () => ({ ...bounds }),
    /** Says of what was drawn by other means where it reaches, pixels. */
    reach(x1, y1, x2, y2) {
      reach(x1, y1);
      reach(x2, y2);
    },
    world,
    /** Whether a face at `point`, turned towards `beyond`, is turned to the camera. */
    faces(point, beyond) {
      const p = world(point);
      const q = world(beyond);
      return p.reduce((sum, c, i) => sum + (q[i] - c) * (camera.at[i] - c), 0) > 0;
    },

    /** A plane polygon of at most 20 corners; `emits`: it shines by itself, 0..1. */
    poly(points, rgb, { emits = null, alpha = 1, normal = [0, 0, 1] } = {}) {
      const n = fillWorld(points.map(world), alpha > 0.3);
      if (n < 3) return;
      setPaint(
        rgb,
        emits ?? lit(normal[0] * place.cos - normal[1] * place.sin, normal[0] * place.sin + normal[1] * place.cos, normal[2]),
        alpha,
      );
      canvas.fill(corners, n, paint);
    },

    /**
     * A box, its top drawn in by `taper` (front, back, sides; metres).
     *
     * @param {readonly [number, number, number, number, number, number]} size x1, x2, y1, y2, z1, z2
     */
    box([x1, x2, y1, y2, z1, z2], rgb, { taper = [0, 0, 0], top = rgb } = {}) {
      const [front, back, side] = taper;
      const low = [
        [x1, y1, z1],
        [x2, y1, z1],
        [x2, y2, z1],
        [x1, y2, z1],
      ].map(world);
      const high = [
        [x1 + back, y1 + side, z2],
        [x2 - front, y1 + side, z2],
        [x2 - front, y2 - side, z2],
        [x1 + back, y2 - side, z2],
      ].map(world);
      const faces = [high, ...[0, 1, 2, 3].map((k) => [low[k], low[(k + 1) % 4], high[(k + 1) % 4], high[k]])];
      for (let f = 0; f < 5; f++) {
        const [p, q, , r] = faces[f];
        const a = [q[0] - p[0], q[1] - p[1], q[2] - p[2]];
        const b = [r[0] - p[0], r[1] - p[1], r[2] - p[2]];
        const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
        const length = Math.hypot(...normal) || 1;
        const [nx, ny, nz] = normal.map((c) => c / length);
        if (nx * (camera.at[0] - p[0]) + ny * (camera.at[1] - p[1]) + nz * (camera.at[2] - p[2]) <= 0) continue;
        const n = fillWorld(faces[f], true);
        if (n < 3) continue;
        setPaint(f === 0 ? top : rgb, lit(nx, ny, nz), 1);
        canvas.fill(corners, n, paint);
      }
    },

    /** A rod with round ends from one point to another, radii in metres. */
    capsule(from, to, radiusFrom, radiusTo, rgb, { alpha = 1, emits = null } = {}) {
      const a = camera.project(...world(from));
      const b = camera.project(...world(to));
      if (a[2] < NEAREST_M || b[2] < NEAREST_M) return;
      const ra = (radiusFrom * camera.focalPx) / a[2];
      const rb = (radiusTo * camera.focalPx) / b[2];
      // A rod shows its bright and its dark side at once: the mean.
      setPaint(rgb, emits ?? light.ambient * 0.85 + light.sun * 0.6 + light.lamps * 0.8, alpha);
      let [nx, ny] = [-(b[1] - a[1]), b[0] - a[0]];
      const length = Math.hypot(nx, ny);
      if (length > 0.3) {
        nx /= length;
        ny /= length;
        corners.set([
          a[0] + nx * ra,
          a[1] + ny * ra,
          b[0] + nx * rb,
          b[1] + ny * rb,
          b[0] - nx * rb,
          b[1] - ny * rb,
          a[0] - nx * ra,
          a[1] - ny * ra,
        ]);
        canvas.fill(corners, 4, paint);
      }
      if (ra > 0.8) disc(a[0], a[1], ra);
      if (rb > 0.8) disc(b[0], b[1], rb);
      if (alpha > 0.3) {
        reach(Math.min(a[0] - ra, b[0] - rb), Math.min(a[1] - ra, b[1] - rb));
        reach(Math.max(a[0] + ra, b[0] + rb), Math.max(a[1] + ra, b[1] + rb));
      }
    },

    /** A ball. */
    ball(centre, radius, rgb, { alpha = 1, emits = null } = {}) {
      const [x, y, depth] = camera.project(...world(centre));
      if (depth < NEAREST_M) return;
      const r = (radius * camera.focalPx) / depth;
      setPaint(rgb, emits ?? light.ambient * 0.9 + light.sun * 0.65 + light.lamps * 0.85, alpha);
      disc(x, y, r);
      if (alpha > 0.3) {
        reach(x - r, y - r);
        reach(x + r, y + r);
      }
    },

    /** A cloud of something, densest in its middle; `counts`: whether the thing reaches as far. */
    puff(centre, radius, rgb, { alpha, emits = null, counts = true }) {
      const [x, y, depth] = camera.project(...world(centre));
      if (depth < NEAREST_M) return;
      const r = (radius * camera.focalPx) / depth;
      setPaint(rgb, emits ?? light.ambient + light.sun * 0.7 + light.lamps * 0.8, alpha);
      canvas.blob(x, y, r, r, paint);
      // Its rim is not to be seen: what is denser than half reaches to about half its radius.
      if (counts && alpha > 0.12) {
        reach(x - r * 0.6, y - r * 0.6);
        reach(x + r * 0.6, y + r * 0.6);
      }
    },

    /** Adds light to the ground (or a wall) inside a polygon of the thing's frame. */
    pool(points, power, albedo) {
      const n = fillWorld(points.map(world), false);
      if (n >= 3) canvas.light(corners, n, power, albedo);
    },

    /** Marks a shadow on the ground: polygon of world points (s, d). */
    shadow(points, strength) {
      const n = fillWorld(
        points.map(([s, d]) => [s, d, 0.005]),
        false,
      );
      if (n < 3) return null;
      canvas.mark(corners, n, strength);
      let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let k = 0; k < n; k++) {
        x1 = Math.min(x1, corners[2 * k]);
        x2 = Math.max(x2, corners[2 * k]);
        y1 = Math.min(y1, corners[2 * k + 1]);
        y2 = Math.max(y2, corners[2 * k + 1]);
      }
      return { x1, y1, x2, y2 };
    },
  };

  function disc(x, y, r) {
    for (let k = 0; k < RING; k++) {
      corners[2 * k] = x + r * ring[k][0];
      corners[2 * k + 1] = y + r * ring[k][1];
    }
    canvas.fill(corners, RING, paint);
  }
  return pen;
}
