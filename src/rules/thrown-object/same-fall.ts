import type { PathPoint } from '../../core/tracking/linker.js';
import { median } from './path-evidence.js';

/**
 * Vertical distance at the same moments below which two paths are the same fall seen twice, share of the picture's height: glass is a
 * metre or so behind. Larger, and two things that cross in height are one; smaller, and reflections are second alarms.
 */
const SAME_SHARE = 0.02;
/** Frames both must be seen in to compare them: with fewer, two that only cross would be the same. */
const MIN_SHARED = 4;
/** A path that begins within this time after another ended near it goes on from it (a bounce, a gap), seconds. */
const AFTER_S = 1.2;
/** … and how near, share of the picture's height: a bounce goes this far. Larger, and the next throw from the same window is swallowed. */
const AFTER_SHARE = 0.12;

/**
 * Whether two paths are one fall: the same object in two hypotheses, its reflection in glass (same height at the same moments, elsewhere
 * sideways), or its bounce.
 */
export function sameFall(known: readonly PathPoint[], other: readonly PathPoint[], pictureHeightPx: number): boolean {
  const heights = new Map(known.map((p) => [p.seq, p.candidate.y]));
  const gaps: number[] = [];
  for (const p of other) {
    const y = heights.get(p.seq);
    if (y !== undefined) gaps.push(Math.abs(p.candidate.y - y));
  }
  if (gaps.length >= MIN_SHARED) return median(gaps) <= SAME_SHARE * pictureHeightPx;
  const end = known[known.length - 1] as PathPoint;
  const start = other[0] as PathPoint;
  const wait = start.timeS - end.timeS;
  if (wait < -0.2 || wait > AFTER_S) return false;
  return Math.hypot(start.candidate.x - end.candidate.x, start.candidate.y - end.candidate.y) <= AFTER_SHARE * pictureHeightPx;
}
