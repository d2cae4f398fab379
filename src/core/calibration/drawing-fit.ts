import type { Point } from '../../domain/geometry.js';
import { homographyFrom, mapPoint } from '../geometry/homography.js';
import type { FoundFacade } from './find-facade.js';

/** What the picture says of how far a facade of four corners can be right at all: no lens, and nothing that falls before the wall, is in it. */
export interface DrawingFit {
  /** How far a drawn floor line lies from where the lens shows it, at worst in the picture, storeys. */
  readonly bentStoreys: number;
  /** How many times as large as the highest storey the lowest looks, upright in the middle of the facade; 1 for a camera far off. */
  readonly steepness: number;
}

/** A proposed drawing. */
export interface FacadeDrawing {
  /** Pixels: top-left, top-right, bottom-right, bottom-left. */
  readonly corners: readonly [Point, Point, Point, Point];
  /** What lies between them, storeys of the comb. */
  readonly top: number;
  readonly bottom: number;
}

/** Points of a floor line that are compared, from side to side. */
const ACROSS = 8;
const unit = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
] as const;

/** @param width of the picture, pixels. */
export function judgeDrawing(
  { rectification, located, comb, extent }: Pick<FoundFacade, 'rectification' | 'located' | 'comb' | 'extent'>,
  { corners, top, bottom }: FacadeDrawing,
  width: number,
  height: number,
): DrawingFit {
  const { origin, step } = located.straight;
  const place = homographyFrom(unit, corners);
  let bentStoreys = 0;
  for (let storey = top; storey <= bottom; storey++) {
    for (let i = 0; i <= ACROSS; i++) {
      const pixel = mapPoint(place, { x: i / ACROSS, y: (storey - top) / (bottom - top) });
      if (pixel.x < 0 || pixel.y < 0 || pixel.x > width || pixel.y > height) continue;
      const row = (rectification.inward(pixel).y - origin.y) / step;
      bentStoreys = Math.max(bentStoreys, Math.abs(comb.storeyAt(row) - storey));
    }
  }
  const middle = origin.x + ((extent.left.at + extent.right.at) / 2) * step;
  const nearness = (storey: number): number =>
    rectification.nearness(rectification.outward({ x: middle, y: origin.y + comb.rowAt(storey) * step }));
  return { bentStoreys, steepness: nearness(extent.bottom.at) / nearness(extent.top.at) };
}
