import type { Box } from '../../domain/geometry.js';

/**
 * How far two boxes are from being one, 0 (the same) to 1 (nothing in common), once both have been made larger. 1 where they do not even touch.
 *
 * @param buffer by how much of its own width and height each box grows on every side, ≥ 0.
 * @param slackX by how much both grow besides on their left and right, and
 * @param slackY above and below: the place of one is that uncertain. In the boxes' units, ≥ 0.
 */
export type BoxDistance = (a: Box, b: Box, buffer: number, slackX: number, slackY: number) => number;

/**
 * One less the intersection over union of buffered boxes: boxes that do not touch can still be told near from far.
 *
 * @source Yang et al., Hard to Track Objects with Irregular Motions and Similar Appearances? Make It Easier by Buffering the
 * Matching Space, WACV 2023 (C-BIoU).
 * @example bufferedDistance(box, box, 0.3, 0, 0) // 0
 */
export const bufferedDistance: BoxDistance = (a, b, buffer, slackX, slackY) => {
  const aw = a.x2 - a.x1;
  const ah = a.y2 - a.y1;
  const bw = b.x2 - b.x1;
  const bh = b.y2 - b.y1;
  const ax = buffer * aw + slackX;
  const ay = buffer * ah + slackY;
  // Both grow, though only one is uncertain: a box that grew alone would never be the same as its own picture.
  const bx = buffer * bw + slackX;
  const by = buffer * bh + slackY;
  const width = Math.min(a.x2 + ax, b.x2 + bx) - Math.max(a.x1 - ax, b.x1 - bx);
  const height = Math.min(a.y2 + ay, b.y2 + by) - Math.max(a.y1 - ay, b.y1 - by);
  if (width <= 0 || height <= 0) return 1;
  const shared = width * height;
  return 1 - shared / ((aw + 2 * ax) * (ah + 2 * ay) + (bw + 2 * bx) * (bh + 2 * by) - shared);
};

/** A length that stands for how near an object is: its sides' geometric mean, as shares of the picture's width and of its height. */
export interface BoxScale {
  x: number;
  y: number;
}

/**
 * The scale of a box: some 0.9 m of a person, 2.5 m of a car.
 *
 * @param aspect the picture's width ÷ height.
 * @param to where it is written, so that asking costs no memory.
 */
export function scaleOf(box: Box, aspect: number, to: BoxScale): BoxScale {
  to.y = Math.sqrt(Math.max(1e-12, (box.x2 - box.x1) * aspect * (box.y2 - box.y1)));
  to.x = to.y / aspect;
  return to;
}
