import type { Point } from './geometry.js';

/**
 * A building front as drawn on the picture. Corners normalised to 0..1 of the full frame, in the order top-left,
 * top-right, bottom-right, bottom-left; they may lie outside the picture. The bottom edge is the lower edge of floor
 * `floors.first`, the top edge the upper edge of floor `floors.last`, all floors equally high.
 */
export interface Facade {
  readonly corners: readonly [Point, Point, Point, Point];
  readonly floors: {
    readonly first: number;
    readonly last: number;
    /** Metres from floor to floor. */
    readonly heightM: number;
  };
  /** Names of the units of a floor from left to right, equally wide; empty when units are not told apart. */
  readonly units: readonly string[];
  /** Width of the facade, metres; `null` when it is not known (then estimated from the picture's perspective). */
  readonly widthM: number | null;
}
