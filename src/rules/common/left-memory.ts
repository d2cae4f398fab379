import { z } from 'zod';
import { intersectionOverUnion, shareInside } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import type { StreetFrame } from '../../domain/street.js';
import type { OpenIncident, RuleFinding } from '../contract.js';
import { appearanceSchema, writeAppearance } from './appearance.js';
import { asLeft, type IncidentBook } from './incident-book.js';
import { isSameThing } from './left-things.js';
import { compare, type Place, renewAppearance } from './place.js';

/** A thing that was told of, by how it looks where it lies. */
type KnownThing = Pick<Place, 'box' | 'looks' | 'lookedPtsMs'>;

/** One that an earlier stream left open. */
interface Resumed extends KnownThing {
  readonly number: number;
  /** Since when, and how often, looks have not shown it; `null` while they do. */
  doubt: { readonly sincePtsMs: number; lastPtsMs: number; count: number } | null;
}

/**
 * Goes on with incidents of things that lie somewhere when the stream begins anew. To the background they are a part of the scene by then, so they are
 * known by how they looked, and by what the background says when they are taken away.
 */
export interface LeftMemory {
  /** Ends of what is not there any more. @param told things whose incidents are open, as this stream sees them. */
  step(frame: StreetFrame, told: readonly { readonly key: number; readonly box: Box }[]): readonly RuleFinding[];
  /** Keys of open incidents that began in this stream. */
  own(): readonly number[];
  /** Whether a thing is one that an earlier stream told of. */
  isTold(box: Box): boolean;
  memory(): unknown;
  recall(memory: unknown): void;
  resume(open: readonly OpenIncident[]): void;
}

/** Things at most: two looks each are 6 kB of text. */
const MAX_THINGS = 40;
/** Overlap from which two boxes are of the same thing: the background takes in a shadow, a model does not. */
const SAME_PLACE = 0.3;
/** Share of its place that something must cover to hide it. */
const HIDING = 0.15;
/** From one look to the next, and how long, and how often, looks must show something else until it has gone, milliseconds. */
const LOOK_MS = 500;
const GONE_MS = 2_000;
const LEAST_LOOKS = 3;
/** The moment of the memory is kept in steps of so much, milliseconds: one that changes with every picture would be written with every picture. */
const STEP_MS = 300_000;

const unit = z.number().min(-1).max(2);
const memorySchema = z.strictObject({
  version: z.literal(1),
  at: z.int().min(0).max(1e14),
  things: z
    .array(z.strictObject({ box: z.tuple([unit, unit, unit, unit]), day: appearanceSchema.nullable(), night: appearanceSchema.nullable() }))
    .max(MAX_THINGS),
});

/** Keys count from 1; those of incidents that an earlier stream left open are below 0. */
const keyOf = (number: number): number => -number;

/**
 * @param book by the keys of the things.
 * @param counts whether a thing in this box counts: zones are drawn anew while a stream is away.
 */
