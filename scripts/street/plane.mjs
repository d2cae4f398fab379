/** Plane geometry of points [x, y]. */

/** Of which side of a line a point lies: 1 to its right (seen from `from` to `to`, as drawn on a picture of the ground with d upward), -1 to its left. */
export function sideOf([x, y], { from, to }) {
  return (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0]) < 0 ? 1 : -1;
}

/** Whether a point lies in a polygon (even-odd rule). */
export function insidePolygon([x, y], polygon) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i];
    const [xj, yj] = polygon[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * A polygon of the ground as the camera sees it, cut to the picture, normalised.
 *
 * @param {import('./camera.mjs').Camera} camera
 * @param {readonly (readonly [number, number])[]} corners metres
 */
export function clipToPicture(camera, corners) {
  const seen = new Float64Array(3);
  let points = corners.map(([s, d]) => {
    camera.toCamera(s, d, 0, seen);
    return [...seen];
  });
  const { width, height, focalPx } = camera;
  const [w, h] = [width / 2 / focalPx, height / 2 / focalPx];
  const planes = [([, , z]) => z - 0.5, ([x, , z]) => x + w * z, ([x, , z]) => w * z - x, ([, y, z]) => y + h * z, ([, y, z]) => h * z - y];
  for (const plane of planes) {
    const next = [];
    points.forEach((b, i) => {
      const a = points[(i + points.length - 1) % points.length];
      const [pa, pb] = [plane(a), plane(b)];
      if (pa >= 0 !== pb >= 0) next.push(a.map((c, k) => c + (pa / (pa - pb)) * (b[k] - c)));
      if (pb >= 0) next.push(b);
    });
    points = next;
  }
  if (points.length < 3) throw new RangeError('a zone lies outside the picture');
  const round = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
  return points.map(([x, y, z]) => [round(0.5 + (focalPx * x) / z / width), round(0.5 + (focalPx * y) / z / height)]);
}
