import { areaOf, shareInside } from '../../core/geometry/box.js';
import type { Box, Point } from '../../domain/geometry.js';
import type { StillThing, StreetFrame, TrackedObject } from '../../domain/street.js';
import { feetApart, footOf } from './boxes.js';

/**
 * Things that somebody put down: what stands still where nothing stood, who was there when it came, and whether anybody is with it now.
 * Known from the background alone, and from labels where a model has them.
 */

/** A thing that was put down, as it stands at one moment. */
export interface LeftThing {
  /** Counts the things of a watch from 1; the same thing keeps it although its still thing or its track is another. */
  readonly key: number;
  readonly box: Box;
  /** Share of the picture that it takes, as whoever brought it is measured: a model's boxes leave shadows out. */
  readonly area: number;
  readonly label: string;
  readonly score: number;
  /** Since when it has been there, milliseconds on the stream's clock. */
  readonly sincePtsMs: number;
  readonly seenPtsMs: number;
  /** Who was with it when it came. */
  readonly owner: { readonly id: number; readonly label: string; readonly area: number } | null;
  /** Since when nobody has been with it; `null`: somebody is. */
  readonly alonePtsMs: number | null;
  /**
   * Somebody was seen to bring it and to go, and is not what stands there himself. Not so what came into an empty picture, what was there at the start,
   * and without names what is as large as whoever came, or whoever came and was not seen to go: one who stands still is a still thing, too.
   * Nor what came under infrared and no model has a name for: a lamp in a floor that was wiped shines as white as a bag, and no colour tells them apart.
   */
  readonly sure: boolean;
  /** Somebody who was with it was seen to go, and what is left is much lower than he: not somebody else who stands there. */
  readonly outlasts: boolean;
}

export interface LeftThingsOptions {
  /** Labels of things that a model may name; it need not. */
  readonly labels: readonly string[];
  /** Labels of who may bring and leave things. */
  readonly owners: readonly string[];
  readonly leastScore: number;
  /** Share of the picture's area that a thing takes at most; a car at 20 m takes 0.05. */
  readonly mostArea: number;
  readonly leastArea: number;
  /** The picture's width ÷ height. */
  readonly aspect: number;
}

export interface LeftThings {
  /** All things that are there, or are hidden for a while. */
  step(frame: StreetFrame): readonly LeftThing[];
}

/** How far an owner may be from his thing and be with it, in his own heights: a step aside while he waits is two. */
const WITH_HEIGHTS = 1.5;
/** Without names, share of the area of whoever came that a thing takes at most: a suitcase beside its owner takes a third. */
const LITTLE_SHARE = 0.4;
/** Share of the height of what stood there that a thing has at most to be no person: a suitcase reaches to the hip, and its shadow behind it. */
const LOW_SHARE = 0.75;
/** Who puts something down stops for a moment, in his own heights a second; a walker makes 0.8. */
const STOPS_HEIGHTS = 0.5;
/** Who is with a thing sways and turns round; who goes faster, in his own heights a second, passes it. */
const PASSES_HEIGHTS = 0.2;
/** Who is lower, as a share of the picture, is a box at its edge: distances in his heights would be endless. */
const LEAST_HEIGHT = 0.02;
/** Who began so near to a thing, in his own heights, had stood there. */
const BEGAN_HEIGHTS = 0.6;
/** Somebody is with it again, or gone from it, only after so long, milliseconds: who passes by is not with it. */
const COMES_MS = 3_000;
/** Around the time that it came, in which who was near counts, milliseconds. A thing is told after its owner has stepped off it. */
const BEFORE_MS = 4_000;
const AFTER_MS = 2_000;
/** Who was where is known for so long, milliseconds: the background takes some 15 s to be sure of a still thing, and minutes in a crowd. */
const HISTORY_MS = 180_000;
const HISTORY_EVERY_MS = 400;
/** A thing that nothing shows any more is gone, milliseconds; the background says so at once, a track that was lost says nothing. */
const GONE_MS = 5_000;
/** Share of the smaller of two boxes that the other covers, from which both are one. */
const SAME_SHARE = 0.6;
/** Share of a thing that a person or vehicle covers, from which the "thing" is that person. */
const BODY_SHARE = 0.6;
/** What came into view as something was taken away, or drove off, did so at the same time, milliseconds. */
const REVEALED_MS = 1_500;
/** How long a model must have called something a thing that stands before it counts, milliseconds. */
const NAMED_MS = 3_000;

