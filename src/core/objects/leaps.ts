import type { Detection } from '../detection/detection.js';
import { type BoxScale, scaleOf } from './boxes.js';

/** Something that was found in one picture, and that was nothing known: no object followed it, and it followed none. */
export interface Stray {
  readonly ptsMs: number;
  readonly detection: Detection;
  /** The object that it began. */
  readonly id: number;
}

/** How fast something may be, scales a second: a motorcycle at 90 km/h. Higher, and strays of a crowd make paths. */
const MOST_PER_S = 22;
/** A step may be longer or shorter than the one before it by this factor: what drives off along the view seems to slow down by a third in a fifth of a second. */
const PACE = 1.9;
/** And turn from it by so much, cosine: 18°. */
const STRAIGHT = 0.95;
/** By which factor its height may change from picture to picture. */
const HEIGHT = 1.5;
/** Steps shorter than this are for the usual matches, scales. */
const LEAST_STEP = 1;

/**
 * Finds what is too fast to be known again: a motorcycle that goes on by three of its lengths from one picture to the next shares nothing with its own box before. Three strays in three
 * pictures, in a line, at an even pace, of one name and about one size, are one thing.
 *
 * @param before strays of the last two pictures.
 * @param aspect the picture's width ÷ height.
 * @returns the first and the second of the three; `null`: this one is no leap's end.
 */
export function findLeap(
  detection: Detection,
  ptsMs: number,
  before: { readonly first: readonly Stray[]; readonly second: readonly Stray[] },
  aspect: number,
): readonly [Stray, Stray] | null {
  for (const second of before.second) {
    const later = stepOf(second.detection, detection, (ptsMs - second.ptsMs) / 1000, aspect);
    if (later === null) continue;
    for (const first of before.first) {
      const earlier = stepOf(first.detection, second.detection, (second.ptsMs - first.ptsMs) / 1000, aspect);
      if (earlier === null) continue;
      const [a, b] = [Math.hypot(earlier.x, earlier.y), Math.hypot(later.x, later.y)];
      const straight = earlier.x * later.x + earlier.y * later.y >= STRAIGHT * a * b;
      if (straight && a <= PACE * b && b <= PACE * a) return [first, second];
    }
  }
  return null;
}

/** From one box to another, heights of the picture a second; `null` where they cannot be one fast thing. */
function stepOf(from: Detection, to: Detection, seconds: number, aspect: number): { readonly x: number; readonly y: number } | null {
  const [a, b] = [from.box, to.box];
  const [high, low] = [a.y2 - a.y1, b.y2 - b.y1];
  if (from.label !== to.label || high > HEIGHT * low || low > HEIGHT * high || seconds <= 0) return null;
  const scale: BoxScale = { x: 1, y: 1 };
  const size = Math.max(scaleOf(a, aspect, scale).y, scaleOf(b, aspect, scale).y);
  const x = ((b.x1 + b.x2 - a.x1 - a.x2) / 2) * aspect;
  const y = b.y2 - a.y2;
  const apart = Math.hypot(x, y);
  return apart < LEAST_STEP * size || apart > MOST_PER_S * seconds * size ? null : { x: x / seconds, y: y / seconds };
}
