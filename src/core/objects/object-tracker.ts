import type { Box } from '../../domain/geometry.js';
import type { TrackedObject } from '../../domain/street.js';
import type { Detection } from '../detection/detection.js';
import { intersectionOverUnion } from '../detection/suppress.js';
import { createAssigner } from './assignment.js';
import { type BoxFilter, createBoxFilter } from './box-filter.js';
import { type BoxDistance, bufferedDistance, shareInside } from './boxes.js';
import { type Gate, gateByLeftPlace, gateByOldPlace, gateByPlace, gateByReturn, MAX_RETURN } from './gates.js';
import { Track } from './track.js';

export interface ObjectTrackerOptions {
  /** Whether a model names what it finds; without one boxes of things that touch become one, and fall apart again. */
  readonly named: boolean;
  /** The picture's width ÷ height; 16 ÷ 9 by default. */
  readonly aspect?: number;
  /** Score from which a detection begins an object and is matched first, 0..1; weaker ones only continue objects. */
  readonly strongScore?: number;
  /** How far boxes are from being one: {@link bufferedDistance} by default. */
  readonly distance?: BoxDistance;
  /** What expects the next box of each object: {@link createBoxFilter} by default. */
  readonly createFilter?: (aspect: number) => BoxFilter;
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
}

/** ByteTrack takes 0.6 of YOLOX-x; a nano model is sure of far less. Lower, and shadows become objects; higher, and far people do not. */
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
/** What a weak detection is worth to the filter. */
const WEAK_TRUST = 0.4;
/** Unseen for longer, an object is no longer matched by its expected place, but comes back by the gate for that. */
const SHORT_MS = 2_000;
/** How long an object that moved may be away. */
const AWAY_MS = 8_000;
/**
 * How long what stands may go unseen in plain view, when the detector drops it: so many times as long as it was seen to stand, at least and at most
 * this. Shorter, and a parked car that is dropped begins anew; longer, and what flickers or left unseen is a ghost that alarms.
 */
const STILL_AWAY_FACTOR = 4;
const STILL_AWAY_LEAST_MS = 2_000;
const STILL_AWAY_MOST_MS = 60_000;
/** And behind something that is seen to stand before it. */
const STILL_HIDDEN_MS = 600_000;
/** Share of a place that something must cover to hide what stands there: a nano model loses a car by less than half. */
const HIDING_SHARE = 0.3;
/** A tentative object that is not there again after so long, and so many pictures, was none. */
const TENTATIVE_MS = 600;
const TENTATIVE_MISSES = 2;
/** Unseen and this close to the picture's edge an object has left; it is kept as long as a drop-out may last. */
const EDGE = 0.015;
const EDGE_AWAY_MS = 1_000;
/** Share of an expected box that must lie inside the picture. */
const IN_PICTURE = 0.3;
/** A free detection that overlaps a taken one by this much is the same thing under another name. */
const DUPLICATE = 0.7;
/** Without names, a box that lies inside a taken one by this much is a part of it. */
const FRAGMENT = 0.8;

/** Share of an object's box that a region must cover to hold it; and what the region of a group is worth to the filters of those inside. */
const GROUP_SHARE = 0.6;
const GROUP_TRUST = 0.05;

const PICTURE: Box = { x1: 0, y1: 0, x2: 1, y2: 1 };

/**
 * C-BIoU with ByteTrack's second stage, in seconds: what moves is expected by a Kalman filter, what stands is expected where it stood.
 *
 * Cost: see docs/adr/0018-object-tracker.md; measured by scripts/street/tracking-speed.mjs.
 *
 * @source Yang et al., WACV 2023 (C-BIoU: two matches in buffered boxes); Zhang et al., ECCV 2022 (ByteTrack: weak detections continue).
 */
