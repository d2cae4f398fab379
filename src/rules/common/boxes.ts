import type { Box, Point } from '../../domain/geometry.js';

/** Where something in a box stands: the middle of its lower edge. */
export const footOf = ({ x1, x2, y2 }: Box): Point => ({ x: (x1 + x2) / 2, y: y2 });

/** How far the foot of one box is from that of another, in the sizes of the first: 1 is its own width or height away. */
export function stepsApart(from: Box, to: Box): number {
  const [a, b] = [footOf(from), footOf(to)];
  return Math.max(Math.abs(a.x - b.x) / Math.max(1e-6, from.x2 - from.x1), Math.abs(a.y - b.y) / Math.max(1e-6, from.y2 - from.y1));
}

/** How far two feet are apart, in so many heights of somebody; `aspect` is the picture's width ÷ height. */
export const feetApart = (a: Point, b: Point, height: number, aspect: number): number =>
  Math.hypot((a.x - b.x) * aspect, a.y - b.y) / Math.max(1e-6, height);

/** The smallest box around others. @throws {RangeError} for none. */
export function around(boxes: readonly Box[]): Box {
  if (boxes.length === 0) throw new RangeError('there is nothing around no boxes');
  return {
    x1: Math.min(...boxes.map(({ x1 }) => x1)),
    y1: Math.min(...boxes.map(({ y1 }) => y1)),
    x2: Math.max(...boxes.map(({ x2 }) => x2)),
    y2: Math.max(...boxes.map(({ y2 }) => y2)),
  };
}
