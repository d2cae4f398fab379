import { areaOf } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import type { StreetFrame, TrackedObject } from '../../domain/street.js';
import { footOf } from '../common/boxes.js';
import { counting } from '../common/matching.js';
import type { Place } from '../common/place.js';
import { createSubjects } from '../common/subjects.js';

/** Somebody who stopped at a stall. */
export interface Stop {
  /** The same for one person, although the tracker lost him and found him again. */
  readonly key: number;
  /** When he stopped there first, and when he was last seen standing there, milliseconds on the stream's clock. */
  readonly sincePtsMs: number;
  lastPtsMs: number;
}

export interface CustomersOptions {
  /** How long somebody must have stood there, milliseconds. */
  readonly stayMs: number;
  /** How long a stop is remembered, milliseconds. */
  readonly rememberMs: number;
  readonly leastScore: number;
  /** The picture's width ÷ height. */
  readonly aspect: number;
}

/** Knows who stopped at what stands. */
export interface Customers {
  step(frame: StreetFrame, places: readonly Place[]): void;
  /** Who stopped at a place of late, by when he came; whoever came with it left out. */
  at(place: Pick<Place, 'key'>): readonly Stop[];
}

/** Who moves by less than this stands, own heights: he looks at what is sold, and a box trembles. A walker goes as far in half a second. */
const STANDS_HEIGHTS = 0.5;
/** How far beside a stall, and how far before or behind its foot, somebody stands at it, own heights: an arm's length across a table. */
const BESIDE_HEIGHTS = 0.9;
const BEFORE_HEIGHTS = 0.6;
/** Who was never farther from where he stands than this, own heights, was not seen to come: the vendor, under another name. */
const CAME_HEIGHTS = 1.2;
/** Who stops there within so long of its coming brought it, milliseconds. */
const BROUGHT_MS = 10_000;
/** Without a model, what takes more than this share of the stall is no person; and what is no larger against people than that is no stall. */
const MOST_SHARE = 0.4;
/** Stops that are kept of one place: a rush hour's. */
const MAX_STOPS = 500;

export function createCustomers({ stayMs, rememberMs, leastScore, aspect }: CustomersOptions): Customers {
  const subjects = createSubjects();
  const stops = new Map<number, Map<number, Stop>>();

  /** From one point of the picture to another, in somebody's heights. */
  const heights = (dx: number, dy: number, { y1, y2 }: Box): number => Math.hypot(dx * aspect, dy) / Math.max(0.02, y2 - y1);

  /** Since when somebody stands where he is; `null`: he moves, or was not seen to come from elsewhere. */
  function stoppedPtsMs({ path, box, foot }: TrackedObject): number | null {
    const last = path.at(-1);
    if (last === undefined || !path.some(({ x, y }) => heights(x - foot.x, y - foot.y, box) >= CAME_HEIGHTS)) return null;
    let since = last.ptsMs;
    for (let i = path.length - 1; i >= 0; i--) {
      const point = path[i] as (typeof path)[number];
      if (heights(point.x - last.x, point.y - last.y, box) > STANDS_HEIGHTS) break;
      since = point.ptsMs;
    }
    return since;
  }

  function isAt({ box, foot }: TrackedObject, { box: stall }: Place, named: boolean): boolean {
    if (!named && areaOf(box) > MOST_SHARE * areaOf(stall)) return false;
    const beside = Math.max(0, stall.x1 - foot.x, foot.x - stall.x2);
    return heights(beside, 0, box) <= BESIDE_HEIGHTS && heights(0, foot.y - footOf(stall).y, box) <= BEFORE_HEIGHTS;
  }

  function note(place: Place, key: number, sincePtsMs: number, ptsMs: number): void {
    if (sincePtsMs <= place.sincePtsMs + BROUGHT_MS) return;
    const known = stops.get(place.key) ?? new Map<number, Stop>();
    stops.set(place.key, known);
    const stop = known.get(key);
    if (stop !== undefined) stop.lastPtsMs = ptsMs;
    else if (known.size < MAX_STOPS) known.set(key, { key, sincePtsMs, lastPtsMs: ptsMs });
  }

  return {
    step(frame, places) {
      const { ptsMs, named } = frame;
      const present = new Set(places.map(({ key }) => key));
      for (const [key, known] of stops) {
        for (const [subject, { lastPtsMs }] of known) if (ptsMs - lastPtsMs > rememberMs) known.delete(subject);
        if (!present.has(key)) stops.delete(key);
      }
      // Who stands still is part of the background without a model: he is where he was for as long as a thing stands there.
      const still = named
        ? []
        : frame.still.filter(({ kind, state }) => kind === 'added' && state !== 'gone' && state !== 'absorbed').map(({ box }) => box);
      for (const { key, object } of subjects.step(counting(frame, ['person'], leastScore), ptsMs, still)) {
        const since = stoppedPtsMs(object);
        if (since === null || ptsMs - since < stayMs) continue;
        for (const place of places) if (isAt(object, place, named)) note(place, key, since, ptsMs);
      }
    },
    at: ({ key }) => [...(stops.get(key)?.values() ?? [])].sort((a, b) => a.sincePtsMs - b.sincePtsMs),
  };
}
