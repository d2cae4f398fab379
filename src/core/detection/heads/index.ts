import type { OutputShape } from '../detection.js';
import { yolov8 } from './anchor-free.js';
import { nanodet, picodet } from './distribution.js';
import { finishedDetr, ssd } from './finished.js';
import type { Head, Size } from './head.js';
import { detr, rfdetr } from './queries.js';
import { yolox } from './yolox.js';

/** Every family there is, one line each. What two families could take is the first one's. */
export const heads: readonly Head[] = [yolox, yolov8, nanodet, picodet, detr, rfdetr, finishedDetr, ssd];

/**
 * The family that a model's outputs are told by.
 *
 * @returns `null` with why each family says no, when none fits.
 */
export function recognise(
  outputs: readonly OutputShape[],
  input: Size,
  classes: number,
): { readonly head: Head } | { readonly head: null; readonly why: readonly string[] } {
  const why: string[] = [];
  for (const head of heads) {
    const misfit = head.misfit(outputs, input, classes);
    if (misfit === null) return { head };
    why.push(`not ${head.family}: ${misfit}`);
  }
  return { head: null, why };
}

export type { Head, Size } from './head.js';
