import type { Box, Point } from './geometry.js';

/** A connected group of foreground pixels in one frame. Coordinates in pixels of the full frame. */
export interface Blob {
  readonly seq: number;
  readonly ptsMs: number;
  readonly box: Box;
  /** Contrast-weighted centre, sub-pixel. */
  readonly centroid: Point;
  readonly areaPx: number;
  /** Mean absolute difference from the background, grey levels 0..255; positive is brighter than the background. */
  readonly contrast: number;
}

/** One classified object in one frame. `box` in pixels of the full frame, `score` 0..1. */
export interface Detection {
  readonly seq: number;
  readonly ptsMs: number;
  readonly box: Box;
  readonly label: string;
  readonly score: number;
}

export interface TrackPoint {
  readonly seq: number;
  readonly ptsMs: number;
  /** Centre, pixels. */
  readonly x: number;
  readonly y: number;
  /** Size, pixels. */
  readonly w: number;
  readonly h: number;
  readonly areaPx: number;
  readonly contrast: number;
}

export interface Track {
  readonly id: number;
  readonly kind: 'ballistic' | 'object';
  readonly state: 'tentative' | 'confirmed' | 'lost' | 'ended';
  readonly points: readonly TrackPoint[];
}
