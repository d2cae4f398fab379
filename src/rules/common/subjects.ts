import { areaOf, intersectionOverUnion } from '../../core/geometry/box.js';
import { median } from '../../core/median.js';
import type { Box } from '../../domain/geometry.js';
import type { TrackedObject } from '../../domain/street.js';
import { footOf } from './boxes.js';

/** An object under the key that it keeps although the tracker lost it and found it again under another id. */
export interface Subject {
  readonly key: number;
  readonly object: TrackedObject;
}

/** Knows who comes back: an id that is new, near where another was expected by then and of its size, is that one. */
export interface Subjects {
  /**
   * Confirmed objects of a picture under their keys.
   *
   * @param objects all that count, lost ones too.
   * @param still boxes of what stands still: who was last seen there is there, and told as he was.
   */
  step(objects: readonly TrackedObject[], ptsMs: number, still?: readonly Box[]): readonly Subject[];
}

/** How long somebody may be away and be the same, milliseconds: behind a van, or not seen by a detector. */
const AWAY_MS = 8_000;
/** How far from the expected place, own sizes, and by how much more for each second away: people change their minds. */
const REACH = 0.6;
const REACH_PER_S = 0.4;
const MAX_REACH = 1.5;
/** Own sizes a second from which somebody goes somewhere: he is not lost where he was, and nobody who goes elsewhere is he. */
const GOES = 0.3;
/** Sizes may differ by this factor: somebody half hidden is seen as half. */
const SIZE = 2.5;
/** Expected to go on for so long, milliseconds; then to have stopped. */
const GOES_ON_MS = 2_000;

/** Overlap from which a still thing is somebody who has come to stand. */
const STANDS = 0.4;

interface Known {
  readonly key: number;
  readonly object: TrackedObject;
  readonly seenPtsMs: number;
}

export function createSubjects(): Subjects {
  const known = new Map<number, Known>();
  let count = 0;

  /** Who was lost where a new object has appeared. */
  function lostOne(object: TrackedObject, ptsMs: number, seen: ReadonlySet<number>): number | null {
    let best: { readonly id: number; readonly apart: number } | null = null;
    for (const [id, before] of known) {
      // Two who were seen together are not one.
      if (seen.has(id) || before.object.label !== object.label || object.firstPtsMs < before.seenPtsMs) continue;
      const ratio = areaOf(object.box) / Math.max(1e-9, areaOf(before.object.box));
      if (ratio > SIZE || ratio < 1 / SIZE || goesElsewhere(before.object, object)) continue;
      const seconds = (ptsMs - before.seenPtsMs) / 1000;
      const apart = apartFrom(before, object, Math.min(seconds, GOES_ON_MS / 1000));
      if (apart <= Math.min(MAX_REACH, REACH + REACH_PER_S * seconds) && (best === null || apart < best.apart)) best = { id, apart };
    }
    return best?.id ?? null;
  }

  return {
    step(objects, ptsMs, still = []) {
      for (const [id, { seenPtsMs }] of known) if (ptsMs - seenPtsMs > AWAY_MS) known.delete(id);
      const seen = new Set(objects.filter(({ state }) => state === 'confirmed').map(({ id }) => id));
      const subjects: Subject[] = [];
      for (const object of objects) {
        if (object.state !== 'confirmed') continue;
        const lost = known.has(object.id) ? null : lostOne(object, ptsMs, seen);
        const key = known.get(object.id)?.key ?? (lost === null ? ++count : (known.get(lost) as Known).key);
        if (lost !== null) known.delete(lost);
        known.set(object.id, { key, object, seenPtsMs: ptsMs });
        subjects.push({ key, object });
      }
      for (const [id, one] of known) {
        if (one.seenPtsMs === ptsMs || !still.some((box) => intersectionOverUnion(box, one.object.box) >= STANDS)) continue;
        known.set(id, { ...one, seenPtsMs: ptsMs });
        subjects.push({ key: one.key, object: one.object });
      }
      return subjects;
    },
  };
}

/** Velocity in own sizes a second. */
const paceOf = ({ box, velocity }: TrackedObject): { readonly x: number; readonly y: number } => ({
  x: velocity.x / Math.max(1e-6, box.x2 - box.x1),
  y: velocity.y / Math.max(1e-6, box.y2 - box.y1),
});

/** Whether both go somewhere, and not the same way. */
function goesElsewhere(before: TrackedObject, now: TrackedObject): boolean {
  const [a, b] = [paceOf(before), paceOf(now)];
  if (Math.hypot(a.x, a.y) < GOES || Math.hypot(b.x, b.y) < GOES) return false;
  return a.x * b.x + a.y * b.y < 0;
}

/** From where somebody would have gone by now, or stood, in his own sizes. */
function apartFrom({ object: { box, velocity } }: Known, { box: now }: TrackedObject, seconds: number): number {
  const [from, to] = [footOf(box), footOf(now)];
  const [width, height] = [Math.max(1e-6, box.x2 - box.x1), Math.max(1e-6, box.y2 - box.y1)];
  const apart = (x: number, y: number): number => Math.hypot((to.x - x) / width, (to.y - y) / height);
  const expected = apart(from.x + velocity.x * seconds, from.y + velocity.y * seconds);
  return Math.hypot(velocity.x / width, velocity.y / height) >= GOES ? expected : Math.min(expected, apart(from.x, from.y));
}

/** How far somebody has come on the whole, in his own sizes: shadows flicker where they are. */
export function travelled({ path, box }: Pick<TrackedObject, 'path' | 'box'>): number {
  const { x, y } = footOf(box);
  const [width, height] = [Math.max(1e-6, box.x2 - box.x1), Math.max(1e-6, box.y2 - box.y1)];
  return path.reduce((most, point) => Math.max(most, Math.hypot((point.x - x) / width, (point.y - y) / height)), 0);
}

/** Looks that a shape is told by, at least. */
const LEAST_LOOKS = 5;
/** A body is so high, up to this factor, in the middle three fifths of its looks; stooping and walking change less, what hides a part of it more. */
const SAME_HEIGHT = 1.35;
/** It is missed for longer than so many usual steps, in at most this share of them: behind a lamp post. */
const LONG_STEP = 2.5;
const MOST_MISSED = 0.1;

/** Whether what moves is seen all the time and keeps its height, as bodies do. Edges of shadows come and go, and are as high as what they fall on. */
export function isBodily({ path }: Pick<TrackedObject, 'path'>): boolean {
  const heights = path.flatMap(({ seen }) => (seen === undefined ? [] : [seen.y2 - seen.y1])).sort((a, b) => a - b);
  // Who is known by places alone has no shape to doubt.
  if (heights.length < path.length) return true;
  if (path.length < LEAST_LOOKS) return false;
  const at = (share: number): number => heights[Math.floor(share * (heights.length - 1))] as number;
  const steps = path.slice(1).map(({ ptsMs }, i) => ptsMs - (path[i] as (typeof path)[number]).ptsMs);
  const usual = median(steps);
  const missed = steps.filter((step) => step > LONG_STEP * usual).length;
  return at(0.8) <= SAME_HEIGHT * at(0.2) && missed <= MOST_MISSED * steps.length;
}
