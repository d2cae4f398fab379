import type { FacadePlane } from '../../core/geometry/facade-plane.js';
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

/** The same on a facade, where {@link isReflection} tells most reflections by the camera's place: panes at an angle remain. */
const SAME_FACADE_SHARE = 0.005;

/**
 * Whether two paths are one fall: the same object in two hypotheses, its reflection in glass (same height at the same moments, elsewhere
 * sideways), or its bounce.
 */
export function sameFall(known: readonly PathPoint[], other: readonly PathPoint[], pictureHeightPx: number, calibrated: boolean): boolean {
  const sights = new Map(known.map((p) => [p.seq, p.candidate]));
  const gaps: number[] = [];
  const heights: number[] = [];
  for (const { seq, candidate } of other) {
    const sight = sights.get(seq);
    if (sight === undefined) continue;
    gaps.push(Math.hypot(candidate.x - sight.x, candidate.y - sight.y));
    heights.push(Math.abs(candidate.y - sight.y));
  }
  if (gaps.length >= MIN_SHARED) {
    const sameHeight = (calibrated ? SAME_FACADE_SHARE : SAME_SHARE) * pictureHeightPx;
    return median(gaps) <= SAME_SHARE * pictureHeightPx || median(heights) <= sameHeight;
  }
  const end = known[known.length - 1] as PathPoint;
  const start = other[0] as PathPoint;
  const wait = start.timeS - end.timeS;
  if (wait < -0.2 || wait > AFTER_S) return false;
  return Math.hypot(start.candidate.x - end.candidate.x, start.candidate.y - end.candidate.y) <= AFTER_SHARE * pictureHeightPx;
}

/** Pictures both must be seen in for one to be told a reflection of the other: two things let go together keep in line for a few. */
const MIN_MIRRORED = 6;
/** How far a reflection may lie off the line through the thing and the camera, metres, and as a share of the way to it: panes are not quite parallel. */
const OFF_LINE_M = 0.35;
const OFF_LINE_SHARE = 0.012;
/** How much later than its image a thing may be seen first, seconds: glass shows things darker, and only where there is glass. */
const MIRROR_LATE_S = 0.2;
/**
 * Farthest that a thing is from the facade when it is first seen, metres, and the fastest that it goes away from it. Thrown outward, a box was seen half a second late,
 * three metres from its balcony. Less, and its image is another throw; more, and two things in line are one.
 */
const MIRROR_START_M = 4;
const MIRROR_OUT_MPS = 9;

/**
 * Whether one path is the reflection of another in the facade's glass. Seen from the camera, a thing in front of a mirror and its image
 * behind it lie on one line with the foot of the camera on the facade's plane; how far apart they are tells the distance from the glass, which
 * begins small and changes steadily.
 */
export function isReflection(image: readonly PathPoint[], thing: readonly PathPoint[], plane: FacadePlane): boolean {
  if ((thing[0] as PathPoint).timeS > (image[0] as PathPoint).timeS + MIRROR_LATE_S) return false;
  const { camera } = plane;
  const things = new Map(thing.map((p) => [p.seq, p.candidate]));
  const off: number[] = [];
  const outs: { timeS: number; out: number }[] = [];
  for (const { seq, timeS, candidate } of image) {
    const other = things.get(seq);
    if (other === undefined) continue;
    const [a, b] = [plane.toMetres(other), plane.toMetres(candidate)];
    const [ax, ay, bx, by] = [a.x - camera.x, a.y - camera.y, b.x - camera.x, b.y - camera.y];
    const far = Math.hypot(ax, ay);
    const near = (ax * bx + ay * by) / Math.max(1e-6, far);
    off.push(Math.abs(ax * by - ay * bx) / Math.max(1e-6, far) - OFF_LINE_SHARE * far);
    outs.push({ timeS, out: (camera.out * (far - near)) / Math.max(1e-6, far + near) });
  }
  if (outs.length < MIN_MIRRORED || median(off) > OFF_LINE_M) return false;
  const half = outs.length >> 1;
  const begins = median(outs.slice(0, half).map(({ out }) => out));
  const ends = median(outs.slice(half).map(({ out }) => out));
  const first = outs[0] as { timeS: number; out: number };
  const last = outs[outs.length - 1] as { timeS: number; out: number };
  const awayMps = (2 * (ends - begins)) / Math.max(1e-3, last.timeS - first.timeS);
  const atFirst = begins - (awayMps * (last.timeS - first.timeS)) / 4;
  const startM = MIRROR_START_M + MIRROR_OUT_MPS * (first.timeS - (thing[0] as PathPoint).timeS);
  return begins > 0 && ends > 0 && atFirst < startM && atFirst > -1 && Math.abs(awayMps) < MIRROR_OUT_MPS;
}
