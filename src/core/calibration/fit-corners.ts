import type { Box, Point } from '../../domain/geometry.js';
import { type Homography, mapPoint, solveLinear } from '../geometry/homography.js';
import type { FoundFacade } from './find-facade.js';

/** Spans along a floor line between the points that the corners are fitted to: enough for a line that the lens bends. */
const ACROSS = 8;

/**
 * Corners, in pixels, of the storeys `top` to `bottom` (the comb's, counted downward): the quadrilateral whose evenly divided floor lines come nearest to the
 * facade's as the lens bends them.
 */
export function cornersOf(found: FoundFacade, top: number, bottom: number): [Point, Point, Point, Point] | null {
  const { rectification, located, comb, extent } = found;
  const { origin, step } = located.straight;
  const ends = { x1: extent.left.at, x2: extent.right.at, y1: extent.top.at, y2: extent.bottom.at };
  const points: { from: Point; to: Point }[] = [];
  const [width, height] = [ends.x2 - ends.x1, bottom - top];
  for (let storey = ends.y1; storey <= ends.y2; storey++) {
    for (let i = 0; i <= ACROSS; i++) {
      const column = ends.x1 + (width * i) / ACROSS;
      const to = rectification.outward({ x: origin.x + column * step, y: origin.y + comb.rowAt(storey) * step });
      points.push({ from: { x: i / ACROSS, y: (storey - top) / height }, to });
    }
  }
  const h = fitHomography(points);
  if (h === null) return null;
  const corner = (x: number, y: number): Point => mapPoint(h, { x, y });
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
}

/** Least squares of a homography, algebraic with weights that make it geometric (three rounds). */
function fitHomography(points: readonly { from: Point; to: Point }[]): Homography | null {
  const box = points.reduce<Box>(
    (b, { to }) => ({ x1: Math.min(b.x1, to.x), y1: Math.min(b.y1, to.y), x2: Math.max(b.x2, to.x), y2: Math.max(b.y2, to.y) }),
    { x1: Number.POSITIVE_INFINITY, y1: Number.POSITIVE_INFINITY, x2: Number.NEGATIVE_INFINITY, y2: Number.NEGATIVE_INFINITY },
  );
  const size = Math.max(box.x2 - box.x1, box.y2 - box.y1);
  const toUnit = (p: Point): Point => ({ x: (p.x - box.x1) / size, y: (p.y - box.y1) / size });
  let h: number[] = [1, 0, 0, 0, 1, 0, 0, 0];
  for (let round = 0; round < 3; round++) {
    const rows = Array.from({ length: 8 }, () => new Array<number>(9).fill(0));
    for (const { from, to } of points) {
      const { x, y } = from;
      const { x: u, y: v } = toUnit(to);
      const w = 1 / ((h[6] as number) * x + (h[7] as number) * y + 1);
      addEquation(rows, [x, y, 1, 0, 0, 0, -u * x, -u * y, u], w);
      addEquation(rows, [0, 0, 0, x, y, 1, -v * x, -v * y, v], w);
    }
    const solved = solveLinear(rows);
    if (solved === null) return null;
    h = solved;
  }
  const [a, b, c, d, e, f, g, i] = h as [number, number, number, number, number, number, number, number];
  // From the unit square of the picture back to pixels: x = x1 + size · u, with u = (ax + by + c) / (gx + iy + 1).
  return [
    a * size + box.x1 * g,
    b * size + box.x1 * i,
    c * size + box.x1,
    d * size + box.y1 * g,
    e * size + box.y1 * i,
    f * size + box.y1,
    g,
    i,
    1,
  ];
}

function addEquation(rows: number[][], equation: readonly number[], weight: number): void {
  for (let i = 0; i < 8; i++) {
    const row = rows[i] as number[];
    for (let j = 0; j < 9; j++) row[j] = (row[j] as number) + weight * weight * (equation[i] as number) * (equation[j] as number);
  }
}
