import { intersectionOverUnion } from '../../core/geometry/box.js';
import type { Polygon } from '../../domain/geometry.js';
import { type StillThing, type StreetFrame, type TrackedObject, UNKNOWN_OBJECT } from '../../domain/street.js';
import { footOf } from './boxes.js';
import { counting, inZone } from './matching.js';
import { createSubjects, travelled } from './subjects.js';

/** Somebody's stay in a zone. */
export interface Stay {
  readonly key: number;
  /** As it was last seen inside. */
  readonly object: TrackedObject;
  /** When it was first and last seen inside, milliseconds on the stream's clock. */
  readonly sincePtsMs: number;
  readonly lastPtsMs: number;
  /** It has been seen often enough to be somebody. */
  readonly settled: boolean;
}

/** Who is in a zone at one moment. */
export interface Attendance {
  /** Whoever counts as inside, those who are hidden for a moment too. */
  readonly present: readonly Stay[];
  /** Stays that have become certain with this picture: each stay once. */
  readonly came: readonly Stay[];
  /** Stays that were certain and are over. */
  readonly left: readonly Stay[];
  /** Stays that were found to be one: the first key is gone, and what was known of it holds of the second. */
  readonly joined: readonly { readonly key: number; readonly into: number }[];
}

export interface AttendanceOptions {
  readonly zone: Polygon | null;
  readonly labels: readonly string[];
  readonly leastScore: number;
  /** Who is not seen inside for so long has left, milliseconds; until then he may be hidden, or stand on the border. */
  readonly unseenMs: number;
}

/** Follows who comes into a zone, stays and leaves. What the light hides for a moment stays as it was. */
export interface AttendanceWatch {
  step(frame: StreetFrame): Attendance;
  /** The stream ends: everybody's stay is over as far as it was seen. */
  finish(): readonly Stay[];
}

/** Who is not seen for so long, and does not stand hidden, is not counted, milliseconds: detectors miss somebody for a second now and then. */
const COUNTED_MS = 1_500;
/** Seen inside for so long it is somebody, milliseconds; detectors see people where nobody is for a picture or two. */
const SETTLED_MS = 700;
/** Who is not seen, but where another has appeared since, is that other: boxes that overlap by so much. */
const REPLACED = 0.3;
/** Without a model, what has come less far, in its own sizes, may be a shadow or a light. */
const LEAST_TRAVELLED = 1;
/** Still things that overlap an object by so much are that object. */
const SAME_THING = 0.2;

type Known = { -readonly [K in keyof Stay]: Stay[K] };

