/** A point. The owner says whether it is in pixels or normalised to 0..1 of the full frame; y points down. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * An axis-aligned box `{x1, y1, x2, y2}`: origin top left, y down, half-open (`x2`, `y2` are the first
 * column and row outside). The owner says whether it is in pixels or normalised to 0..1 of the full frame.
 */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A polygon as its corners in order; closed implicitly. */
export type Polygon = readonly Point[];

/** A line from one point to another; its direction decides what is left and right of it. */
export interface Line {
  readonly from: Point;
  readonly to: Point;
}

/** Four places on the ground in the picture, normalised to 0..1 of the full frame, and where they lie in metres. */
export interface GroundMarks {
  readonly picture: readonly [Point, Point, Point, Point];
  readonly metres: readonly [Point, Point, Point, Point];
}
