import type { Box } from '../../domain/geometry.js';
import { intersectionOverUnion } from '../geometry/box.js';

/** A box as a head gives it: pixels of the model's input, the class by its number. */
export interface RawDetection {
  readonly box: Box;
  readonly classId: number;
  readonly score: number;
}

/**
 * Overlap from which two boxes of a class are one thing, as YOLOX and NanoDet are published. Higher, and a car is counted twice; lower, and who walks behind
 * somebody is lost.
 */
export const SAME_OVERLAP = 0.45;

/**
 * Non-maximum suppression, class by class: of boxes that overlap by more than `overlap` the surest stays.
 *
 * @returns the surest first, at most `limit`.
 */
export function suppress(detections: readonly RawDetection[], overlap: number, limit: number): RawDetection[] {
  const sorted = [...detections].sort((a, b) => b.score - a.score);
  const kept: RawDetection[] = [];
  for (const one of sorted) {
    if (kept.length === limit) break;
    if (!isAmong(kept, one, overlap)) kept.push(one);
  }
  return kept;
}

/** A plain loop: this is asked for every pair of boxes, and a function made for each box would be most of its cost. */
function isAmong(kept: readonly RawDetection[], one: RawDetection, overlap: number): boolean {
  for (const other of kept) if (other.classId === one.classId && intersectionOverUnion(other.box, one.box) > overlap) return true;
  return false;
}
