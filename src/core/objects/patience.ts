import type { Box } from '../../domain/geometry.js';
import type { Detection } from '../detection/detection.js';
import { shareInside } from '../geometry/box.js';
import type { Track } from './track.js';

/** How long an object that moved may be away. */
const AWAY_MS = 8_000;
/**
 * How long what stands may go unseen in plain view, when the detector drops it: so many times as long as it was seen to stand, at least and at most
 * this. Shorter, and a parked car that is dropped begins anew; longer, and what flickers or left unseen is a ghost that alarms.
 */
const STILL_AWAY_FACTOR = 4;
const STILL_AWAY_LEAST_MS = 2_000;
const STILL_AWAY_MOST_MS = 60_000;
/** And behind something that is seen to stand before it. */
const STILL_HIDDEN_MS = 600_000;
/** Share of a place that something must cover to hide what stands there: a nano model loses a car by less than half. */
const HIDING_SHARE = 0.3;
/** A tentative object that is not there again after so long, and so many pictures, was none. */
const TENTATIVE_MS = 600;
const TENTATIVE_MISSES = 2;
/** Unseen and this close to the picture's edge an object has left; it is kept as long as a drop-out may last. */
export const EDGE = 0.015;
const EDGE_AWAY_MS = 1_000;
/** Share of an expected box that must lie inside the picture. */
const IN_PICTURE = 0.3;
const PICTURE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** Whether something is seen to stand before an object that stands and was not found. @param least score from which that is something. */
export function isHidden({ place }: Track, detections: readonly Detection[], least: number): boolean {
  return place !== null && detections.some(({ box, score }) => score >= least && shareInside(place, box) >= HIDING_SHARE);
}

/** Whether an object was so long unseen that it is forgotten. */
export function isGone(track: Track): boolean {
  if (track.seen) return false;
  if (!track.confirmed) return track.missedMs >= TENTATIVE_MS && track.misses >= TENTATIVE_MISSES;
  if (track.place !== null) {
    const patienceMs = STILL_AWAY_FACTOR * (track.seenMs - (track.stillness.sinceMs as number));
    return track.missedMs > Math.min(STILL_AWAY_MOST_MS, Math.max(STILL_AWAY_LEAST_MS, patienceMs)) || track.hiddenMs > STILL_HIDDEN_MS;
  }
  const { box } = track;
  const atEdge = box.x1 < EDGE || box.y1 < EDGE || box.x2 > 1 - EDGE || box.y2 > 1 - EDGE;
  return track.awayMs > (atEdge ? EDGE_AWAY_MS : AWAY_MS) || shareInside(box, PICTURE) < IN_PICTURE;
}