interface Kept {
  readonly key: number;
  box: Box;
  area: number;
  label: string;
  score: number;
  sincePtsMs: number;
  seenPtsMs: number;
  owner: { readonly id: number; readonly label: string; readonly area: number } | null;
  /** The most that it was high, with whoever stood by it and was one with it. */
  tallest: number;
  unbrought: boolean;
  /** It came under infrared light. */
  readonly byInfrared: boolean;
  alonePtsMs: number | null;
  /** Since when somebody has been near although it was alone. */
  nearSincePtsMs: number | null;
  thingId: number | null;
  /** Who has been with it. */
  readonly withIt: Set<number>;
  /** Somebody who had been with it was seen elsewhere since: what stands there is not himself. */
  left: boolean;
}

interface Owner {
  readonly id: number;
  readonly label: string;
  readonly box: Box;
  readonly foot: Point;
  /** In its own heights a second. */
  readonly speed: number;
  /** Where it was first seen. */
  readonly from: Point;
}

interface Moment {
  readonly ptsMs: number;
  readonly owners: readonly Owner[];
}

export function createLeftThings(options: LeftThingsOptions): LeftThings {
  const kept: Kept[] = [];
  let history: Moment[] = [];
  let count = 0;
  let firstPtsMs: number | null = null;

  /** Who can put things down and watch them: people and vehicles, by what the model says; without one whatever moves. */
  const isOwner = (object: TrackedObject, named: boolean): boolean =>
    object.state === 'confirmed' && (named ? options.owners.includes(object.label) : object.stillSincePtsMs === null);

  /** How fast somebody goes, in his own heights a second. */
  const paceOf = ({ velocity, box }: Pick<TrackedObject, 'velocity' | 'box'>): number =>
    Math.hypot(velocity.x * options.aspect, velocity.y) / Math.max(LEAST_HEIGHT, heightOf(box));

  /** In heights of who stands there: 0 at the same place, or where one covers the other. */
  function heightsApart({ box, foot }: Pick<TrackedObject, 'box' | 'foot'>, thing: Box): number {
    if (shareInside(thing, box) > 0) return 0;
    return feetApart(foot, footOf(thing), Math.max(LEAST_HEIGHT, heightOf(box)), options.aspect);
  }

  const ownersIn = ({ objects, named }: StreetFrame): readonly Owner[] =>
    objects
      .filter((object) => isOwner(object, named))
      .map((object) => {
        const { id, label, box, foot, path } = object;
        return { id, label, box, foot, from: path[0] ?? foot, speed: paceOf(object) };
      });

  function remember(frame: StreetFrame): void {
    const last = history.at(-1)?.ptsMs ?? Number.NEGATIVE_INFINITY;
    if (frame.ptsMs < last) history = [];
    if (frame.ptsMs - last < HISTORY_EVERY_MS) return;
    history.push({ ptsMs: frame.ptsMs, owners: ownersIn(frame) });
    while ((history[0]?.ptsMs ?? frame.ptsMs) < frame.ptsMs - HISTORY_MS) history.shift();
  }

  /** Who was nearest to a place around a moment. */
  function bringer(box: Box, ptsMs: number): Kept['owner'] {
    let best: { readonly id: number; readonly label: string; readonly area: number; readonly apart: number } | null = null;
    for (const moment of history) {
      if (moment.ptsMs < ptsMs - BEFORE_MS || moment.ptsMs > ptsMs + AFTER_MS) continue;
      for (const one of moment.owners) {
        const apart = heightsApart(one, box);
        if (one.speed <= STOPS_HEIGHTS && apart <= WITH_HEIGHTS && (best === null || apart < best.apart))
          best = { id: one.id, label: one.label, area: areaOf(one.box), apart };
      }
    }
    return best === null ? null : { id: best.id, label: best.label, area: best.area };
  }

  /** Somebody who was with it has gone. */
  function leave(one: Kept, ptsMs: number): void {
    if (one.left) return;
    one.left = true;
    // Until then he stood by it, unseen.
    if (one.alonePtsMs !== null) one.alonePtsMs = Math.max(one.alonePtsMs, ptsMs);
  }

  /** What stood beside things is gone: it was whoever had brought them, and stood still. */
  function partFrom({ id, box }: StillThing, ptsMs: number): void {
    for (const one of kept) {
      if (one.thingId === id || heightsApart({ box, foot: footOf(box) }, one.box) > WITH_HEIGHTS) continue;
      one.tallest = Math.max(one.tallest, heightOf(box));
      leave(one, ptsMs);
    }
  }

  /** Notes who is with it, and who of them goes. */
  function follow(one: Kept, { owners, ptsMs }: Moment): void {
    for (const { id, box, foot, from } of owners) {
      // Who stood still was lost from sight, and begins there as somebody new when he goes. Who passes came from elsewhere.
      const beganThere = id !== one.owner?.id && heightsApart({ box, foot: from }, one.box) <= BEGAN_HEIGHTS;
      if (heightsApart({ box, foot }, one.box) > WITH_HEIGHTS) {
        if (one.withIt.has(id)) leave(one, ptsMs);
      } else if (id === one.owner?.id || beganThere) one.withIt.add(id);
    }
  }

  /** What has been since it came, as far as is remembered. */
  function catchUp(one: Kept): void {
    for (const moment of history) {
      if (moment.ptsMs < one.sincePtsMs - BEFORE_MS) continue;
      follow(one, moment);
      if (moment.ptsMs < one.sincePtsMs) continue;
      const { owner } = one;
      const near = moment.owners.some(
        ({ id, box, foot }) => (owner === null || id === owner.id) && heightsApart({ box, foot }, one.box) <= WITH_HEIGHTS,
      );
      one.alonePtsMs = near ? null : (one.alonePtsMs ?? moment.ptsMs);
    }
  }

  function take(box: Box, frame: StreetFrame, found: Pick<Kept, 'area' | 'label' | 'score' | 'sincePtsMs' | 'thingId'>): void {
    const known = kept.find((one) => (found.thingId !== null && one.thingId === found.thingId) || isSameThing(one.box, box));
    if (known !== undefined) {
      known.seenPtsMs = frame.ptsMs;
      known.thingId = found.thingId ?? known.thingId;
      // A part of it has gone: whoever stood by it.
      if (heightOf(box) <= LOW_SHARE * known.tallest && heightOf(known.box) > LOW_SHARE * known.tallest && known.alonePtsMs !== null)
        known.alonePtsMs = frame.ptsMs;
      known.tallest = Math.max(known.tallest, heightOf(box));
      // The smaller is the thing's own: a model's box trembles, and the background's may take in a shadow, or whoever stood beside it.
      if (areaOf(box) < areaOf(known.box) || (found.thingId !== null && known.label === ''))
        Object.assign(known, { box, area: found.area });
      if (found.score > known.score || known.label === '') Object.assign(known, { label: found.label, score: found.score });
      return;
    }
    const owner = bringer(box, found.sincePtsMs);
    const one: Kept = {
      ...found,
      ...{ key: ++count, box, owner, tallest: heightOf(box), seenPtsMs: frame.ptsMs, nearSincePtsMs: null, alonePtsMs: null },
      ...{ withIt: new Set(), left: false },
      byInfrared: frame.scene.night,
      unbrought: owner === null || found.sincePtsMs <= (firstPtsMs ?? 0) + BEFORE_MS,
    };
    catchUp(one);
    kept.push(one);
  }

  const fits = (box: Box): boolean => areaOf(box) >= options.leastArea && areaOf(box) <= options.mostArea;

  /** A person who stands still, or a vehicle that waits, is no thing; without names a box that still moves a little is a body too. */
  const isBody = (box: Box, frame: StreetFrame): boolean =>
    frame.objects.some(
      (object) => isOwner(object, frame.named) && shareInside(box, object.box) >= BODY_SHARE && areaOf(object.box) < 4 * areaOf(box),
    );

  /** Whether it is what a vehicle had stood on, or a thing that is gone: part of a place that looks otherwise since. */
  const isRevealed = ({ box, sincePtsMs }: StillThing, { still }: StreetFrame): boolean =>
    still.some(
      (other) =>
        other.kind === 'removed' &&
        other.state !== 'gone' &&
        Math.abs(other.sincePtsMs - sincePtsMs) <= REVEALED_MS &&
        shareInside(box, other.box) >= BODY_SHARE,
    );

  function findThings(frame: StreetFrame): void {
    for (const thing of frame.still) {
      if (thing.kind === 'removed' || !fits(thing.box)) continue;
      if (thing.state === 'gone') {
        drop(({ thingId }) => thingId === thing.id);
        if (!frame.named) partFrom(thing, frame.ptsMs);
        continue;
      }
      if (kept.every(({ thingId }) => thingId !== thing.id) && isBody(thing.box, frame)) continue;
      if (isRevealed(thing, frame)) {
        drop(({ thingId }) => thingId === thing.id);
        continue;
      }
      const area = areaOf(frame.named ? thing.core : thing.box);
      take(thing.box, frame, { area, label: '', score: thingScore(thing), sincePtsMs: thing.sincePtsMs, thingId: thing.id });
    }
    for (const { label, score, state, stillSincePtsMs, stillBox } of frame.objects) {
      if (!frame.named || state !== 'confirmed' || stillSincePtsMs === null || stillBox === null) continue;
      if (!options.labels.includes(label) || score < options.leastScore || !fits(stillBox)) continue;
      if (frame.ptsMs - stillSincePtsMs < NAMED_MS) continue;
      take(stillBox, frame, { area: areaOf(stillBox), label, score, sincePtsMs: stillSincePtsMs, thingId: null });
    }
  }

  function drop(which: (one: Kept) => boolean): void {
    for (let i = kept.length - 1; i >= 0; i--) if (which(kept[i] as Kept)) kept.splice(i, 1);
  }

  function attend(one: Kept, frame: StreetFrame): void {
    follow(one, { owners: ownersIn(frame), ptsMs: frame.ptsMs });
    const near = frame.objects.some(
      (object) =>
        isOwner(object, frame.named) &&
        heightsApart(object, one.box) <= WITH_HEIGHTS &&
        // Whoever comes back is with it; whoever else passes must stay to be.
        !(object.state === 'confirmed' && one.owner !== null && object.id !== one.owner.id && paceOf(object) > PASSES_HEIGHTS),
    );
    if (one.alonePtsMs === null) {
      if (!near) one.alonePtsMs = frame.ptsMs;
      one.nearSincePtsMs = null;
      return;
    }
    one.nearSincePtsMs = near ? (one.nearSincePtsMs ?? frame.ptsMs) : null;
    if (one.nearSincePtsMs !== null && frame.ptsMs - one.nearSincePtsMs >= COMES_MS) {
      one.alonePtsMs = null;
      one.nearSincePtsMs = null;
    }
  }

  return {
    step(frame) {
      firstPtsMs ??= frame.ptsMs;
      remember(frame);
      if (!frame.scene.unsettled) {
        findThings(frame);
        for (const one of kept) attend(one, frame);
      }
      const present = new Set(frame.still.filter(({ state }) => state !== 'gone').map(({ id }) => id));
      for (const one of kept) if (one.thingId !== null && present.has(one.thingId)) one.seenPtsMs = frame.ptsMs;
      if (!frame.scene.unsettled) drop(({ seenPtsMs }) => frame.ptsMs - seenPtsMs > GONE_MS);
      return kept.map(
        ({ key, box, area, label, score, sincePtsMs, seenPtsMs, owner, tallest, unbrought, byInfrared, alonePtsMs, left }) => ({
          ...{ key, box, area, score, sincePtsMs, seenPtsMs, owner, alonePtsMs },
          label: label === '' ? 'object' : label,
          outlasts: left && heightOf(box) <= LOW_SHARE * tallest,
          sure: !unbrought && !(byInfrared && label === '') && (frame.named || (left && areaOf(box) <= LITTLE_SHARE * (owner?.area ?? 0))),
        }),
      );
    },
  };
}

const heightOf = ({ y1, y2 }: Box): number => y2 - y1;

/** Whether two boxes are of one thing: either may take in a shadow, or whoever stands by it. */
export const isSameThing = (a: Box, b: Box): boolean => Math.max(shareInside(a, b), shareInside(b, a)) >= SAME_SHARE;

/** Edges that say nothing are no reason to doubt the thing: it is there in any case. */
const thingScore = ({ kind, confidence }: StillThing): number => (kind === 'added' ? 0.6 + 0.4 * confidence : 0.6);
