import { intersectionOverUnion, shareInside } from '../../core/geometry/box.js';
import type { StreetFrame } from '../../domain/street.js';
import { counting } from '../common/matching.js';
import { sightOfObject, sightOfThing } from '../common/standing-sights.js';
import type { StandingSight } from '../common/standing-watch.js';

/** Overlap from which a thing without a name is an object that has one. */
const SAME = 0.3;
const INSIDE = 0.6;
/** How sure it must be that a still thing was put there, 0..1; less, and wet patches and shadows block roads. */
const LEAST_ADDED = { low: 0.7, normal: 0.5, high: 0.3 } as const;

export interface ObstacleOptions {
  readonly labels: readonly string[];
  readonly leastScore: number;
  readonly things: boolean;
  readonly sensitivity: keyof typeof LEAST_ADDED;
}

/** What stays in a picture and could block the way: objects that count by their label, and things that the background did not show. */
export function obstaclesIn(frame: StreetFrame, { labels, leastScore, things, sensitivity }: ObstacleOptions): readonly StandingSight[] {
  // Without a model boxes of motion merge and fall apart around what has stopped: the background knows better where that stands.
  const named = frame.named ? counting(frame, labels, leastScore) : [];
  const objects = named.flatMap((object) => sightOfObject(object, false) ?? []);
  if (!things) return objects;
  // Whatever has a name is known by it: a person who stands about is no obstacle.
  const known = frame.named ? frame.objects.filter(({ state }) => state !== 'tentative') : [];
  const still = frame.still
    .filter(({ kind, state, confidence }) => kind === 'added' && state !== 'gone' && confidence >= LEAST_ADDED[sensitivity])
    .filter(({ box }) => !known.some((one) => intersectionOverUnion(one.box, box) >= SAME || shareInside(box, one.box) >= INSIDE))
    .map((thing) => sightOfThing(thing, false));
  return [...objects, ...still];
}
