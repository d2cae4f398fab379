import type { Box } from '../../domain/geometry.js';

/** Area of a box, in the units of its sides squared; 0 of one turned inside out. */
export function areaOf(box: Box): number {
  return Math.max(0, box.x2 - box.x1) * Math.max(0, box.y2 - box.y1);
}

/** Whether a place lies in a box, whose right and lower edges are outside it. */
export const insideBox = (box: Box, x: number, y: number): boolean => x >= box.x1 && x < box.x2 && y >= box.y1 && y < box.y2;

/** Area that two boxes share. */
function sharedArea(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  return width <= 0 || height <= 0 ? 0 : width * height;
}

/**
 * Share of `part` that lies inside `whole`, 0..1.
 *
 * @example shareInside({x1: 0, y1: 0, x2: 2, y2: 1}, {x1: 1, y1: 0, x2: 9, y2: 9}) // 0.5
 */
export function shareInside(part: Box, whole: Box): number {
  const area = areaOf(part);
  return area === 0 ? 0 : sharedArea(part, whole) / area;
}

/** Area that two boxes share, as a part of the area that either covers, 0..1; 0 of boxes that do not overlap. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const shared = sharedArea(a, b);
  return shared === 0 ? 0 : shared / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - shared);
}
