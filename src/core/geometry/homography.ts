import type { Point } from '../../domain/geometry.js';
import { solveInPlace } from './linear-system.js';

/** A projective map of the plane, row by row; `[8]` is 1. */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

type FourPoints = readonly [Point, Point, Point, Point];

/**
 * The projective map that takes four points to four others.
 *
 * @throws {RangeError} when three of either four lie on a line.
 * @example mapPoint(homographyFrom(unitSquare, quad), { x: 0, y: 0 }) // quad[0]
 * @source Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 4.1 (the inhomogeneous solution: h33 = 1).
 */
export function homographyFrom(from: FourPoints, to: FourPoints): Homography {
  const rows: number[][] = [];
  for (let i = 0; i < 4; i++) {
    const { x, y } = from[i] as Point;
    const { x: u, y: v } = to[i] as Point;
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u]);
    rows.push([0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  }
  const h = solveLinear(rows);
  if (h === null) throw new RangeError('three of four corner points lie on one line');
  return [...h, 1] as unknown as Homography;
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
