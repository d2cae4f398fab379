import type { Box } from '../../domain/geometry.js';
import type { TrackedObject } from '../../domain/street.js';
import type { Detection } from '../detection/detection.js';
import { intersectionOverUnion, shareInside } from '../geometry/box.js';
import { createBoxFilter } from './box-filter.js';
import { type BoxDistance, bufferedDistance } from './boxes.js';
import { gateByLeftPlace, gateByOldPlace, gateByPart, gateByPlace, gateByReturn, MAX_RETURN } from './gates.js';
import { findLeap, type Stray } from './leaps.js';
import { createPairing } from './pairing.js';
import { isGone, isHidden } from './patience.js';
import { PART } from './stillness.js';
import { Track } from './track.js';

export interface ObjectTrackerOptions {
  /** Whether a model names what it finds; without one boxes of things that touch become one, and fall apart again. */
  readonly named: boolean;
  /** The first object's id; 1 by default. For one that goes on where another left off. */
  readonly firstId?: number;
  /** The picture's width ÷ height; 16 ÷ 9 by default. */
  readonly aspect?: number;
  /** How far boxes are from being one: {@link bufferedDistance} by default. */
  readonly distance?: BoxDistance;
}

/** Follows the objects of one camera from picture to picture. */
export interface ObjectTracker {
  /**
   * Takes one picture.
   *
   * @param ptsMs milliseconds on the stream's clock; one that goes back begins anew (ids go on).
   * @param detections of this picture, normalised to 0..1; `null`: nobody looked at it, so nothing was missed either.
   * @returns every object: tentative, confirmed and lost ones, in order of their ids; they stay as they are.
   */
  step(ptsMs: number, detections: readonly Detection[] | null): readonly TrackedObject[];
  /** Nobody looked for a while: what stood may stand there still, what moved is forgotten. */
  forgetMoving(): void;
}

/** From here a detection begins an object and is matched first, weaker ones only continue. ByteTrack takes 0.6 of YOLOX-x; a nano model is sure of far less. Lower, and shadows become objects; higher, and far people do not. */
const STRONG_SCORE = 0.35;
/** Below this a detection says nothing, even where an object is expected (ByteTrack: 0.1). */
const WEAK_SCORE = 0.1;
/** By how much boxes grow in the first and in the second match, shares of their sides. Source: C-BIoU (WACV 2023), section 4. */
const FIRST_BUFFER = 0.3;
const SECOND_BUFFER = 0.5;
/** In the second match boxes grow besides by so many standard deviations of the expected place: what is new or unseen may be anywhere near. */
const SECOND_SPREAD = 1;
/** Farthest that two boxes may be apart and be one, 1 − overlap of the buffered boxes; higher, and a pair of neighbours lends its boxes. */
const MAX_DISTANCE = 0.7;
/** Weak detections must lie closer: half of them are nothing. */
const MAX_WEAK_DISTANCE = 0.6;
/** How well a detection must fit a place for the object to have been there all the time: as well as one that stands must (1 − overlap). */
const MAX_LEFT_DISTANCE = 0.4;
/** Any part of a place will do: 1 − the least share of it. */
const MAX_PART = 0.99;
/** What a weak detection is worth to the filter. */
const WEAK_TRUST = 0.4;
/** Unseen for longer, an object is no longer matched by its expected place, but comes back by the gate for that. */
const SHORT_MS = 2_000;
/** A free detection that overlaps a taken one by this much is the same thing under another name. */
const DUPLICATE = 0.7;
/** Share of an object's box that a region must cover to hold it; and what the region of a group is worth to the filters of those inside. */
const GROUP_SHARE = 0.6;
const GROUP_TRUST = 0.05;

/**
 * C-BIoU with ByteTrack's second stage, in seconds: what moves is expected by a Kalman filter, what stands is expected where it stood.
 *
 * Cost: 100 objects a picture take 0.35 ms (scripts/street/tracking-speed.mjs). Decisions and figures: docs/adr/0018-object-tracker.md.
 *
 * @source Yang et al., WACV 2023 (C-BIoU: two matches in buffered boxes); Zhang et al., ECCV 2022 (ByteTrack: weak detections continue).
 */