export function createLeftMemory(book: IncidentBook<number>, counts: (box: Box) => boolean): LeftMemory {
  /** By the key of a thing of this stream. */
  const looks = new Map<number, KnownThing>();
  let known: readonly KnownThing[] = [];
  let waiting: readonly OpenIncident[] = [];
  let resumed: Resumed[] = [];
  /** When things were last known to lie there, UTC milliseconds. */
  let knownAtMs = 0;
  let nowMs = 0;

  const emptyAt = (box: Box): KnownThing => ({ box, looks: { day: null, night: null }, lookedPtsMs: 0 });

  function begin(open: OpenIncident, frame: StreetFrame): Resumed {
    const seenAtMs = Math.max(open.seenAtMs, knownAtMs);
    book.resume(keyOf(open.number), open.number, asLeft({ ...open, seenAtMs }, frame));
    const best = known.toSorted((a, b) => intersectionOverUnion(b.box, open.box) - intersectionOverUnion(a.box, open.box))[0];
    const look = best !== undefined && isIt(best.box, open.box) ? best : emptyAt(open.box);
    return { ...look, lookedPtsMs: frame.ptsMs, number: open.number, doubt: null };
  }

  const isHidden = (box: Box, { objects }: StreetFrame): boolean =>
    objects.some(
      (object) => object.state !== 'lost' && shareInside(box, object.box) >= HIDING && !isIt(object.stillBox ?? object.box, box),
    );

  /** Whether a picture shows that it is not there any more; `null`: nothing can be told. */
  function isGone(one: Resumed, frame: StreetFrame): boolean | null {
    const sight = compare(one, frame.picture, frame.scene.night);
    if (sight === 'same') return false;
    if (isHidden(one.box, frame)) return null;
    const named =
      frame.named && frame.objects.some(({ state, stillBox }) => state === 'confirmed' && stillBox !== null && isIt(stillBox, one.box));
    if (named) return false;
    if (sight === 'other') return true;
    // No look tells. What has changed there since was changed by whoever took it.
    return frame.still.some(({ state, box }) => state === 'present' && isIt(box, one.box)) ? true : null;
  }

  function attend(one: Resumed, frame: StreetFrame): boolean {
    const { ptsMs } = frame;
    if (one.doubt !== null && ptsMs - one.doubt.lastPtsMs < LOOK_MS) return false;
    const gone = isGone(one, frame);
    if (gone !== true) {
      one.doubt = null;
      if (gone === false) {
        const key = keyOf(one.number);
        const state = book.state(key);
        if (state !== null) book.note(key, { ...state, endPtsMs: ptsMs });
        renewAppearance(one, frame.picture, frame.scene.night, ptsMs);
      }
      return false;
    }
    one.doubt ??= { sincePtsMs: ptsMs, lastPtsMs: ptsMs, count: 0 };
    one.doubt.lastPtsMs = ptsMs;
    one.doubt.count++;
    return one.doubt.count >= LEAST_LOOKS && ptsMs - one.doubt.sincePtsMs >= GONE_MS;
  }

  return {
    step(frame, told) {
      nowMs = frame.capturedAtMs;
      if (frame.scene.unsettled) return [];
      resumed.push(...waiting.map((open) => begin(open, frame)));
      waiting = [];
      for (const key of looks.keys()) if (!told.some((thing) => thing.key === key)) looks.delete(key);
      for (const { key, box } of told) {
        const look = looks.get(key) ?? emptyAt(box);
        looks.set(key, look);
        if (!isHidden(box, frame)) renewAppearance(look, frame.picture, frame.scene.night, frame.ptsMs);
      }
      const gone = resumed.filter((one) => attend(one, frame) || !counts(one.box));
      resumed = resumed.filter((one) => !gone.includes(one));
      return gone.map(({ number }) => book.end(keyOf(number), frame.ptsMs));
    },
    own: () => book.keys().filter((key) => key > 0),
    isTold: (box) => resumed.some((one) => isSameThing(one.box, box)),
    memory: () => ({
      version: 1,
      at: waiting.length > 0 || nowMs === 0 ? knownAtMs : Math.max(0, Math.floor(nowMs / STEP_MS) * STEP_MS),
      things: [...looks.values(), ...resumed, ...(waiting.length > 0 || nowMs === 0 ? known : [])]
        .slice(0, MAX_THINGS)
        .map(({ box, looks: { day, night } }) => ({
          box: [box.x1, box.y1, box.x2, box.y2],
          day: day === null ? null : writeAppearance(day),
          night: night === null ? null : writeAppearance(night),
        })),
    }),
    recall(memory) {
      const read = memorySchema.safeParse(memory);
      if (!read.success) return;
      knownAtMs = read.data.at;
      known = read.data.things.map(({ box: [x1, y1, x2, y2], day, night }) => ({ ...emptyAt({ x1, y1, x2, y2 }), looks: { day, night } }));
    },
    resume(open) {
      waiting = open;
    },
  };
}

/** Whether a box is of the thing itself; who stands before it covers it, and is larger. */
const isIt = (a: Box, thing: Box): boolean => intersectionOverUnion(a, thing) >= SAME_PLACE;
