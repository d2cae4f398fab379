import { intersectionOverUnion, shareInside } from '../../core/geometry/box.js';
import type { Box } from '../../domain/geometry.js';
import { type StreetFrame, UNKNOWN_OBJECT } from '../../domain/street.js';
import type { OpenIncident } from '../contract.js';
import { stepsApart } from './boxes.js';
import { compare, type Place, renewAppearance } from './place.js';
import { createPlaceMemory, type RememberedPlace } from './place-memory.js';

/** Something that stands in a picture, as the tracker or the background tells it. */
export interface StandingSight {
  readonly box: Box;
  readonly label: string;
  /** 0..1. */
  readonly score: number;
  readonly trackId: number | null;
  readonly thingId: number | null;
  /** Milliseconds on the stream's clock. */
  readonly sincePtsMs: number;
  /** Whether this very picture shows it; otherwise it is only expected there. */
  readonly visible: boolean;
  /** Whether it was seen to move before it stood. */
  readonly arrived: boolean;
}

export interface StandingWatchOptions {
  /** What of a picture counts, each thing once. */
  readonly sights: (frame: StreetFrame) => readonly StandingSight[];
  /** How long what was told and has gone is known again when it stands there as before, milliseconds. */
  readonly rememberMs: number;
}

/** What changed with one picture. */
export interface StandingChange {
  /** Everything that stands now, hidden or not. */
  readonly standing: readonly Place[];
  /** What has left since the last picture; `seenPtsMs` is when it was last there. */
  readonly left: readonly Place[];
}

/**
 * Follows what stands, each thing as one, by place and appearance: through tracks that are lost and found under other names, through minutes
 * behind a bus, and through restarts. It takes two looks to believe that something has gone, and something that only passes before it is no reason to look.
 */
export interface StandingWatch {
  step(frame: StreetFrame): StandingChange;
  /** See `Rule`. */
  memory(): unknown;
  recall(memory: unknown): void;
  /**
   * What incidents tell of that were open when the stream broke off is taken to stand there from the first frame on, until looks show that it has left.
   *
   * @param which whether an incident tells of one thing, or of all that stands in its box.
   */
  resume(open: readonly OpenIncident[], which: 'one' | 'all'): void;
}

/** Things that stand at once, at most. */
const MAX_STANDING = 200;
/** What stands when the stream begins, or within this of it, stood there before, milliseconds: a tracker needs some pictures. */
const START_MS = 4_000;
/** A stream that begins anew within this goes on from the last one, milliseconds: who came in between has only just come. */
const SHORT_BREAK_MS = 600_000;
/** Overlap of boxes from which something is at the place of something else; a partly hidden car keeps less of itself, and is inside it. */
const SAME_PLACE = 0.4;
const INSIDE = 0.7;
/** How far the same track may have shifted and stand at its place, box sizes: a median of few boxes is not yet that of many. */
const AT_PLACE = 0.3;
/** Who shifts by less than his own length after he was told of has not left. */
const SHUNTED = 1;
/** Overlap from which something else that stands there has taken its place, when it looks otherwise. */
const TAKEN = 0.55;
/** Share of a place that something else must cover to hide what stands there. */
const HIDING = 0.15;
/** What is hidden for longer is given up, milliseconds: a lorry that unloads before it takes a quarter of an hour. */
const HIDDEN_MS = 1_200_000;
/** Looks at what the tracker does not see, milliseconds from one to the next. */
const LOOK_AGAIN_MS = 500;
/** How long looks must show something else until it has gone, and how long nothing that can be told, milliseconds; at least two looks. */
const GONE_MS = 2_000;
const LOST_MS = 30_000;
const LEAST_LOOKS = 2;

