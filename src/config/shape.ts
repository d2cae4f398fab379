/** Checks of drawn shapes. Points are [x, y], normalised, y down. */

type Xy = readonly [number, number];

/** Least area of a drawn shape, as a fraction of the picture: a slip of the mouse is smaller, any real facade or zone larger. */
const MIN_AREA = 1e-5;

/** What is wrong with a polygon, in words, or `null`. Too few corners are the schema's to report. */
export function polygonProblem(points: readonly Xy[]): string | null {
  if (points.length < 3) return null;
  const crossing = crossingEdges(points);
  if (crossing !== null) {
    return `the polygon's edges ${crossing[0] + 1} and ${crossing[1] + 1} cross; give its corners in order around the shape`;
  }
  if (Math.abs(signedArea(points)) < MIN_AREA) return 'the polygon encloses nothing; its corners lie on one line or one point';
  return null;
}

/**
 * What is wrong with a facade's corners (top-left, top-right, bottom-right, bottom-left), in words, or `null`. They must
 * form a convex figure, clockwise as seen, or no homography fits.
 */
export function cornersProblem(corners: readonly Xy[]): string | null {
  const order = 'give them as top-left, top-right, bottom-right, bottom-left';
  if (crossingEdges(corners) !== null) return `the sides of the facade cross; ${order}`;
  const area = signedArea(corners);
  if (Math.abs(area) < MIN_AREA) return `the corners of the facade enclose nothing; ${order}`;
  if (area < 0) return `the corners of the facade run anticlockwise; ${order}`;
  const [topLeft, topRight, bottomRight, bottomLeft] = corners as [Xy, Xy, Xy, Xy];
  if ((topLeft[1] + topRight[1]) / 2 >= (bottomLeft[1] + bottomRight[1]) / 2) {
    return `the top edge of the facade lies below its bottom edge; ${order}`;
  }
  for (let i = 0; i < 4; i++) {
    const [a, b, c] = [0, 1, 2].map((k) => corners[(i + k) % 4]) as [Xy, Xy, Xy];
    if (turn(a, b, c) <= 0) return `the facade is dented at corner ${((i + 1) % 4) + 1}; it must be a convex four-sided figure; ${order}`;
  }
  return null;
}

/** What is wrong with four points that must fix a plane, in words, or `null`: no three may lie on a line. */
export function threeInLine(points: readonly [Xy, Xy, Xy, Xy]): string | null {
  for (const left of [0, 1, 2, 3]) {
    const [a, b, c] = points.filter((_, i) => i !== left) as [Xy, Xy, Xy];
    const reach = Math.max(1e-6, Math.hypot(b[0] - a[0], b[1] - a[1]) * Math.hypot(c[0] - a[0], c[1] - a[1]));
    if (Math.abs(turn(a, b, c)) < LEAST_SINE * reach) return 'three of the four points lie on one line; take four that do not';
  }
  return null;
}

/**
 * What is wrong with four places of the picture and the same four on a plane, in words, or `null`. Seen by one camera, all of a plane that is before it
 * turns the same way: where some three of the four turn one way and others the other, a place has another's metres. Mirrored axes are fine.
 */
export function orderProblem(picture: readonly [Xy, Xy, Xy, Xy], metres: readonly [Xy, Xy, Xy, Xy]): string | null {
  const turns = [0, 1, 2, 3].map((left) => {
    const [a, b, c] = [0, 1, 2, 3].filter((i) => i !== left) as [0, 1, 2];
    return Math.sign(turn(picture[a], picture[b], picture[c]) * turn(metres[a], metres[b], metres[c]));
  });
  if (turns.every((sign) => sign === turns[0])) return null;
  return 'no camera sees four places of the ground like that; give the metres in the same order as the places in `picture`';
}

/** Sine of the angle below which three points count as one line: some three degrees. */
const LEAST_SINE = 0.05;

/** Indices of two edges that cross or touch without being neighbours. Edge i runs from corner i to the next. */
function crossingEdges(points: readonly Xy[]): readonly [number, number] | null {
  const n = points.length;
  for (let i = 0; i < n; i++) {
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      const [a, b, c, d] = [i, (i + 1) % n, j, (j + 1) % n].map((k) => points[k]) as [Xy, Xy, Xy, Xy];
      if (turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0) return [i, j];
    }
  }
  return null;
}

/** Twice the signed area of the triangle; positive is clockwise as seen, since y points down. */
function turn(a: Xy, b: Xy, c: Xy): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function signedArea(points: readonly Xy[]): number {
  let sum = 0;
  for (let i = 0; i < points.length; i++) {
    const [a, b] = [points[i], points[(i + 1) % points.length]] as [Xy, Xy];
    sum += a[0] * b[1] - b[0] * a[1];
  }
  return sum / 2;
}
