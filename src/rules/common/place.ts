import type { Box } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';
import { type Appearance, appearanceAt, isClear, isTelling, likenessAt, SAME_APPEARANCE } from './appearance.js';

/** Something that stands at a place, known by the place and by how it looks there, not by the track that found it. */
export interface Place {
  /** Counts the places of a watch from 1. */
  readonly key: number;
  /** The median of its boxes. */
  box: Box;
  label: string;
  score: number;
  /** Milliseconds on the stream's clock; before 0 for what an earlier connection saw arrive. */
  sincePtsMs: number;
  seenPtsMs: number;
  /** It stood there already when the first picture came, and nobody knows since when. */
  atStart: boolean;
  /** It was seen to come: what only appears somewhere may be a shadow that stays. */
  arrived: boolean;
  /** Object and still thing that it was last seen as. */
  trackId: number | null;
  thingId: number | null;
  /** When its incident began, UTC milliseconds; `null`: none was told. */
  toldMs: number | null;
  /** Number of the incident that was open when the stream broke off, and that is to be gone on with; `null`: none. */
  resumes: number | null;
  /** By light: infrared shows the same car otherwise. */
  readonly looks: { day: Appearance | null; night: Appearance | null };
  /** Of the newest look, milliseconds on the stream's clock. */
  lookedPtsMs: number;
  /** Since when, and how often, looks have not shown it; `null` while they do. */
  doubt: { sincePtsMs: number; lastPtsMs: number; count: number } | null;
  /** Since when something stands before it. */
  hiddenSincePtsMs: number | null;
}

/** A look is taken anew so often, milliseconds: the sun moves its shadows on. Oftener, and a rule's memory is written oftener; seldomer, and it fades. */
const RENEW_MS = 300_000;
/** Seen within this it is in view, milliseconds: incidents of what stands begin only then. */
export const IN_VIEW_MS = 2_500;
/** Below this likeness it is not there; between this and the same something hides a part of it, or the light has changed. */
const OTHER_LOOK = 0.5;

/** Notes how something in full view looks now, when the last look is old. */
export function renewAppearance(
  place: Pick<Place, 'box' | 'looks' | 'lookedPtsMs'>,
  picture: ScenePicture,
  night: boolean,
  ptsMs: number,
): void {
  const light = night ? 'night' : 'day';
  if (place.looks[light] !== null && ptsMs - place.lookedPtsMs < RENEW_MS) return;
  const look = appearanceAt(picture, place.box);
  place.lookedPtsMs = ptsMs;
  if (isTelling(look)) place.looks[light] = look;
}

/** What a picture shows at a place: what stands there, something else, or nothing that can be told. */
export type Sight = 'same' | 'other' | 'unclear';

/** Compares a picture with how a place looked in such light. */
export function compare(
  { looks, box }: { readonly looks: Readonly<Place['looks']>; readonly box: Box },
  picture: ScenePicture,
  night: boolean,
): Sight {
  const look = night ? looks.night : looks.day;
  if (look === null) return 'unclear';
  const like = likenessAt(look, picture, box);
  // An even surface where something stood: the bare road, unless fog or the dark has taken everything.
  if (like === null) return isClear(picture) ? 'other' : 'unclear';
  return like >= SAME_APPEARANCE ? 'same' : like < OTHER_LOOK ? 'other' : 'unclear';
}
