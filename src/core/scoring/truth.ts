import type { Point } from '../../domain/geometry.js';
import type { MassClass } from '../../domain/incident.js';

/** Where a thrown object was seen in one picture of the clip. Coordinates normalised to 0..1 of the full frame. */
export interface TruthPosition {
  /** Seconds on the clip's own clock. */
  readonly t: number;
  /** Centre. */
  readonly x: number;
  readonly y: number;
  /** Size as displayed, motion blur included, pixels. */
  readonly wPx: number;
  readonly hPx: number;
}

/** One throw that really happened. */
export interface TruthThrow {
  readonly id: string;
  readonly object: string;
  readonly massClass: Exclude<MassClass, 'undetermined'>;
  readonly floor: number;
  readonly unit: string;
  /** Where it reached the ground, normalised; `null` when the clip ended before. */
  readonly landing: Point | null;
  /** Its speed there, m/s; `null` when the clip ended before or the truth does not say. */
  readonly impactMps: number | null;
  /** Pictures in which it can be seen: inside the frame and not hidden. In order of time. */
  readonly positions: readonly TruthPosition[];
  /**
   * When it has been seen long enough to be confirmed: in six pictures, and two storeys down. `null` when it never is, or the
   * truth does not say how far it has fallen.
   */
  readonly confirmableS: number | null;
  /** Median over `positions` of the object's own size without motion blur, pixels. */
  readonly sizePx: number;
  /** Median absolute difference from the background, grey levels. */
  readonly contrast: number;
}

/** What there was to find in one clip. */
export interface TruthClip {
  readonly name: string;
  /** Conditions that the score is broken down by, for example `night`, `rain`, `1080p`. */
  readonly tags: readonly string[];
  readonly widthPx: number;
  readonly heightPx: number;
  readonly durationS: number;
  readonly throws: readonly TruthThrow[];
}

/** How hard a throw is to see. The bounds are those of the published targets. */
export type Visibility = 'clear' | 'small' | 'hard';

/**
 * `clear`: at least 4 px, 25 grey levels, 8 pictures; `small`: 2 to 4 px, otherwise the same; `hard`: everything else.
 *
 * @example visibilityOf({ sizePx: 3.1, contrast: 40, positions: tenPositions }) // 'small'
 */
export function visibilityOf(t: Pick<TruthThrow, 'sizePx' | 'contrast' | 'positions'>): Visibility {
  if (t.contrast < 25 || t.positions.length < 8 || t.sizePx < 2) return 'hard';
  return t.sizePx < 4 ? 'small' : 'clear';
}