export function createObjectTracker(options: ObjectTrackerOptions): ObjectTracker {
  const { named, aspect = 16 / 9, distance = bufferedDistance } = options;
  const context = { named, aspect, distance };
  const near = gateByPlace(context, FIRST_BUFFER, 0);
  const wide = gateByPlace(context, SECOND_BUFFER, SECOND_SPREAD);
  const back = gateByReturn(context);
  const again = gateByOldPlace(context);
  const pairing = createPairing();
  let tracks: Track[] = [];
  /** What began an object in the last two pictures, and was not found again so far. */
  let strays: { first: readonly Stray[]; second: readonly Stray[] } = { first: [], second: [] };
  let nextId = options.firstId ?? 1;
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastLookMs = Number.NEGATIVE_INFINITY;

  function look(ptsMs: number, detections: readonly Detection[]): void {
    const strong = detections.filter((d) => d.score >= STRONG_SCORE);
    const weak = detections.filter((d) => d.score < STRONG_SCORE && d.score >= WEAK_SCORE);
    const present = tracks.filter((track) => track.confirmed && track.awayMs <= SHORT_MS);
    const away = tracks.filter((track) => track.confirmed && track.awayMs > SHORT_MS);
    const tentative = tracks.filter((track) => !track.confirmed);
    const pairs = new Map<Track, Detection>();
    const pair = (track: Track, detection: Detection): unknown => pairs.set(track, detection);

    // Match.
    pairing.match(present, strong, near, MAX_DISTANCE, pair);
    pairing.match(present, strong, wide, MAX_DISTANCE, pair);
    pairing.match(present, weak, near, MAX_WEAK_DISTANCE, pair);
    pairing.match(away, strong, back, MAX_RETURN, pair);
    pairing.match(away, weak, again, MAX_RETURN, pair);
    if (!named) pairing.match(present, strong, gateByPart, MAX_PART, pair);
    if (!named) pairing.match(away, strong, gateByPart, MAX_PART, pair);
    pairing.match(tentative, strong, wide, MAX_DISTANCE, pair);
    putBack(ptsMs, strong, pairs, present);

    // Update.
    for (const [track, detection] of pairs) {
      const trust = isGroup(detection) ? GROUP_TRUST : detection.score >= STRONG_SCORE ? 1 : WEAK_TRUST;
      track.update(ptsMs, detection, trust);
    }

    // Miss.
    const unseenS = (ptsMs - lastLookMs) / 1000;
    for (const track of tracks) if (!pairs.has(track)) track.miss(unseenS, isHidden(track, detections, WEAK_SCORE));

    // Initiate.
    const taken = [...pairs.values()];
    const found = new Set([...pairs.keys()].map(({ id }) => id));
    const before = { first: strays.first.filter(({ id }) => !found.has(id)), second: strays.second.filter(({ id }) => !found.has(id)) };
    const begun: Stray[] = [];
    for (const detection of strong) {
      if (taken.some((other) => isSame(detection.box, other.box)) || isPartOfStanding(detection, ptsMs)) continue;
      taken.push(detection);
      const leap = named ? findLeap(detection, ptsMs, before, aspect) : null;
      if (leap === null) {
        begun.push({ ptsMs, detection, id: nextId });
        tracks.push(new Track(nextId++, ptsMs, detection, createBoxFilter(aspect), named, aspect));
      } else tracks = joined(leap, detection, ptsMs);
    }
    strays = { first: before.second, second: begun };

    // Prune.
    tracks = tracks.filter((track) => !isGone(track));
  }

  /** The objects, of which two and what was found now are one fast one. */
  function joined([first, second]: readonly [Stray, Stray], detection: Detection, ptsMs: number): Track[] {
    const track = new Track(first.id, first.ptsMs, first.detection, createBoxFilter(aspect), named, aspect);
    track.filter.start(second.detection.box);
    track.update(second.ptsMs, second.detection, 1);
    // The step that it has just made tells its pace.
    track.predict((ptsMs - second.ptsMs) / 1000);
    track.update(ptsMs, detection, 1);
    return [...tracks.filter(({ id }) => id !== first.id && id !== second.id), track].sort((a, b) => a.id - b.id);
  }

  /** Whoever was taken along by a passer and is found on its place goes back there; what the passer shows is free again, for whom it may be. */
  function putBack(ptsMs: number, free: Detection[], pairs: Map<Track, Detection>, present: Track[]): void {
    const gone = tracks.filter((track) => track.confirmed && track.stillness.leftPlace(ptsMs) !== null);
    const passers: Detection[] = [];
    pairing.match(gone, free, gateByLeftPlace(context, ptsMs), MAX_LEFT_DISTANCE, (track, detection) => {
      const passer = pairs.get(track);
      if (passer !== undefined) passers.push(passer);
      track.goBack();
      pairs.set(track, detection);
    });
    pairing.match(present, passers, wide, MAX_DISTANCE, (track, detection) => pairs.set(track, detection));
    free.push(...passers);
  }

  /** Whether a region holds more than one object: then it is the place of none. */
  function isGroup({ box }: Detection): boolean {
    if (named) return false;
    let inside = 0;
    for (const track of tracks) if (track.confirmed && shareInside(track.place ?? track.box, box) >= GROUP_SHARE) inside++;
    return inside >= 2;
  }

  /**
   * Whether a region lies inside a thing that stands, or just stood there: then it is some of it that moves, who stands before it, or the hole that it leaves in
   * a background which had taken it in.
   */
  function isPartOfStanding({ box }: Detection, ptsMs: number): boolean {
    if (named) return false;
    return tracks.some(({ confirmed, stillness }) => {
      const place = stillness.box ?? stillness.leftPlace(ptsMs);
      return confirmed && place !== null && shareInside(box, place) >= PART;
    });
  }

  const isSame = (free: Box, taken: Box): boolean =>
    intersectionOverUnion(free, taken) >= DUPLICATE || (!named && shareInside(free, taken) >= PART);

  return {
    step(ptsMs, detections) {
      if (ptsMs < lastMs) {
        tracks = [];
        strays = { first: [], second: [] };
      }
      // Predict.
      for (const track of tracks) track.predict((ptsMs - lastMs) / 1000);
      lastMs = ptsMs;
      if (detections !== null) {
        look(ptsMs, detections);
        lastLookMs = ptsMs;
      }
      return tracks.map((track) => track.view());
    },
    forgetMoving() {
      tracks = tracks.filter(({ place }) => place !== null);
    },
  };
}
