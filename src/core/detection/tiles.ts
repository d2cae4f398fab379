import type { Box } from '../../domain/geometry.js';
import { intersectionOverUnion, shareInside } from '../geometry/box.js';
import type { Detection } from './detection.js';
import type { Region } from './fill-input.js';
import type { Size } from './heads/index.js';
import { SAME_OVERLAP } from './suppress.js';

/** A picture in parts, so that small things are not scaled away. */
export interface Tiles {
  /** 1..8 each. */
  readonly columns: number;
  readonly rows: number;
  /** Share of a tile's side that it has in common with its neighbour, 0..0.5: what is smaller than that is whole in one of them. */
  readonly overlap: number;
}

/** Share of a cut box that lies in a whole one, from which it is a piece of that. */
const PIECE_SHARE = 0.6;
/** A box that ends so near to a tile's edge is cut by it, as a share of the tile's side: some three pixels of an input of 416. */
const EDGE_SHARE = 0.008;

/**
 * The parts of a picture, row after row. They begin at even pixels, where chroma does.
 *
 * @throws {RangeError} when there are none, too many, or the overlap is no share.
 * @example regionsOf({ width: 1920, height: 1080 }, { columns: 2, rows: 1, overlap: 0.2 }) // 1067 × 1080 at 0, 0 and at 852, 0
 */
export function regionsOf(picture: Size, { columns, rows, overlap }: Tiles): Region[] {
  for (const count of [columns, rows])
    if (!Number.isInteger(count) || count < 1 || count > 8) throw new RangeError(`a picture is cut into 1 to 8 each way, not ${count}`);
  if (!(overlap >= 0 && overlap <= 0.5)) throw new RangeError(`tiles overlap by 0 to 0.5 of their side, not ${overlap}`);
  const across = spansOf(picture.width, columns, overlap);
  return spansOf(picture.height, rows, overlap).flatMap(([y, height]) => across.map(([x, width]) => ({ x, y, width, height })));
}

function spansOf(pixels: number, count: number, overlap: number): (readonly [from: number, length: number])[] {
  const length = Math.min(pixels, Math.ceil(pixels / (count - (count - 1) * overlap)));
  return Array.from({ length: count }, (_, i) => {
    const from = count === 1 ? 0 : 2 * Math.floor(((pixels - length) * i) / (count - 1) / 2);
    // The last one reaches the edge, whatever rounding took from the others.
    return [from, i === count - 1 ? pixels - from : length] as const;
  });
}

/** What a model found in one part of a picture. */
export interface FoundInRegion {
  readonly region: Region;
  /** Boxes in parts of the whole picture. */
  readonly detections: readonly Detection[];
}

/**
 * Makes one list of what was found in a picture and in its tiles. Of boxes of one label that overlap the surest stays; a box that a tile's edge cuts stays only
 * where no whole box holds most of it.
 *
 * @returns the surest first, at most `limit`.
 */
export function mergeRegions(found: readonly FoundInRegion[], picture: Size, limit: number): Detection[] {
  const candidates = found.flatMap(({ region, detections }) =>
    detections.map((detection) => ({ detection, cut: isCut(detection.box, region, picture) })),
  );
  // Whole ones first: half a car is often surer than the whole of it, and less use.
  candidates.sort((a, b) => Number(a.cut) - Number(b.cut) || b.detection.score - a.detection.score);
  const kept: Detection[] = [];
  for (const { detection, cut } of candidates) {
    const again = kept.some(
      ({ label, box }) =>
        label === detection.label &&
        (intersectionOverUnion(box, detection.box) > SAME_OVERLAP || (cut && shareInside(detection.box, box) > PIECE_SHARE)),
    );
    if (!again) kept.push(detection);
  }
  return kept.sort((a, b) => b.score - a.score).slice(0, limit);
}

/** Whether a box ends at an edge of its region that is none of the picture. */
function isCut(box: Box, { x, y, width, height }: Region, picture: Size): boolean {
  const nearX = (EDGE_SHARE * width) / picture.width;
  const nearY = (EDGE_SHARE * height) / picture.height;
  return (
    (x > 0 && box.x1 < x / picture.width + nearX) ||
    (y > 0 && box.y1 < y / picture.height + nearY) ||
    (x + width < picture.width && box.x2 > (x + width) / picture.width - nearX) ||
    (y + height < picture.height && box.y2 > (y + height) / picture.height - nearY)
  );
}