export function createAttendanceWatch({ zone, labels, leastScore, unseenMs }: AttendanceOptions): AttendanceWatch {
  const subjects = createSubjects();
  const stays = new Map<number, Known>();
  /** By still thing: the stay of who stopped there. */
  const stopped = new Map<number, number>();
  /** Whose stay is not over yet, but who is seen outside. */
  const outside = new Set<number>();
  let beforePtsMs: number | null = null;

  function see(key: number, object: TrackedObject, ptsMs: number): Known {
    const stay = stays.get(key);
    if (stay === undefined) {
      const begun = { key, object, sincePtsMs: ptsMs, lastPtsMs: ptsMs, settled: false };
      stays.set(key, begun);
      return begun;
    }
    stay.object = object;
    stay.lastPtsMs = ptsMs;
    return stay;
  }

  /** Without a model, who stands still is soon no motion any more: the background knows that somebody is there. */
  function seeWhoStopped({ still, ptsMs }: StreetFrame): void {
    const shown = new Set(still.filter(({ state }) => state !== 'gone').map(({ id }) => id));
    for (const id of stopped.keys()) if (!shown.has(id)) stopped.delete(id);
    for (const thing of still) {
      if (thing.state === 'gone' || thing.state === 'absorbed' || thing.kind === 'removed') continue;
      const key = stopped.get(thing.id) ?? whoStopped(thing);
      const stay = key === null ? undefined : stays.get(key);
      if (key === null || stay === undefined) continue;
      stopped.set(thing.id, key);
      stay.lastPtsMs = Math.max(stay.lastPtsMs, Math.min(ptsMs, thing.seenPtsMs));
    }
  }

  function whoStopped({ box }: StillThing): number | null {
    let best: { readonly key: number; readonly overlap: number } | null = null;
    for (const { key, object } of stays.values()) {
      const overlap = intersectionOverUnion(object.box, box);
      if (overlap >= SAME_THING && (best === null || overlap > best.overlap)) best = { key, overlap };
    }
    return best?.key ?? null;
  }

  /** Of two stays at one place the one that is not seen any more has got another name: they are one. */
  function join(ptsMs: number): Attendance['joined'] {
    const joined: { readonly key: number; readonly into: number }[] = [];
    for (const [key, before] of stays) {
      if (before.lastPtsMs === ptsMs || outside.has(key)) continue;
      for (const stay of stays.values()) {
        const isHe = stay.lastPtsMs === ptsMs && stay.sincePtsMs >= before.lastPtsMs;
        if (!isHe || intersectionOverUnion(stay.object.box, before.object.box) < REPLACED) continue;
        stay.sincePtsMs = before.sincePtsMs;
        stay.settled ||= before.settled;
        stays.delete(key);
        joined.push({ key, into: stay.key });
        break;
      }
    }
    return joined;
  }

  const presentOnes = (ptsMs: number): readonly Stay[] =>
    [...stays.values()].filter(({ key, settled, lastPtsMs }) => settled && !outside.has(key) && ptsMs - lastPtsMs <= COUNTED_MS);

  return {
    step(frame) {
      const { ptsMs, named } = frame;
      const gapMs = beforePtsMs === null ? 0 : ptsMs - beforePtsMs;
      beforePtsMs = ptsMs;
      if (frame.scene.unsettled) {
        for (const stay of stays.values()) stay.lastPtsMs += gapMs;
        return { present: presentOnes(ptsMs), came: [], left: [], joined: [] };
      }
      for (const { key, object } of subjects.step(counting(frame, labels, leastScore), ptsMs)) {
        const known = stays.has(key);
        if (!inZone(zone, object.foot)) {
          if (known) outside.add(key);
          continue;
        }
        outside.delete(key);
        if (!named && !known && travelled(object) < LEAST_TRAVELLED) continue;
        const stay = see(key, object, ptsMs);
        // A tracker confirms late: who was inside before that has come then.
        if (!known) stay.sincePtsMs = enteredPtsMs(object, zone, ptsMs);
      }
      // Who stands hidden is there.
      for (const object of frame.objects) {
        if (object.state !== 'lost' || object.stillSincePtsMs === null || !named) continue;
        const stay = [...stays.values()].find((one) => one.object.id === object.id);
        if (stay !== undefined && inZone(zone, footOf(stay.object.box))) stay.lastPtsMs = ptsMs;
      }
      if (!named) seeWhoStopped(frame);
      const joined = join(ptsMs);
      const came: Stay[] = [];
      const left: Stay[] = [];
      for (const [key, stay] of stays) {
        if (!stay.settled && stay.lastPtsMs - stay.sincePtsMs >= SETTLED_MS) {
          stay.settled = true;
          came.push({ ...stay });
        }
        if (ptsMs - stay.lastPtsMs <= unseenMs) continue;
        stays.delete(key);
        if (stay.settled) left.push(stay);
      }
      for (const key of outside) if (!stays.has(key)) outside.delete(key);
      return { present: presentOnes(ptsMs), came, left, joined };
    },
    finish() {
      const left = [...stays.values()].filter(({ settled }) => settled);
      stays.clear();
      return left;
    },
  };
}

/** Since when somebody who is inside has been, by the way that he came. */
function enteredPtsMs({ path }: TrackedObject, zone: Polygon | null, ptsMs: number): number {
  let since = ptsMs;
  for (let i = path.length - 1; i >= 0; i--) {
    const point = path[i] as (typeof path)[number];
    if (!inZone(zone, point)) break;
    since = Math.min(since, point.ptsMs);
  }
  return since;
}

export const stayMs = ({ sincePtsMs, lastPtsMs }: Stay): number => Math.max(0, lastPtsMs - sincePtsMs);

/** What is counted, for people: by the labels of who is there. */
export const labelsOf = (stays: readonly Stay[]): readonly string[] =>
  stays.length === 0 ? [UNKNOWN_OBJECT] : [...new Set(stays.map(({ object }) => object.label))];

/** How sure a detector is of them on the whole, 0..1. */
export const scoreOf = (stays: readonly Stay[]): number =>
  stays.length === 0 ? 0 : Math.min(1, stays.reduce((sum, { object }) => sum + object.score, 0) / stays.length);
