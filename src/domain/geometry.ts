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

/**
 * Builds a box and checks it.
 *
 * @throws {RangeError} when a coordinate is not finite or the box is empty.
 * @example createBox(10, 20, 14, 26) // 4 wide, 6 high
 */
export function createBox(x1: number, y1: number, x2: number, y2: number): Box {
  if (![x1, y1, x2, y2].every(Number.isFinite)) throw new RangeError(`box coordinates must be finite: ${[x1, y1, x2, y2]}`);
  if (x2 <= x1 || y2 <= y1) throw new RangeError(`box is empty: x ${x1}..${x2}, y ${y1}..${y2}`);
  return { x1, y1, x2, y2 };
}