export function createObjectTracker(options: ObjectTrackerOptions): ObjectTracker {
  const { named, aspect = 16 / 9, strongScore = STRONG_SCORE, distance = bufferedDistance, createFilter = createBoxFilter } = options;
  const context = { named, aspect, distance };
  const near = gateByPlace(context, FIRST_BUFFER, 0);
  const wide = gateByPlace(context, SECOND_BUFFER, SECOND_SPREAD);
  const back = gateByReturn(context);
  const again = gateByOldPlace(context);
  const pairing = createPairing();
  let tracks: Track[] = [];
  let nextId = 1;
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastLookMs = Number.NEGATIVE_INFINITY;

  function look(ptsMs: number, detections: readonly Detection[]): void {
    const strong = detections.filter((d) => d.score >= strongScore);
    const weak = detections.filter((d) => d.score < strongScore && d.score >= WEAK_SCORE);
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
    pairing.match(tentative, strong, wide, MAX_DISTANCE, pair);
    putBack(ptsMs, strong, pairs, present);

    // Update.
    for (const [track, detection] of pairs) {
      const trust = isGroup(detection) ? GROUP_TRUST : detection.score >= strongScore ? 1 : WEAK_TRUST;
      track.update(ptsMs, detection, trust);
    }

    // Miss.
    const unseenS = (ptsMs - lastLookMs) / 1000;
    for (const track of tracks) if (!pairs.has(track)) track.miss(unseenS, isHidden(track, detections));

    // Initiate.
    const taken = [...pairs.values()];
    for (const detection of strong) {
      if (taken.some((other) => isSame(detection.box, other.box))) continue;
      tracks.push(new Track(nextId++, ptsMs, detection, createFilter(aspect), named, aspect));
      taken.push(detection);
    }

    // Prune.
    tracks = tracks.filter((track) => !isGone(track));
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

  const isSame = (free: Box, taken: Box): boolean =>
    intersectionOverUnion(free, taken) >= DUPLICATE || (!named && shareInside(free, taken) >= FRAGMENT);

  return {
    step(ptsMs, detections) {
      if (ptsMs < lastMs) tracks = [];
      // Predict.
      for (const track of tracks) track.predict((ptsMs - lastMs) / 1000);
      lastMs = ptsMs;
      if (detections !== null) {
        look(ptsMs, detections);
        lastLookMs = ptsMs;
      }
      return tracks.map((track) => track.view());
    },
  };
}

/** Whether something that is not itself is seen to stand before it. */
function isHidden({ place }: Track, detections: readonly Detection[]): boolean {
  return place !== null && detections.some(({ box, score }) => score >= WEAK_SCORE && shareInside(place, box) >= HIDING_SHARE);
}

function isGone(track: Track): boolean {
  if (track.seen) return false;
  if (!track.confirmed) return track.missedMs >= TENTATIVE_MS && track.misses >= TENTATIVE_MISSES;
  if (track.place !== null) {
    const patienceMs = STILL_AWAY_FACTOR * (track.seenMs - (track.stillness.sinceMs as number));
    return track.missedMs > Math.min(STILL_AWAY_MOST_MS, Math.max(STILL_AWAY_LEAST_MS, patienceMs)) || track.hiddenMs > STILL_HIDDEN_MS;
  }
  const { box } = track;
  const atEdge = box.x1 < EDGE || box.y1 < EDGE || box.x2 > 1 - EDGE || box.y2 > 1 - EDGE;
  return track.awayMs > (atEdge ? EDGE_AWAY_MS : AWAY_MS) || shareInside(box, PICTURE) < IN_PICTURE;
}

interface Pairing {
  /**
   * Sets tracks against detections at the least total cost; each pair is told to `found`.
   *
   * @param tracks and
   * @param detections those that find no partner are left in both.
   */
  match(tracks: Track[], detections: Detection[], gate: Gate, limit: number, found: (track: Track, detection: Detection) => unknown): void;
}

function createPairing(): Pairing {
  const assigner = createAssigner();
  let costs = new Float64Array(1024);
  return {
    match(tracks, detections, gate, limit, found) {
      if (tracks.length === 0 || detections.length === 0) return;
      const { length } = detections;
      if (tracks.length * length > costs.length) costs = new Float64Array(2 * tracks.length * length);
      tracks.forEach((track, t) => {
        for (let d = 0; d < length; d++) costs[t * length + d] = gate(track, detections[d] as Detection);
      });
      const chosen = assigner.assign(costs, tracks.length, length, limit);
      const free = new Set(detections);
      let left = 0;
      for (let t = 0; t < tracks.length; t++) {
        const track = tracks[t] as Track;
        const detection = detections[chosen[t] as number];
        if (detection === undefined) tracks[left++] = track;
        else {
          found(track, detection);
          free.delete(detection);
        }
      }
      tracks.length = left;
      detections.splice(0, length, ...free);
    },
  };
}
