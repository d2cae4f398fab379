import type { Box, Point } from '../../domain/geometry.js';

/** Where something in a box stands: the middle of its lower edge. */
export const footOf = ({ x1, x2, y2 }: Box): Point => ({ x: (x1 + x2) / 2, y: y2 });

export const areaOf = ({ x1, y1, x2, y2 }: Box): number => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);

/** Share of a box that another covers, 0..1. */
export function shareCovered(box: Box, by: Box): number {
  const width = Math.min(box.x2, by.x2) - Math.max(box.x1, by.x1);
  const height = Math.min(box.y2, by.y2) - Math.max(box.y1, by.y1);
  const area = areaOf(box);
  return width <= 0 || height <= 0 || area === 0 ? 0 : (width * height) / area;
}

/** How far the foot of one box is from that of another, in the sizes of the first: 1 is its own width or height away. */
export function stepsApart(from: Box, to: Box): number {
  const [a, b] = [footOf(from), footOf(to)];
  return Math.max(Math.abs(a.x - b.x) / Math.max(1e-6, from.x2 - from.x1), Math.abs(a.y - b.y) / Math.max(1e-6, from.y2 - from.y1));
}

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
