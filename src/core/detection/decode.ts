import type { Box } from '../../domain/geometry.js';
import type { Detection, OutputTensor, Placement } from './detection.js';
import type { Region } from './fill-input.js';
import type { Head, Size } from './heads/index.js';
import { SAME_OVERLAP, suppress } from './suppress.js';

/** Things at most in a picture: a crowd has some hundred; more is noise, and costs time. */
export const MAX_DETECTIONS = 300;

/** What reads a model's outputs. */
export interface Reading {
  readonly head: Head;
  /** Size of the model's input, pixels. */
  readonly input: Size;
  /** By class; classes without a label are left out. */
  readonly labels: readonly (string | null)[];
}

/** What a model was shown. */
export interface Shown {
  /** Its size, pixels. */
  readonly picture: Size;
  /** The part of it that the model saw. */
  readonly region: Region;
  /** Where that lies in the model's input, as `fillInput` says. */
  readonly placement: Placement;
}

/**
 * Detections from a model's outputs.
 *
 * @param least score from which a box counts, 0..1.
 * @throws {RangeError} when the model names a class beyond the labels.
 */
export function decodeDetections(
  outputs: readonly OutputTensor[],
  { head, input, labels }: Reading,
  { picture, placement, region }: Shown,
  least: number,
): Detection[] {
  const raw = head.decode(outputs, input, least);
  const kept = head.overlapping
    ? suppress(raw, SAME_OVERLAP, MAX_DETECTIONS)
    : raw.sort((a, b) => b.score - a.score).slice(0, MAX_DETECTIONS);
  return kept.flatMap(({ box, classId, score }) => {
    const label = labels[classId];
    if (label === undefined) throw new RangeError(`it names class ${classId}, counted from 0, and ${labels.length} labels are given`);
    const onPicture = normalised(box, picture, placement, region);
    return label === null || onPicture === null ? [] : [{ box: onPicture, label, score }];
  });
}

/** From pixels of the input to 0..1 of the picture, cut at the region's edges; `null` where nothing of it is left. */
function normalised(box: Box, picture: Size, { scaleX, scaleY, offsetX, offsetY }: Placement, region: Region): Box | null {
  const across = (v: number): number => Math.max(region.x, Math.min(region.x + region.width, (v - offsetX) / scaleX)) / picture.width;
  const down = (v: number): number => Math.max(region.y, Math.min(region.y + region.height, (v - offsetY) / scaleY)) / picture.height;
  const [x1, y1, x2, y2] = [across(box.x1), down(box.y1), across(box.x2), down(box.y2)];
  return x2 > x1 && y2 > y1 ? { x1, y1, x2, y2 } : null;
}
