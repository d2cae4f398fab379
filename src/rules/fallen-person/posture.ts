import { median } from '../../core/median.js';
import type { Box, Point } from '../../domain/geometry.js';
import { footOf } from '../common/boxes.js';

/** How a box is, as far as it tells how somebody holds himself. Lengths in heights of the picture. */
export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly foot: Point;
}

/** @param aspect the picture's width ÷ height. */
export const shapeOf = (box: Box, aspect: number): Shape => ({
  width: Math.max(1e-6, (box.x2 - box.x1) * aspect),
  height: Math.max(1e-6, box.y2 - box.y1),
  foot: footOf(box),
});

/** People who stand or walk are at least so many times as high as wide; with a stride, or a bag, 1.7. */
const UPRIGHT = 1.45;
/** Who lies is so many times as wide as high, by sensitivity. Who crouches or bends is 0.6 to 0.9. Lower, and sitting with legs stretched counts. */
const LYING = { low: 1.4, normal: 1.15, high: 1 } as const;
/** And not higher than this share of his height while he stood. Crouching leaves 0.55 to 0.65, sitting 0.75. */
const LOW = 0.62;
/** And at least so long: a share of the same. Dogs are shorter than their masters are high; who falls slantwise to the view looks a third shorter. */
const LONG = 0.6;
/** Without a height to go by, only what is this much wider lies: two who stand side by side in one box are as wide as high. */
const SURELY = 1.4;
/** What comes so near the picture's edge is cut off by it, and has no shape of its own. */
const EDGE = 0.01;
/** Shapes that the height is the middle of. */
const HEIGHTS = 15;

export const isUpright = ({ width, height }: Shape): boolean => height / width >= UPRIGHT;

/** How wide something is for its height. */
export const widthOf = ({ width, height }: Shape): number => width / height;

/** What somebody was like while he stood. */
export interface Upright {
  readonly ptsMs: number;
  readonly foot: Point;
  /** The middle of the last ones. */
  readonly height: number;
  readonly heights: readonly number[];
}

export function stand(before: Upright | null, { foot, height }: Shape, ptsMs: number): Upright {
  const heights = [...(before?.heights ?? []), height].slice(-HEIGHTS);
  return { ptsMs, foot, height: median(heights), heights };
}

export type Sensitivity = keyof typeof LYING;

/** Whether a shape lies there. @param upright of the same person; `null`: he was not seen to stand. */
export function isLying(shape: Shape, upright: Upright | null, sensitivity: Sensitivity): boolean {
  if (widthOf(shape) < LYING[sensitivity]) return false;
  if (upright === null) return widthOf(shape) >= SURELY * LYING[sensitivity];
  return shape.height <= LOW * upright.height && shape.width >= LONG * upright.height;
}

export const isCut = ({ x1, y1, x2, y2 }: Box): boolean => x1 < EDGE || y1 < EDGE || x2 > 1 - EDGE || y2 > 1 - EDGE;

/** How wide something must be for its height to lie. */
export const leastWidth = (sensitivity: Sensitivity): number => LYING[sensitivity];
