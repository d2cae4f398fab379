import type { Box, Point, Polygon } from '../../domain/geometry.js';
import type { TrajectoryPoint } from '../../domain/incident.js';
import type { RgbPicture } from '../../media/image.js';

/**
 * The patch around an instance is the object's box times this. Tracked boxes are tight to the pixels that passed the
 * threshold, so a blurred edge lies outside; 1.6 holds it with a rim to fade out. Larger: patches bring more of the
 * scene's own changes along. Smaller: the object's blurred edge is cut.
 */
const patchGrow = 1.6;
/** Least side of a patch, pixels: the box of a 2 px object is uncertain by as much as its size. */
const minPatchPx = 9;

/**
 * A box given by centre and size, normalised, as whole pixels of a picture. Half-open, inside the picture; may be
 * empty where the object lies outside.
 *
 * @param grow factor on width and height.
 * @param minPx the least width and height after growing, pixels.
 */
export function pixelBox(
  at: { readonly x: number; readonly y: number; readonly w: number; readonly h: number },
  width: number,
  height: number,
  grow = 1,
  minPx = 1,
): Box {
  const halfW = Math.max(at.w * width * grow, minPx) / 2;
  const halfH = Math.max(at.h * height * grow, minPx) / 2;
  const x1 = clamp(Math.floor(at.x * width - halfW), 0, width);
  const y1 = clamp(Math.floor(at.y * height - halfH), 0, height);
  return {
    x1,
    y1,
    x2: Math.max(x1, clamp(Math.ceil(at.x * width + halfW), 0, width)),
    y2: Math.max(y1, clamp(Math.ceil(at.y * height + halfH), 0, height)),
  };
}

/** What painting the object at `at` takes of a picture; empty where it lies outside. */
export function patchOf({ width, height }: { readonly width: number; readonly height: number }, at: TrajectoryPoint): Box {
  return pixelBox(at, width, height, patchGrow, minPatchPx);
}

/** A part of a larger picture; `x`, `y` is where its top left pixel stood. */
export interface PictureCut extends RgbPicture {
  readonly x: number;
  readonly y: number;
}

/** The square of a side of about `sidePx` around a point (pixels), moved inwards at the picture's edges. */
export function squareAround(picture: { width: number; height: number }, centre: Point, sidePx: number): Box {
  const side = Math.max(1, Math.min(Math.round(sidePx), picture.width, picture.height));
  const x1 = clamp(Math.round(centre.x - side / 2), 0, picture.width - side);
  const y1 = clamp(Math.round(centre.y - side / 2), 0, picture.height - side);
  return { x1, y1, x2: x1 + side, y2: y1 + side };
}

/** Copies a part of a picture. @param box whole pixels, inside the picture. */
export function cutOut(picture: RgbPicture, box: Box): PictureCut {
  const width = box.x2 - box.x1;
  const height = box.y2 - box.y1;
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = 3 * ((box.y1 + row) * picture.width + box.x1);
    data.set(picture.data.subarray(from, from + 3 * width), 3 * row * width);
  }
  return { x: box.x1, y: box.y1, width, height, data };
}

/**
 * Fills polygons black, in place: a pixel is black when its centre lies inside one (even-odd rule).
 *
 * @param masks corners normalised to 0..1 of the full frame; they may lie outside the picture.
 */
export function blackOut(picture: RgbPicture, masks: readonly Polygon[]): void {
  const { width, data } = picture;
  for (const mask of masks) {
    for (const { y, from, to } of runsInside(mask, picture)) data.fill(0, 3 * (y * width + from), 3 * (y * width + to));
  }
}

/** The pixels of a picture whose centres lie inside a polygon (even-odd rule), as runs along rows, half-open. */
export function* runsInside(
  polygon: Polygon,
  { width, height }: { readonly width: number; readonly height: number },
): Generator<{ readonly y: number; readonly from: number; readonly to: number }> {
  const rows = polygon.map(({ y }) => y * height);
  const last = Math.min(height, Math.ceil(Math.max(...rows)));
  for (let y = Math.max(0, Math.floor(Math.min(...rows))); y < last; y++) {
    const crossings = rowCrossings(polygon, width, height, y + 0.5);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = clamp(Math.ceil((crossings[i] ?? 0) - 0.5), 0, width);
      const to = clamp(Math.ceil((crossings[i + 1] ?? 0) - 0.5), 0, width);
      if (to > from) yield { y, from, to };
    }
  }
}

/** Where a polygon's edges cross the horizontal line at `y` (pixels), left to right. */
function rowCrossings(polygon: Polygon, width: number, height: number, y: number): number[] {
  const crossings: number[] = [];
  let previous = polygon.at(-1);
  for (const point of polygon) {
    if (previous !== undefined) {
      const y1 = previous.y * height;
      const y2 = point.y * height;
      if (y1 > y !== y2 > y) crossings.push((previous.x + ((y - y1) / (y2 - y1)) * (point.x - previous.x)) * width);
    }
    previous = point;
  }
  return crossings.sort((a, b) => a - b);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
