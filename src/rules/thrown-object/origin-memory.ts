import type { PathPoint } from '../../core/tracking/linker.js';
import type { Judgement } from './judgement.js';
import { median } from './path-evidence.js';

/** How near two origins count as the same, pixels: a gutter's lip seen twice; downward more, as a drop may be seen a little late. */
const SAME_ACROSS_PX = 10;
/** The same downward. Larger values than these, and neighbours are doubted; smaller, and the same gutter is new each time. */
const SAME_DOWN_PX = 30;
/**
 * How long an origin is remembered, seconds: a gutter drips every few seconds to minutes. Longer, and things thrown from one window in an
 * evening count as drips.
 */
const MEMORY_S = 600;
/**
 * Falls of tiny things from one origin after which it drips: gutters repeat themselves within minutes. Fewer, and the second bottle cap of
 * a child is doubted; more, and a gutter cries longer.
 */
const REPEATS = 2;

/** Remembers where things fell from, to know a drip: the same origin again and again. */
export class OriginMemory {
  private readonly origins: { x: number; y: number; atS: number }[] = [];

  remember(origin: PathPoint, atS: number): void {
    this.origins.push({ x: origin.candidate.x, y: origin.candidate.y, atS });
    if (this.origins.length > 500) this.origins.shift();
  }

  isRepeated(origin: PathPoint, nowS: number): boolean {
    const near = this.origins.filter(
      (o) =>
        nowS - o.atS < MEMORY_S &&
        Math.abs(o.x - origin.candidate.x) <= SAME_ACROSS_PX &&
        Math.abs(o.y - origin.candidate.y) <= SAME_DOWN_PX,
    );
    return near.length >= REPEATS;
  }
}

/** Largest drop as it is seen, pixels, and the terminal speed of the largest drops (9 m/s, Gunn and Kinzer 1949) with a margin. */
const DRIP_PX = 5;
const DRIP_MPS = 12.5;

/** Whether a thing could be a drop of water: tiny, and no faster than drops fall. */
export function mayDrip(points: readonly PathPoint[], { fit }: Judgement): boolean {
  const thinPx = median(points.map((p) => Math.min(p.candidate.w, p.candidate.h)));
  return thinPx <= DRIP_PX && (fit === null || fit.forces.terminalSpeed <= DRIP_MPS);
}
