/**
 * Draws something that moves in three dimensions during the exposure: samples its shapes at several instants, each at the
 * time at which the (rolling) shutter passes its row.
 *
 * @typedef {object} Shot
 * @property {import('./camera.mjs').Camera} camera
 * @property {import('./canvas.mjs').Canvas} canvas
 * @property {number} timeS start of the exposure of the first row
 * @property {number} exposureS
 * @property {number} readoutS from the first row to the last; 0 for a global shutter
 * @property {(x: number, y: number) => number} vignette
 * @property {import('./light.mjs').Light} light
 * @property {import('./background.mjs').Background} background
 * @property {number} frame number of the picture
 */

/**
 * Where a moving point is seen: its place in the picture when its own row is exposed.
 *
 * @param {Shot} shot
 * @param {(t: number, out: Float64Array) => void} at world position
 * @param {number} phase 0..1 within the exposure
 */
export function seenAt(shot, at, phase) {
  const base = shot.timeS + phase * shot.exposureS;
  at(base, point);
  let seen = shot.camera.project(point[0], point[1], point[2]);
  let t = base;
  if (shot.readoutS > 0) {
    for (let i = 0; i < 2; i++) {
      const row = Math.min(1, Math.max(0, seen.y / shot.canvas.height));
      t = base + row * shot.readoutS;
      at(t, point);
      seen = shot.camera.project(point[0], point[1], point[2]);
    }
  }
  return { x: seen.x, y: seen.y, depth: seen.depth, t, scale: seen.depth > 0 ? shot.camera.focalPx / seen.depth : 0 };
}
const point = new Float64Array(8);

/**
 * @param {Shot} shot
 * @param {(t: number, out: Float64Array) => void} at centre in the world at a time
 * @param {number} reachM greatest distance of any part from the centre
 * @param {(seen: {x: number, y: number, t: number, scale: number}, weight: number) => void} shapes adds the coverage of one
 *   instant (`canvas.addRect` …); `scale` is pixels a metre there
 * @param {import('./canvas.mjs').Colour | ((seen: object) => import('./canvas.mjs').Colour)} colour
 * @param {{opacity?: number, mask?: Uint8Array}} [options]
 * @returns {{x: number, y: number, scale: number, drawn: import('./canvas.mjs').Drawn} | null} mid-exposure place; null when it
 *   is behind the camera or outside the picture
 */
export function drawMover(shot, at, reachM, shapes, colour, options = {}) {
  const first = seenAt(shot, at, 0);
  const middle = seenAt(shot, at, 0.5);
  const last = seenAt(shot, at, 1);
  if (first.depth < 0.2 || last.depth < 0.2) return null;
  const reach = reachM * Math.max(first.scale, last.scale) + 3;
  const inside = shot.canvas.begin(
    Math.min(first.x, middle.x, last.x) - reach,
    Math.min(first.y, middle.y, last.y) - reach,
    Math.max(first.x, middle.x, last.x) + reach,
    Math.max(first.y, middle.y, last.y) + reach,
  );
  if (!inside) return null;
  const travel = Math.hypot(last.x - first.x, last.y - first.y);
  const instants = Math.max(1, Math.min(48, Math.ceil(travel / 0.7) + (travel > 0.2 ? 1 : 0)));
  for (let i = 0; i < instants; i++) shapes(seenAt(shot, at, (i + 0.5) / instants), 1 / instants);
  const tone = typeof colour === 'function' ? colour(middle) : colour;
  const vignetted = { ...tone, lin: tone.lin * shot.vignette(middle.x, middle.y) };
  return { x: middle.x, y: middle.y, scale: middle.scale, drawn: shot.canvas.composite(vignetted, options.opacity ?? 1, options.mask) };
}