export function createStandingWatch({ sights, rememberMs }: StandingWatchOptions): StandingWatch {
  const kept = createPlaceMemory({ rememberMs });
  let places: Place[] = [];
  let count = 0;
  let firstPtsMs: number | null = null;
  /** What was remembered, until there is something newer. */
  let recalled: unknown;
  let toResume: { readonly open: readonly OpenIncident[]; readonly which: 'one' | 'all' } = { open: [], which: 'one' };
  /** Whether an earlier connection has only just ended, so that nothing stands there at the start that nobody knows of. */
  let goesOn = false;
  let nowMs = 0;
  /** UTC milliseconds of stream time 0. */
  let offsetMs = 0;

  const at = (place: Place, box: Box): number =>
    shareInside(box, place.box) >= INSIDE
      ? Math.max(SAME_PLACE, intersectionOverUnion(place.box, box))
      : intersectionOverUnion(place.box, box);

  function see(place: Place, sight: StandingSight, frame: StreetFrame): void {
    place.trackId = sight.trackId ?? place.trackId;
    place.thingId = sight.thingId ?? place.thingId;
    place.doubt = null;
    if (!sight.visible) return;
    place.seenPtsMs = frame.ptsMs;
    place.hiddenSincePtsMs = null;
    place.score = sight.score;
    place.label = sight.label;
    place.arrived ||= sight.arrived;
    // A partly hidden one tells nothing of its place.
    if (intersectionOverUnion(place.box, sight.box) < SAME_PLACE || isHidden(place, frame)) return;
    place.box = sight.box;
    renewAppearance(place, frame.picture, frame.scene.night, frame.ptsMs);
  }

  /** Whether anything else is before it: something that this picture shows, and that neither is it nor has taken its place. */
  const isHidden = (place: Place, { objects }: StreetFrame): boolean =>
    objects.some(
      ({ id, state, box, stillBox }) =>
        id !== place.trackId &&
        state !== 'lost' &&
        shareInside(place.box, box) >= HIDING &&
        (stillBox === null || intersectionOverUnion(place.box, stillBox) < TAKEN),
    );

  function begin(sight: StandingSight, frame: StreetFrame): Place {
    const { ptsMs } = frame;
    const place: Place = {
      key: ++count,
      box: sight.box,
      label: sight.label,
      score: sight.score,
      sincePtsMs: sight.sincePtsMs,
      seenPtsMs: ptsMs,
      atStart: !goesOn && !sight.arrived && sight.sincePtsMs <= (firstPtsMs ?? ptsMs) + START_MS,
      arrived: sight.arrived,
      trackId: sight.trackId,
      thingId: sight.thingId,
      toldMs: null,
      resumes: null,
      looks: { day: null, night: null },
      lookedPtsMs: ptsMs,
      doubt: null,
      hiddenSincePtsMs: null,
    };
    const known = kept.find(sight.box, sight.label, frame);
    if (known !== null) {
      place.toldMs = known.toldMs;
      Object.assign(place.looks, known.looks);
      if (known.stood && goesOn) {
        place.sincePtsMs = Math.min(place.sincePtsMs, known.sinceMs - offsetMs);
        place.atStart = known.atStart;
      }
    }
    if (!isHidden(place, frame)) renewAppearance(place, frame.picture, frame.scene.night, ptsMs);
    return place;
  }

  /** Where an open incident was told of, with what is remembered of it; the memory may be older than the incident. */
  function resumed(incident: OpenIncident): readonly Place[] {
    const { number, box, labels, confidence, startedAtMs, seenAtMs } = incident;
    const bare: RememberedPlace = {
      ...{
        box,
        label: labels[0] ?? UNKNOWN_OBJECT,
        sinceMs: startedAtMs,
        seenMs: seenAtMs,
        toldMs: startedAtMs,
        atStart: false,
        stood: true,
      },
      looks: { day: null, night: null },
    };
    const known = kept.stoodIn(box, toResume.which);
    return (known.length === 0 ? [bare] : known).map(
      (one): Place => ({
        ...{ key: ++count, box: one.box, label: one.label, score: confidence, atStart: one.atStart, toldMs: one.toldMs, resumes: number },
        sincePtsMs: (toResume.which === 'one' ? startedAtMs : one.sinceMs) - offsetMs,
        seenPtsMs: Math.max(one.seenMs, seenAtMs) - offsetMs,
        looks: { ...one.looks },
        ...{ arrived: true, trackId: null, thingId: null, lookedPtsMs: 0, doubt: null, hiddenSincePtsMs: null },
      }),
    );
  }

  /** Looks whether what the tracker does not see is there. Returns whether it has left. */
  function lookFor(place: Place, frame: StreetFrame): boolean {
    const { ptsMs } = frame;
    const itself = place.trackId === null ? undefined : frame.objects.find(({ id }) => id === place.trackId);
    if (itself?.state === 'confirmed' && itself.stillSincePtsMs === null && intersectionOverUnion(itself.box, place.box) < SAME_PLACE) {
      // It is seen to drive away; who was told of may shunt.
      if (place.toldMs === null || stepsApart(place.box, itself.box) >= SHUNTED) return true;
    }
    if (place.doubt !== null && ptsMs - place.doubt.lastPtsMs < LOOK_AGAIN_MS) return false;
    const sight = compare(place, frame.picture, frame.scene.night);
    if (sight === 'same') {
      place.doubt = null;
      place.hiddenSincePtsMs = null;
      place.seenPtsMs = ptsMs;
      return false;
    }
    if (isHidden(place, frame)) {
      place.doubt = null;
      place.hiddenSincePtsMs ??= ptsMs;
      return ptsMs - place.hiddenSincePtsMs > HIDDEN_MS;
    }
    place.hiddenSincePtsMs = null;
    place.doubt ??= { sincePtsMs: ptsMs, lastPtsMs: ptsMs, count: 0 };
    place.doubt.lastPtsMs = ptsMs;
    place.doubt.count++;
    return place.doubt.count >= LEAST_LOOKS && ptsMs - place.doubt.sincePtsMs >= (sight === 'other' ? GONE_MS : LOST_MS);
  }

  return {
    step(frame) {
      const { ptsMs, capturedAtMs } = frame;
      if (firstPtsMs === null || ptsMs < firstPtsMs) {
        firstPtsMs = ptsMs;
        goesOn = kept.begin(capturedAtMs, SHORT_BREAK_MS);
      }
      nowMs = capturedAtMs;
      offsetMs = capturedAtMs - ptsMs;
      places.push(...toResume.open.flatMap(resumed));
      toResume = { ...toResume, open: [] };
      // What stands cannot be told from light that changes: what was known stays.
      if (frame.scene.unsettled) return { standing: places, left: [] };
      const left: Place[] = [];
      const leave = (place: Place): void => {
        places = places.filter((other) => other !== place);
        left.push(place);
        kept.left(place, offsetMs);
      };
      const seen = new Set<Place>();
      const strangers: StandingSight[] = [];
      for (const sight of sights(frame)) {
        const place = places.find(
          (p) =>
            !seen.has(p) && ((p.trackId !== null && p.trackId === sight.trackId) || (p.thingId !== null && p.thingId === sight.thingId)),
        );
        if (place === undefined) strangers.push(sight);
        else if (at(place, sight.box) >= SAME_PLACE || stepsApart(place.box, sight.box) <= AT_PLACE) {
          // One that is only expected must be looked for.
          if (!sight.visible) continue;
          see(place, sight, frame);
          seen.add(place);
        } else if (place.toldMs !== null && stepsApart(place.box, sight.box) < SHUNTED) {
          Object.assign(place, { box: sight.box, looks: { day: null, night: null } });
          see(place, sight, frame);
          seen.add(place);
        } else if (sight.visible) {
          leave(place);
          strangers.push(sight);
        }
      }
      const arriving: StandingSight[] = [];
      for (const sight of strangers) {
        if (!sight.visible) continue;
        const here = places.filter((p) => at(p, sight.box) >= SAME_PLACE).sort((a, b) => at(b, sight.box) - at(a, sight.box));
        const free = here.find((place) => !seen.has(place));
        // A second box of what has been seen already, or part of it.
        if (free === undefined) {
          if (here.length === 0) arriving.push(sight);
          continue;
        }
        const shown = compare(free, frame.picture, frame.scene.night);
        if (shown !== 'other') {
          see(free, sight, frame);
          seen.add(free);
        }
      }
      for (const place of [...places]) if (!seen.has(place) && lookFor(place, frame)) leave(place);
      for (const sight of arriving) {
        if (places.length < MAX_STANDING) places.push(begin(sight, frame));
      }
      return { standing: places, left };
    },
    memory: () => (firstPtsMs === null ? recalled : kept.write(places, nowMs, offsetMs)),
    recall(memory) {
      recalled = memory;
      kept.read(memory);
    },
    resume(open, which) {
      toResume = { open, which };
    },
  };
}
