import type { Line, Point } from '../../domain/geometry.js';
import type { PathPoint } from '../../domain/street.js';
import type { Subject } from './subjects.js';

export type CrossingDirection = 'left' | 'right';

/** Somebody has crossed the line, seen from its beginning towards its end. */
export interface Crossing {
  readonly subject: Subject;
  readonly direction: CrossingDirection;
  /** When, between two pictures, milliseconds on the stream's clock. */
  readonly ptsMs: number;
}

/** Finds who crosses a line: with hysteresis, so that whoever trembles on it has not crossed it, and only between its ends. */
export interface LineWatch {
  step(subjects: readonly Subject[], ptsMs: number): readonly Crossing[];
}

/** How far beyond the line somebody must be to be on that side, own sizes: feet tremble by a twentieth. */
const BEYOND = 0.12;
/** How far past an end of the line one still crosses it, shares of its length: people draw lines a little short. */
const PAST_END = 0.02;
/** Who is not seen for so long is forgotten, milliseconds. */
const FORGET_MS = 30_000;

interface Known {
  /** The side that somebody was last surely on; `null`: not known yet. */
  side: CrossingDirection | null;
  /** Where and when the line through the line was last passed, and whether between its ends. */
  passed: { readonly ptsMs: number; readonly between: boolean } | null;
  last: PathPoint;
}

/** @param aspect the picture's width ÷ height. */
export function createLineWatch({ from, to }: Line, aspect: number): LineWatch {
  const known = new Map<number, Known>();
  const length = Math.max(1e-9, Math.hypot((to.x - from.x) * aspect, to.y - from.y));
  const ux = ((to.x - from.x) * aspect) / length;
  const uy = (to.y - from.y) / length;
  /** Distance from the line, heights of the picture; right of it above 0. */
  const beside = ({ x, y }: Point): number => ux * (y - from.y) - uy * (x - from.x) * aspect;
  const along = ({ x, y }: Point): number => ((x - from.x) * aspect * ux + (y - from.y) * uy) / length;

  /** Takes one place of somebody in. Returns when he crossed, if he now has. */
  function take(one: Known, point: PathPoint, least: number): { readonly ptsMs: number; readonly direction: CrossingDirection } | null {
    const [before, now] = [beside(one.last), beside(point)];
    if (before > 0 !== now > 0) {
      const share = before === now ? 1 : before / (before - now);
      const place = along(one.last) + share * (along(point) - along(one.last));
      const ptsMs = one.last.ptsMs + share * (point.ptsMs - one.last.ptsMs);
      one.passed = { ptsMs, between: place >= -PAST_END && place <= 1 + PAST_END };
    }
    one.last = point;
    if (Math.abs(now) < least) return null;
    const direction: CrossingDirection = now > 0 ? 'right' : 'left';
    const was = one.side;
    one.side = direction;
    if (was === null || was === direction || one.passed?.between !== true) return null;
    return { ptsMs: one.passed.ptsMs, direction };
  }

  return {
    step(subjects, ptsMs) {
      const crossings: Crossing[] = [];
      for (const subject of subjects) {
        const { object, key } = subject;
        const least = BEYOND * Math.min(object.box.y2 - object.box.y1, (object.box.x2 - object.box.x1) * aspect);
        let one = known.get(key);
        // A tracker confirms late: who came before that has a past.
        const news = one === undefined ? object.path : object.path.slice(-1);
        for (const point of news) {
          if (one === undefined) {
            one = { side: Math.abs(beside(point)) < least ? null : beside(point) > 0 ? 'right' : 'left', passed: null, last: point };
            known.set(key, one);
            continue;
          }
          if (point.ptsMs <= one.last.ptsMs) continue;
          const crossed = take(one, point, least);
          if (crossed !== null) crossings.push({ subject, ...crossed });
        }
      }
      for (const [key, { last }] of known) if (ptsMs - last.ptsMs > FORGET_MS) known.delete(key);
      return crossings;
    },
  };
}
