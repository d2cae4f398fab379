import { z } from 'zod';
import { intersectionOverUnion, shareInside } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import type { StreetFrame } from '../../domain/street.js';
import { type Appearance, appearanceSchema, writeAppearance } from './appearance.js';
import { compare, type Place } from './place.js';

/** What is known of something that stood somewhere, by the wall clock. */
export interface RememberedPlace {
  readonly box: Box;
  readonly label: string;
  /** UTC milliseconds. */
  readonly sinceMs: number;
  readonly seenMs: number;
  readonly toldMs: number | null;
  readonly atStart: boolean;
  readonly looks: { readonly day: Appearance | null; readonly night: Appearance | null };
  /** Whether it stood there when the stream ended, so that it may be there still. */
  readonly stood: boolean;
}

/** Places at most: two looks each are 6 kB of text. */
const MAX_PLACES = 40;
/** What stands for less is not worth remembering, milliseconds. */
const LEAST_STAND_MS = 10_000;
/** Moments are kept in steps of so much, milliseconds: a memory that changes with every picture would be written with every picture. */
const STEP_MS = 300_000;
/** Overlap from which a place is the same; looks decide the rest. */
const SAME_PLACE = 0.5;
/** Share of a place that lies in the box around all that one incident tells of. */
const INSIDE = 0.9;
/** And where looks cannot tell. */
const VERY_PLACE = 0.7;

const moment = z.int().min(0).max(1e14);
const unit = z.number().min(-1).max(2);
const memorySchema = z.strictObject({
  version: z.literal(1),
  at: moment,
  places: z
    .array(
      z.strictObject({
        box: z.tuple([unit, unit, unit, unit]),
        label: z.string().max(64),
        since: moment,
        seen: moment,
        told: moment.nullable(),
        at_start: z.boolean(),
        stood: z.boolean(),
        day: appearanceSchema.nullable(),
        night: appearanceSchema.nullable(),
      }),
    )
    .max(MAX_PLACES),
});

/** What a watch knows of places beyond what stands there now: who was told of and has gone, and what an earlier connection knew. */
export interface PlaceMemory {
  /** The stream begins. @returns whether it goes on from one that has only just ended. */
  begin(nowMs: number, shortBreakMs: number): boolean;
  /** Who stood at a place and looks as what stands there now. */
  find(box: Box, label: string, frame: StreetFrame): RememberedPlace | null;
  /** What was told of and stood in a place when the stream broke off: what overlaps with it most, or all that lie inside. It is not found any more. */
  stoodIn(box: Box, which: 'one' | 'all'): readonly RememberedPlace[];
  left(place: Place, offsetMs: number): void;
  /** Everything worth remembering, with what stands now. @param offsetMs wall clock of stream time 0. */
  write(standing: readonly Place[], nowMs: number, offsetMs: number): unknown;
  /** Takes over what `write` gave; what is not of that form is ignored. */
  read(memory: unknown): void;
}

export function createPlaceMemory({ rememberMs }: { readonly rememberMs: number }): PlaceMemory {
  let places: RememberedPlace[] = [];
  /** When the earlier connection was last known to run, UTC milliseconds. */
  let endedMs: number | null = null;
  let goesOn = false;

  const forget = (nowMs: number): void => {
    places = places.filter(({ seenMs }) => nowMs - seenMs <= rememberMs + STEP_MS);
    if (places.length > MAX_PLACES) places = places.toSorted((a, b) => b.seenMs - a.seenMs).slice(0, MAX_PLACES);
  };

  return {
    begin(nowMs, shortBreakMs) {
      goesOn = endedMs !== null && nowMs - endedMs <= shortBreakMs + STEP_MS;
      // Nobody knows whether what stood there uncounted has been there all the time.
      if (!goesOn) places = places.filter(({ toldMs }) => toldMs !== null);
      forget(nowMs);
      return goesOn;
    },
    find(box, label, frame) {
      forget(frame.capturedAtMs);
      const near = places.filter((place) => intersectionOverUnion(place.box, box) >= SAME_PLACE);
      for (const place of near) {
        const sight = compare(place, frame.picture, frame.scene.night);
        const byPlace = goesOn && place.stood && place.label === label && intersectionOverUnion(place.box, box) >= VERY_PLACE;
        if (sight === 'same' || (sight === 'unclear' && byPlace)) {
          places = places.filter((other) => other !== place);
          return place;
        }
      }
      return null;
    },
    stoodIn(box, which) {
      const told = places.filter(({ stood, toldMs }) => stood && toldMs !== null);
      const inside = told.filter((place) => shareInside(place.box, box) >= INSIDE);
      const overlap = (place: RememberedPlace): number => intersectionOverUnion(place.box, box);
      const nearest = told.filter((place) => overlap(place) >= SAME_PLACE).toSorted((a, b) => overlap(b) - overlap(a));
      const taken = which === 'all' ? inside : nearest.slice(0, 1);
      places = places.filter((place) => !taken.includes(place));
      return taken;
    },
    left(place, offsetMs) {
      if (place.toldMs !== null) places.push(remember(place, offsetMs, false));
    },
    write(standing, nowMs, offsetMs) {
      forget(nowMs);
      const lasting = standing.filter(({ toldMs, sincePtsMs, seenPtsMs }) => toldMs !== null || seenPtsMs - sincePtsMs >= LEAST_STAND_MS);
      const all = [...lasting.map((place) => remember(place, offsetMs, true)), ...places]
        .toSorted((a, b) => b.seenMs - a.seenMs)
        .slice(0, MAX_PLACES);
      return {
        version: 1,
        at: stepped(nowMs),
        places: all.map(({ box, label, sinceMs, seenMs, toldMs, atStart, looks, stood }) => ({
          box: [box.x1, box.y1, box.x2, box.y2].map(rounded),
          label,
          since: Math.max(0, Math.round(sinceMs)),
          seen: stepped(seenMs),
          told: toldMs === null ? null : Math.round(toldMs),
          at_start: atStart,
          stood,
          day: looks.day === null ? null : writeAppearance(looks.day),
          night: looks.night === null ? null : writeAppearance(looks.night),
        })),
      };
    },
    read(memory) {
      const known = memorySchema.safeParse(memory);
      if (!known.success) return;
      endedMs = known.data.at;
      places = known.data.places.map(({ box: [x1, y1, x2, y2], label, since, seen, told, at_start, stood, day, night }) => ({
        box: { x1, y1, x2, y2 },
        label,
        sinceMs: since,
        seenMs: seen,
        toldMs: told,
        atStart: at_start,
        stood,
        looks: { day, night },
      }));
    },
  };
}

const remember = (
  { box, label, sincePtsMs, seenPtsMs, toldMs, atStart, looks }: Place,
  offsetMs: number,
  stood: boolean,
): RememberedPlace => ({
  ...{ box, label, toldMs, atStart, stood },
  sinceMs: offsetMs + sincePtsMs,
  seenMs: offsetMs + seenPtsMs,
  looks: { ...looks },
});

const stepped = (ms: number): number => Math.max(0, Math.floor(ms / STEP_MS) * STEP_MS);
/** Thousandths of the picture: a median that trembles by less is the same. */
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
