import type { Box } from '../../domain/geometry.js';
import type { ScenePicture, StreetFrame, TrackedObject } from '../../domain/street.js';
import { isClear, isTelling, type Look, likenessAt, lookAt, SAME_LOOK } from '../common/appearance.js';
import { shareCovered } from '../common/boxes.js';
import { cellsOf, compareSurroundings, frameAround } from '../common/surroundings.js';

/** One thing that must stay, at its place: what it looks like, and whether it does so now. */
export interface Watched {
  /** What a picture shows at the place. */
  look(frame: StreetFrame): WatchedSight;
}

export interface WatchedSight {
  /** `hidden`: something stands before it, or nobody can tell. */
  readonly state: 'there' | 'missing' | 'hidden';
  /** -1..1 against how it looked; `null` where it cannot be compared. */
  readonly likeness: number | null;
  /** The background says that something was taken from there. */
  readonly taken: boolean;
}

/** Share of the place that something covers before it hides it. */
const HIDING_SHARE = 0.08;
/** A still thing of which so much lies within the place is what came in place of the thing: a hole. Less, and it stands before it. */
const WITHIN_SHARE = 0.6;
/** And it takes so much of the place. */
const FILLS_SHARE = 0.25;
/** A `removed` still thing that takes so much of the place is the place, empty. */
const OPEN_SHARE = 0.5;
/** Who was lost from sight for longer has gone, milliseconds; who stands still is a still thing by then. The tracker expects him for minutes. */
const LOST_MS = 5_000;
/** After something went from before it, nothing is said for so long, milliseconds: its shadow and its blurred edge are still there. */
const CLEAR_MS = 1_000;
/** The look follows the light so often, milliseconds: shadows creep over a small thing within minutes. */
const RENEW_MS = 10_000;
/** Likeness from which it is there, or half of it is: with a leaf on it, or put back a little aside. */
const SIMILAR_LOOK = 0.78;
/** A difference of less than this, in the light of the surroundings, is light and noise, grey levels. */
const CHANGED_GREY = 14;
/** Share of the place that must have changed by as much. */
const CHANGED_SHARE = 0.3;
/** How well its surroundings must agree with what they were, -1..1: a cloud's edge or a camera that was turned changes both. */
const AROUND_AGREES = 0.5;

interface Known {
  look: Look;
  picture: ScenePicture;
  lookedPtsMs: number;
}

/** @param otherLook likeness below which it is another thing. */
export function createWatched(box: Box, otherLook: number): Watched {
  const known: { day: Known | null; night: Known | null } = { day: null, night: null };
  let clearSincePtsMs: number | null = null;
  const hidden: WatchedSight = { state: 'hidden', likeness: null, taken: false };

  function isHidden({ objects, still, ptsMs }: StreetFrame): boolean {
    // Where the background shows what is behind, nothing stands before it: the object is the empty place itself, which differs from what was there.
    const open = still.some(
      ({ kind, state, box: taken }) => kind === 'removed' && state === 'present' && shareCovered(box, taken) >= OPEN_SHARE,
    );
    const hides = ({ state, seenPtsMs }: TrackedObject): boolean => (state === 'lost' ? ptsMs - seenPtsMs < LOST_MS : !open);
    if (objects.some((object) => shareCovered(box, object.box) >= HIDING_SHARE && hides(object))) return true;
    return still.some((thing) => {
      if (thing.kind === 'removed' || thing.state === 'gone') return false;
      return shareCovered(box, thing.box) >= HIDING_SHARE && shareCovered(thing.box, box) < WITHIN_SHARE;
    });
  }

  function learn(frame: StreetFrame, light: 'day' | 'night'): void {
    const { picture, ptsMs } = frame;
    const look = lookAt(picture, box);
    if (isTelling(look)) known[light] = { look, picture: copyOf(picture), lookedPtsMs: ptsMs };
  }

  return {
    look(frame) {
      const { picture, still, scene, ptsMs } = frame;
      if (isHidden(frame)) {
        clearSincePtsMs = null;
        return hidden;
      }
      clearSincePtsMs ??= ptsMs;
      if (ptsMs - clearSincePtsMs < CLEAR_MS) return hidden;
      const light = scene.night ? 'night' : 'day';
      const own = known[light];
      if (own === null) {
        learn(frame, light);
        return hidden;
      }
      const within = still.filter(
        (thing) => thing.state !== 'gone' && shareCovered(thing.box, box) >= WITHIN_SHARE && shareCovered(box, thing.box) >= FILLS_SHARE,
      );
      const taken = within.some(({ kind }) => kind === 'removed');
      const likeness = likenessAt(own.look, picture, box);
      if (likeness === null && !isClear(picture)) return hidden;
      const similar = likeness !== null && likeness >= SIMILAR_LOOK;
      const old = ptsMs - own.lookedPtsMs >= RENEW_MS;
      if (similar && within.length === 0 && !old) return { state: 'there', likeness, taken: false };
      const { agreement, first, second } = compareSurroundings(own.picture, picture, box);
      const changed = changedShare(first, second, cellsOf(box, frameAround(box))) >= CHANGED_SHARE;
      // A hole is round as its cover is, only darker: where the background has found something, brightness decides.
      if (similar && !(changed && within.length > 0)) {
        if (likeness >= SAME_LOOK && !changed) learn(frame, light);
        return { state: 'there', likeness, taken: false };
      }
      if (agreement !== null && agreement < AROUND_AGREES) return { ...hidden, likeness };
      // And a wall goes on behind a bottle, only brighter.
      const sure = likeness === null || likeness < otherLook || within.length > 0;
      if (!sure && !changed) return { ...hidden, likeness };
      return { state: 'missing', likeness, taken };
    },
  };
}

const changedShare = (first: Float32Array, second: Float32Array, cells: readonly number[]): number =>
  cells.filter((i) => Math.abs((first[i] as number) - (second[i] as number)) >= CHANGED_GREY).length / Math.max(1, cells.length);

const copyOf = ({ width, height, luma, cb, cr }: ScenePicture): ScenePicture => ({
  ...{ width, height },
  luma: luma.slice(),
  cb: cb.slice(),
  cr: cr.slice(),
});
