import type { Box } from '../../domain/geometry.js';
import type { Detection, OutputTensor, Placement } from './detection.js';
import type { Head, Size } from './heads/index.js';
import { suppress } from './suppress.js';

/**
 * Overlap from which two boxes of a class are one thing, as YOLOX and NanoDet are published. Higher, and a car is counted twice; lower, and who walks behind
 * somebody is lost.
 */
const SAME_OVERLAP = 0.45;
/** Things at most in a picture: a crowd has some hundred; more is noise, and costs time. */
const MAX_DETECTIONS = 300;

/**
 * Detections from a model's outputs.
 *
 * @param picture its size, pixels.
 * @param placement where it lies in the model's input, as `placementOf` says.
 * @param labels by class; classes without a label are left out.
 * @param least score from which a box counts, 0..1.
 */
export function decodeDetections(
  head: Head,
  outputs: readonly OutputTensor[],
  input: Size,
  picture: Size,
  placement: Placement,
  labels: readonly (string | null)[],
  least: number,
): Detection[] {
  const raw = head.decode(outputs, input, least);
  const kept = head.overlapping
    ? suppress(raw, SAME_OVERLAP, MAX_DETECTIONS)
    : raw.sort((a, b) => b.score - a.score).slice(0, MAX_DETECTIONS);
  return kept.flatMap(({ box, classId, score }) => {
    const label = labels[classId];
    const onPicture = normalised(box, picture, placement);
    return label === undefined || label === null || onPicture === null ? [] : [{ box: onPicture, label, score }];
  });
}

/** From pixels of the input to 0..1 of the picture, cut at its edges; `null` where nothing of it is left. */
function normalised(box: Box, picture: Size, { scaleX, scaleY, offsetX, offsetY }: Placement): Box | null {
  const at = (v: number, offset: number, scale: number, side: number): number => Math.max(0, Math.min(1, (v - offset) / scale / side));
  const x1 = at(box.x1, offsetX, scaleX, picture.width);
  const x2 = at(box.x2, offsetX, scaleX, picture.width);
  const y1 = at(box.y1, offsetY, scaleY, picture.height);
  const y2 = at(box.y2, offsetY, scaleY, picture.height);
  return x2 > x1 && y2 > y1 ? { x1, y1, x2, y2 } : null;
}
