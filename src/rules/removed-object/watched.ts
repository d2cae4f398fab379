import { shareInside } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { type Appearance, appearanceAt, isClear, isTelling, likenessAt, SAME_APPEARANCE } from '../common/appearance.js';
import type { Patch } from '../common/scene-patch.js';
import { cellsOf, compareSurroundings, frameAround, GRID, RIM, surroundingsOf, valuesAt } from '../common/surroundings.js';
import { CHANGED_SHARE, changedShare, showsAside } from './put-back.js';

/** One thing that must stay, at its place: what it looks like, and whether it does so now. */
export interface Watched {
  /** What a picture shows at the place. */
  look(frame: StreetFrame): WatchedSight;
  /** How it looked when it was last there, a few minutes old at most. */
  memory(): LooksKnown;
  /** Takes over how it looked before the stream began. */
  recall(looks: LooksKnown): void;
}

/** How a thing and what is around it look. */
export interface LookKnown {
  readonly look: Appearance;
  readonly around: Patch;
}

/** By day and by infrared light; `null`: never seen. */
export interface LooksKnown {
  readonly day: LookKnown | null;
  readonly night: LookKnown | null;
}

export interface WatchedSight {
  /** `hidden`: something stands before it, or nobody can tell. */
  readonly state: 'there' | 'missing' | 'hidden';
  /** -1..1 against how it looked; `null` where it cannot be compared. */
  readonly likeness: number | null;
  /** The background says that something was taken from there. */
  readonly taken: boolean;
  /** Since when the background knows something else there, milliseconds on the stream's clock; `null`: it does not. */
  readonly otherSincePtsMs: number | null;
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
/** Share of what is around it from which that has changed as well: a cloud's edge lies over both, and a hole has none. */
const LIGHT_SHARE = 0.15;
/** How well its surroundings must agree with what they were, -1..1: a cloud's edge or a camera that was turned changes both. */
const AROUND_AGREES = 0.5;
/** And so well when it is the very light in which it is remembered. */
const SAME_LIGHT = 0.85;
/** What is remembered is renewed so often, milliseconds: each time it is written to a disk. */
const REMEMBER_MS = 300_000;
/**
 * What is remembered of an earlier connection and has surroundings that are nowhere to be seen for so long, milliseconds, is of another view: how it looks is
 * learnt anew. Shorter, and fog at a start would do.
 */
const FORGET_MS = 600_000;

interface Known extends LookKnown {
  readonly lookedPtsMs: number;
  /** It has been seen to be there since the stream began. */
  readonly met: boolean;
  /** Since when there is nothing around it that is known. */
  strangeSincePtsMs: number | null;
  /** What is remembered of it, and since when. */
  readonly kept: LookKnown;
  readonly keptPtsMs: number;
}

/** @param otherLook likeness below which it is another thing. */
export function createWatched(box: Box, otherLook: number): Watched {
  const cells = cellsOf(box, frameAround(box));
  const known: { day: Known | null; night: Known | null } = { day: null, night: null };
  let clearSincePtsMs: number | null = null;
  const around = cellsAround(box);
  /** Its place has been seen empty since it was last there: it was taken away, not only shifted. */
  let wasAway = false;
  const hidden: WatchedSight = { state: 'hidden', likeness: null, taken: false, otherSincePtsMs: null };

  /** Where the background shows what is behind, nothing stands before it: what is followed there is the empty place itself, which differs from what was there. */
  const isOpen = ({ still }: StreetFrame): boolean =>
    still.some(({ kind, state, box: taken }) => kind === 'removed' && state === 'present' && shareInside(box, taken) >= OPEN_SHARE);

  function isHidden(frame: StreetFrame): boolean {
    const hides = ({ state, seenPtsMs }: TrackedObject): boolean => state !== 'lost' || frame.ptsMs - seenPtsMs < LOST_MS;
    if (!isOpen(frame) && frame.objects.some((object) => shareInside(box, object.box) >= HIDING_SHARE && hides(object))) return true;
    return frame.still.some((thing) => {
      if (thing.kind === 'removed' || thing.state === 'gone') return false;
      return shareInside(box, thing.box) >= HIDING_SHARE && shareInside(thing.box, box) < WITHIN_SHARE;
    });
  }

  function learn(frame: StreetFrame, light: 'day' | 'night'): void {
    const { picture, ptsMs } = frame;
    const look = appearanceAt(picture, box);
    if (!isTelling(look)) return;
    const now = { look, around: surroundingsOf(picture, box) };
    const before = known[light];
    const isFresh = before !== null && ptsMs - before.keptPtsMs < REMEMBER_MS;
    known[light] = {
      ...now,
      ...{ lookedPtsMs: ptsMs, met: true, strangeSincePtsMs: null },
      ...{ kept: isFresh ? before.kept : now, keptPtsMs: isFresh ? before.keptPtsMs : ptsMs },
    };
  }

  function thereWith(likeness: number | null): WatchedSight {
    wasAway = false;
    return { state: 'there', likeness, taken: false, otherSincePtsMs: null };
  }

  /** What differs from the empty place is followed as an object: also the thing itself, when it is put back. */
  function putBackBehind(frame: StreetFrame): WatchedSight {
    const own = known[frame.scene.night ? 'night' : 'day'];
    if (own === null) return hidden;
    const { agreement, first, second } = compareSurroundings(own.around, frame.picture, box);
    if (agreement === null || agreement < AROUND_AGREES || !showsAside(first, second, cells)) return hidden;
    // How it looks now is learnt when nothing is followed around it: a hand may be there still.
    return { state: 'there', likeness: likenessAt(own.look, frame.picture, box), taken: false, otherSincePtsMs: null };
  }

  /** Nothing around it is as it was. What was only remembered is forgotten in the end: the camera looks elsewhere. */
  function findStrange(own: Known, light: 'day' | 'night', ptsMs: number): void {
    own.strangeSincePtsMs ??= ptsMs;
    if (!own.met && ptsMs - own.strangeSincePtsMs >= FORGET_MS) known[light] = null;
  }

  return {
    look(frame) {
      const { picture, still, scene, ptsMs } = frame;
      if (isHidden(frame)) {
        clearSincePtsMs = null;
        return wasAway ? putBackBehind(frame) : hidden;
      }
      clearSincePtsMs ??= ptsMs;
      // An empty place that the background is sure of has stood so for seconds.
      if (ptsMs - clearSincePtsMs < CLEAR_MS && !isOpen(frame)) return hidden;
      const light = scene.night ? 'night' : 'day';
      const own = known[light];
      if (own === null) {
        learn(frame, light);
        return hidden;
      }
      const within = still.filter(
        (thing) => thing.state === 'present' && shareInside(thing.box, box) >= WITHIN_SHARE && shareInside(box, thing.box) >= FILLS_SHARE,
      );
      const taken = within.filter(({ kind }) => kind === 'removed').map(({ sincePtsMs }) => sincePtsMs);
      // What was put down where something was taken away may be the thing itself: then only how it looks decides.
      const putBack = within.some(({ kind, sincePtsMs }) => kind === 'added' && taken.some((since) => since < sincePtsMs));
      const likeness = likenessAt(own.look, picture, box);
      if (likeness === null && !isClear(picture)) return hidden;
      const similar = likeness !== null && likeness >= SIMILAR_LOOK;
      const old = ptsMs - own.lookedPtsMs >= RENEW_MS;
      if (similar && within.length === 0 && !old) return thereWith(likeness);
      const { agreement, first, second } = compareSurroundings(own.around, picture, box);
      const changed = changedShare(valuesAt(first, cells), valuesAt(second, cells)) >= CHANGED_SHARE;
      // It looks as ever, only darker: so does what the edge of a shadow has reached, but not alone.
      if (similar && changed && changedShare(valuesAt(first, around), valuesAt(second, around)) >= LIGHT_SHARE)
        return { ...hidden, likeness };
      // A hole is round as its cover is, only darker. Brightness decides where the background has found something, which it cannot of what was taken before
      // the stream began.
      const before = !own.met && agreement !== null && agreement >= SAME_LIGHT;
      if (similar && !(changed && (before || (within.length > 0 && !putBack)))) {
        if (likeness >= SAME_APPEARANCE && !changed) learn(frame, light);
        return thereWith(likeness);
      }
      if (agreement !== null && agreement < AROUND_AGREES) {
        findStrange(own, light, ptsMs);
        return { ...hidden, likeness };
      }
      own.strangeSincePtsMs = null;
      // And a wall goes on behind a bottle, only brighter.
      const sure = likeness === null || likeness < otherLook || within.length > 0;
      if (!sure && !changed) return { ...hidden, likeness };
      const aside = showsAside(first, second, cells);
      if (aside && wasAway) {
        learn(frame, light);
        return thereWith(likeness);
      }
      wasAway ||= !aside;
      const otherSincePtsMs = within.length === 0 ? null : Math.min(...within.map(({ sincePtsMs }) => sincePtsMs));
      // What looks as ever is told by its brightness alone, and not at once: light comes and goes.
      return { state: 'missing', likeness, taken: taken.length > 0 && !similar, otherSincePtsMs };
    },
    memory: () => ({ day: known.day?.kept ?? null, night: known.night?.kept ?? null }),
    recall(looks) {
      for (const light of ['day', 'night'] as const) {
        const kept = looks[light];
        const begun = { lookedPtsMs: Number.NEGATIVE_INFINITY, keptPtsMs: Number.NEGATIVE_INFINITY, met: false, strangeSincePtsMs: null };
        known[light] = kept === null ? null : { ...kept, ...begun, kept };
      }
    },
  };
}

/** Cells of what is compared that are neither the thing's nor its rim's. */
function cellsAround(box: Box): readonly number[] {
  const own = new Set(cellsOf(box, frameAround(box), RIM));
  return Array.from({ length: GRID * GRID }, (_, cell) => cell).filter((cell) => !own.has(cell));
}
