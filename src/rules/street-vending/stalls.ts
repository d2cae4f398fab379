import { areaOf, intersectionOverUnion } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import { type StillThing, type StreetFrame, type TrackedObject, UNKNOWN_OBJECT } from '../../domain/street.js';
import { counting } from '../common/matching.js';
import type { StandingSight } from '../common/standing-watch.js';
import { hasCome } from '../common/vehicle-sights.js';

export interface StallOptions {
  /** Labels of what may be a stall, with a model. */
  readonly labels: readonly string[];
  readonly leastScore: number;
  /** Smallest share of the picture. */
  readonly leastArea: number;
}

/** People who stand together are a still thing, too: it is one of them where they cover so much of it, … */
const BODY_SHARE = 0.5;
/** … and something else once it was seen otherwise for so long, milliseconds. */
const BARE_MS = 2_000;
/** Longer than this between two pictures is no observation, milliseconds. */
const LONGEST_GAP_MS = 1_000;
/** Overlap from which a thing without a name is an object that has one, but none that counts. */
const SAME = 0.3;
/** Without a model: what moves faster than this, own widths a second, and is found to stand there later, came as a whole. A crowd gathers one by one. */
const MOVES_WIDTHS = 0.1;
const CAME_OVERLAP = 0.4;
/** What moved is known for so long, milliseconds: the background is sure of a still thing some seconds after it stopped. */
const MOVED_MS = 60_000;
const MAX_MOVED = 600;
/** Samples along each side of a box, of what people cover of it. */
const SAMPLES = 12;

/** What stands and may be a stall: what has such a label, and whatever large the background did not show, as long as it is not people. */
export function createStallSights({ labels, leastScore, leastArea }: StallOptions): (frame: StreetFrame) => readonly StandingSight[] {
  /** By still thing: for how long it was seen that it is no people. */
  const bare = new Map<number, { ms: number; lastPtsMs: number }>();
  let moved: { readonly box: Box; readonly ptsMs: number }[] = [];
  /** By still thing: where it came to, and when it was last there; it may be lost behind customers, and found as another. */
  const came = new Map<number, { readonly box: Box; readonly ptsMs: number }>();

  /** Notes how much of a thing people cover. Whether it is surely none of them. */
  function isNobody(thing: StillThing, people: readonly Box[], ptsMs: number): boolean {
    const known = bare.get(thing.id) ?? { ms: 0, lastPtsMs: ptsMs };
    const gapMs = ptsMs - known.lastPtsMs;
    if (gapMs <= LONGEST_GAP_MS && coveredArea(thing.box, people) < BODY_SHARE * thing.area) known.ms += gapMs;
    known.lastPtsMs = ptsMs;
    bare.set(thing.id, known);
    return known.ms >= BARE_MS;
  }

  const sightOfThing = ({ id, box, confidence, sincePtsMs, state }: StillThing, arrived: boolean): StandingSight => ({
    ...{ box, sincePtsMs, score: confidence, label: UNKNOWN_OBJECT, trackId: null, thingId: id, arrived },
    visible: state === 'present',
  });

  const sightsOfObject = (object: TrackedObject): readonly StandingSight[] => {
    const { id, label, score, state, box, stillBox, stillSincePtsMs } = object;
    if (stillSincePtsMs === null || areaOf(stillBox ?? box) < leastArea) return [];
    return [
      {
        ...{ box: stillBox ?? box, label, score, trackId: id, thingId: null, sincePtsMs: stillSincePtsMs },
        ...{ visible: state === 'confirmed', arrived: hasCome(object) },
      },
    ];
  };

  function named(frame: StreetFrame, things: readonly StillThing[]): readonly StandingSight[] {
    const known = frame.objects.filter(({ state }) => state !== 'tentative');
    const people = known.filter(({ label }) => label === 'person').map(({ box }) => box);
    const others = known.filter(({ label }) => label !== 'person' && !labels.includes(label)).map(({ box }) => box);
    const still = things
      .filter((thing) => isNobody(thing, people, frame.ptsMs))
      .filter(({ box }) => !others.some((other) => intersectionOverUnion(other, box) >= SAME))
      .map((thing) => sightOfThing(thing, false));
    return [...counting(frame, labels, leastScore).flatMap(sightsOfObject), ...still];
  }

  function unnamed({ objects, ptsMs }: StreetFrame, things: readonly StillThing[]): readonly StandingSight[] {
    moved = moved.filter((one) => ptsMs - one.ptsMs <= MOVED_MS);
    for (const { state, box, velocity } of objects) {
      const moves = Math.hypot(velocity.x, velocity.y) >= MOVES_WIDTHS * (box.x2 - box.x1);
      if (state === 'confirmed' && moves && areaOf(box) >= leastArea) moved.push({ box, ptsMs });
    }
    if (moved.length > MAX_MOVED) moved = moved.slice(-MAX_MOVED);
    for (const [id, one] of came) if (ptsMs - one.ptsMs > MOVED_MS) came.delete(id);
    const arrived = things.filter(({ id, box }) => {
      const fits = (one: { readonly box: Box }): boolean => intersectionOverUnion(one.box, box) >= CAME_OVERLAP;
      return came.has(id) || moved.some(fits) || [...came.values()].some(fits);
    });
    for (const { id, box } of arrived) came.set(id, { box, ptsMs });
    return arrived.map((thing) => sightOfThing(thing, true));
  }

  return (frame) => {
    const things = frame.still.filter(({ kind, state, box }) => kind !== 'removed' && state !== 'gone' && areaOf(box) >= leastArea);
    const shown = new Set(things.map(({ id }) => id));
    for (const id of bare.keys()) if (!shown.has(id)) bare.delete(id);
    return frame.named ? named(frame, things) : unnamed(frame, things);
  };
}

/** How much of a box others cover together, as a share of the picture. */
function coveredArea(box: Box, by: readonly Box[]): number {
  if (by.length === 0) return 0;
  let covered = 0;
  for (let j = 0; j < SAMPLES; j++) {
    const y = box.y1 + ((box.y2 - box.y1) * (j + 0.5)) / SAMPLES;
    for (let i = 0; i < SAMPLES; i++) {
      const x = box.x1 + ((box.x2 - box.x1) * (i + 0.5)) / SAMPLES;
      if (by.some(({ x1, y1, x2, y2 }) => x >= x1 && x < x2 && y >= y1 && y < y2)) covered++;
    }
  }
  return (covered / (SAMPLES * SAMPLES)) * areaOf(box);
}
