import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { Point } from '../../domain/geometry.js';
import type { Stay } from '../common/attendance.js';
import { feetApart, footOf } from '../common/boxes.js';
import { createDwellTracker } from '../common/dwell.js';

/** Pace is averaged over so long, milliseconds: who moves up by one does so within two seconds. */
const PACE_MS = 4_000;
/** What is slower stands in a queue, m/s; people walk at 1.3, and creep at 0.3 where it is served fast. */
const SLOW_MPS = 0.5;
/** And where metres are unknown, own heights a second: somebody is 1.7 m high, and ways into the picture's depth look short. */
const SLOW_HEIGHTS_PER_S = 0.22;
/** Who has stood for so long waits, milliseconds: longer than people stop to look about. */
const STANDS_MS = 2_000;
/** Who walks for less than this still waits, milliseconds: a queue that moves up by several. */
const WALKS_MS = 5_000;
/** The next in a queue is not farther away than this: metres, or own heights where metres are unknown. */
const NEXT_M = 2.5;
const NEXT_HEIGHTS = 1.6;

export interface WaitingOptions {
  readonly ground: GroundPlane | null;
  /** The picture's width ÷ height. */
  readonly aspect: number;
}

/** Tells who of those in a zone waits, and which of them stand one behind the other. */
export function createWaitingWatch({ ground, aspect }: WaitingOptions) {
  const stands = createDwellTracker<number>({ inertiaMs: WALKS_MS, longestGapMs: PACE_MS });

  /** Own heights, or metres where they are known, from one place to another. */
  function apart(a: Point, b: Point, height: number): { readonly metres: number | null; readonly heights: number } {
    const [from, to] = [ground?.metresAt(a) ?? null, ground?.metresAt(b) ?? null];
    return {
      metres: from === null || to === null ? null : Math.hypot(from.x - to.x, from.y - to.y),
      heights: feetApart(a, b, height, aspect),
    };
  }

  function isSlow({ object, lastPtsMs }: Stay): boolean {
    const first = object.path.find(({ ptsMs }) => ptsMs >= lastPtsMs - PACE_MS);
    const last = object.path.at(-1);
    if (first === undefined || last === undefined || last.ptsMs - first.ptsMs < STANDS_MS) return false;
    const seconds = (last.ptsMs - first.ptsMs) / 1000;
    const { metres, heights } = apart(first, last, object.box.y2 - object.box.y1);
    return metres === null ? heights / seconds < SLOW_HEIGHTS_PER_S : metres / seconds < SLOW_MPS;
  }

  const isNext = (a: Stay, b: Stay): boolean => {
    const height = Math.max(a.object.box.y2 - a.object.box.y1, b.object.box.y2 - b.object.box.y1);
    const { metres, heights } = apart(footOf(a.object.box), footOf(b.object.box), height);
    return metres === null ? heights <= NEXT_HEIGHTS : metres <= NEXT_M;
  };

  return {
    /** @returns those who wait, whether or not anybody stands next to them. */
    step(present: readonly Stay[], ptsMs: number): readonly Stay[] {
      const waiting = present.filter((stay) => {
        const dwell = stands.look(stay.key, ptsMs, isSlow(stay));
        return dwell !== null && dwell.lastPtsMs - dwell.sincePtsMs >= STANDS_MS / 2;
      });
      stands.prune(ptsMs - WALKS_MS);
      return waiting;
    },
    /** The longest chain of those who wait. */
    chain(waiting: readonly Stay[]): readonly Stay[] {
      let longest: readonly Stay[] = [];
      const left = new Set(waiting);
      for (const stay of waiting) {
        if (!left.delete(stay)) continue;
        const chain = [stay];
        for (const one of chain) {
          for (const other of left) {
            if (!isNext(one, other)) continue;
            left.delete(other);
            chain.push(other);
          }
        }
        if (chain.length > longest.length) longest = chain;
      }
      return longest;
    },
  };
}
