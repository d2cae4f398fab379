import type { Point } from '../../domain/geometry.js';
import { solveInPlace } from './linear-system.js';

/** A projective map of the plane, row by row, to scale. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

type FourPoints = readonly [Point, Point, Point, Point];

/**
 * The projective map that takes four points to four others.
 *
 * @throws {RangeError} when three of either four lie on a line.
 * @example mapPoint(homographyFrom(unitSquare, quad), { x: 0, y: 0 }) // quad[0]
 * @source Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 4.1 (the inhomogeneous solution: h33 = 1), with the last point as the origin: metres may be
 *   counted from the foot of the camera, and no picture shows where that is.
 */
export function homographyFrom(from: FourPoints, to: FourPoints): Homography {
  const rows: number[][] = [];
  const [, , , origin] = from;
  for (let i = 0; i < 4; i++) {
    const [x, y] = [(from[i] as Point).x - origin.x, (from[i] as Point).y - origin.y];
    const { x: u, y: v } = to[i] as Point;
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u]);
    rows.push([0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  }
  const h = solveLinear(rows);
  if (h === null) throw new RangeError('three of four corner points lie on one line');
  const [a, b, c, d, e, f, g, i] = h as [number, number, number, number, number, number, number, number];
  const moved = (x: number, y: number, rest: number): number => rest - x * origin.x - y * origin.y;
  return [a, b, moved(a, b, c), d, e, moved(d, e, f), g, i, moved(g, i, 1)];
}

/** Applies a map to a point; a point on the map's horizon gives infinite coordinates. */
export function mapPoint(h: Homography, p: Point): Point {
  const w = h[6] * p.x + h[7] * p.y + h[8];
  return { x: (h[0] * p.x + h[1] * p.y + h[2]) / w, y: (h[3] * p.x + h[4] * p.y + h[5]) / w };
}

/**
 * Solves a square linear system given as augmented rows (n rows of n + 1 numbers); `null` when it is singular.
 *
 * @example solveLinear([[2, 0, 4], [0, 4, 4]]) // [2, 1]
 */
export function solveLinear(rows: readonly (readonly number[])[]): number[] | null {
  const n = rows.length;
  const solution = new Float64Array(n);
  return solveInPlace(Float64Array.from(rows.flat()), n, solution) ? [...solution] : null;
}
