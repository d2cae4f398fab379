import type { Box } from '../../domain/geometry.js';
import type { Detection } from '../detection/detection.js';
import { areaOf, shareInside } from '../geometry/box.js';
import { type BoxDistance, type BoxScale, scaleOf } from './boxes.js';
import { PART } from './stillness.js';
import type { Track } from './track.js';

/** How badly a detection fits an object: 0 it is the same box, 1 it cannot be. */
export type Gate = (track: Track, detection: Detection) => number;

/** What cannot be. */
const NEVER = 1;
/** Under another name a detection must fit the box itself, not its buffer, at least so well; and costs so much more. */
const MAX_RENAMED_DISTANCE = 0.5;
const RENAMED_COST = 0.1;
/** How near an object must come back that was away: scales, so much more for every second, and at most. */
const RETURN_REACH = 1;
const RETURN_REACH_PER_S = 0.8;
const RETURN_MAX_REACH = 4;
/** And by which factor larger or smaller. */
const RETURN_SIZE = 2;
/** Largest share of that reach; and how badly it may fit the place on which it stood, 1 − overlap of the boxes themselves. */
export const MAX_RETURN = 0.8;
const MAX_PLACE_DISTANCE = 0.6;
/** What a difference in height costs, for each factor of e: it tells people apart who pass each other nearer and farther away. */
const HEIGHT_COST = 0.2;

/** What all gates of a tracker have in common. */
export interface GateContext {
  readonly named: boolean;
  /** The picture's width ÷ height. */
  readonly aspect: number;
  readonly distance: BoxDistance;
}

/**
 * By the expected box; what stands, by its place, and when it was last seen off it, by whichever is nearer.
 *
 * @param buffer by which share of their sides boxes grow.
 * @param spreads by how many standard deviations of the expected place they grow besides.
 */
export function gateByPlace({ named, distance }: GateContext, buffer: number, spreads: number): Gate {
  return (track, detection) => {
    const { place, filter, box } = track;
    let apart = NEVER;
    if (place === null || track.stillness.doubted) {
      const slackX = spreads === 0 ? 0 : spreads * filter.spreadX;
      const slackY = spreads === 0 ? 0 : spreads * filter.spreadY;
      if (touch(box, detection.box, buffer, slackX, slackY))
        apart = distance(box, detection.box, buffer, slackX, slackY) + HEIGHT_COST * growth(box, detection.box);
    }
    if (place !== null && touch(place, detection.box, buffer, 0, 0))
      apart = Math.min(apart, distance(place, detection.box, buffer, 0, 0) + HEIGHT_COST * growth(place, detection.box));
    if (!named || apart >= NEVER || track.votes.knows(detection.label)) return apart;
    return distance(place ?? track.box, detection.box, 0, 0, 0) <= MAX_RENAMED_DISTANCE ? apart + RENAMED_COST : NEVER;
  };
}

/** For an object that was away: by the place where it stood, or else by how near it comes back, as a share of how far it may have gone. */
export function gateByReturn({ named, aspect, distance }: GateContext): Gate {
  const scale: BoxScale = { x: 1, y: 1 };
  const off = (from: Box, to: Box): number => Math.hypot((to.x1 + to.x2 - from.x1 - from.x2) / 2 / scale.x, (to.y2 - from.y2) / scale.y);
  return (track, { box, label }) => {
    if (named && !track.votes.knows(label)) return NEVER;
    if (track.place !== null) return byOldPlace(track.place, box, distance);
    const ratio = areaOf(box) / Math.max(1e-9, areaOf(track.box));
    if (ratio > RETURN_SIZE || ratio < 1 / RETURN_SIZE) return NEVER;
    scaleOf(track.box, aspect, scale);
    const reach = RETURN_REACH + (RETURN_REACH_PER_S * track.awayMs) / 1000;
    return Math.min(NEVER, off(track.box, box) / Math.min(RETURN_MAX_REACH, reach));
  };
}

/** For an object that has just left a place: by that place. */
export function gateByLeftPlace({ named, distance }: GateContext, ptsMs: number): Gate {
  return ({ stillness, votes }, { box, label }) => {
    const left = stillness.leftPlace(ptsMs);
    return left === null || (named && !votes.knows(label)) ? NEVER : distance(left, box, 0, 0, 0);
  };
}

/** Only by the place where it stood: for detections so weak that they are believed nowhere else. */
export function gateByOldPlace({ named, distance }: GateContext): Gate {
  return ({ place, votes }, { box, label }) =>
    place === null || (named && !votes.knows(label)) ? NEVER : byOldPlace(place, box, distance);
}

const byOldPlace = (place: Box, box: Box, distance: BoxDistance): number =>
  (MAX_RETURN / MAX_PLACE_DISTANCE) * distance(place, box, 0, 0, 0);

/** For what stands, by a region inside its place: who stands and moves his arm is seen as an arm. The larger, the nearer. */
export const gateByPart: Gate = ({ place }, { box }) =>
  place === null || shareInside(box, place) < PART ? NEVER : Math.max(0, 1 - areaOf(box) / areaOf(place));

/** Whether boxes so grown can have anything in common: asked first, since most pairs of a picture are far apart. */
function touch(a: Box, b: Box, buffer: number, slackX: number, slackY: number): boolean {
  const reachX = buffer * (a.x2 - a.x1 + b.x2 - b.x1) + 2 * slackX;
  if (b.x1 - a.x2 >= reachX || a.x1 - b.x2 >= reachX) return false;
  const reachY = buffer * (a.y2 - a.y1 + b.y2 - b.y1) + 2 * slackY;
  return b.y1 - a.y2 < reachY && a.y1 - b.y2 < reachY;
}

/** By how many factors of e two boxes differ in height. */
function growth(from: Box, to: Box): number {
  return Math.abs(Math.log(Math.max(1e-4, to.y2 - to.y1) / Math.max(1e-4, from.y2 - from.y1)));
}
