import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { Box, Point, Polygon } from '../../domain/geometry.js';
import { UNKNOWN_OBJECT } from '../../domain/street.js';
import { footOf } from './boxes.js';
import { widthOnGround } from './ground-area.js';

/** Length and width of vehicles on the ground, metres: a mid-size car, a lorry of 7.5 t, a solo bus. */
const SIZES: Readonly<Record<string, { readonly length: number; readonly width: number }>> = {
  car: { length: 4.4, width: 1.8 },
  truck: { length: 6, width: 2.2 },
  bus: { length: 11.5, width: 2.5 },
};
/** Widths from which something without a name may be a bus, and a car, metres. */
const LONG_M = 8;
const VEHICLE_M = 1.5;
/** Steps of the fit; each brings it three times as near. */
const STEPS = 12;
/** What does not come nearer than this, shares of the picture, does not stand along the zone: then its foot counts. */
const CLOSE = 0.02;

/**
 * Where the middle of a vehicle stands that is aligned with a zone: for a long one seen askew that is not the middle of its box's lower edge, but metres behind it. Without
 * metres, and for what is no vehicle, its foot.
 */
export type Footing = (box: Box, label: string) => Point;

export function createFooting(zone: Polygon | null, ground: GroundPlane | null): Footing {
  const axis = zone === null || ground === null ? null : axisOf(zone, ground);
  if (ground === null || axis === null) return footOf;
  return (box, label) => {
    const size = SIZES[label === UNKNOWN_OBJECT ? unnamedAs(box, ground) : label];
    return size === undefined ? footOf(box) : (laid(box, size, axis, ground) ?? footOf(box));
  };
}

/** What something without a name is by its width on the ground. */
function unnamedAs(box: Box, ground: GroundPlane): string {
  const width = widthOnGround(box, ground);
  if (width === null) return UNKNOWN_OBJECT;
  return width >= LONG_M ? 'bus' : width >= VEHICLE_M ? 'car' : UNKNOWN_OBJECT;
}

/** Moves a rectangle on the ground until it lies as low in the picture as the box, and in its middle. */
function laid(box: Box, { length, width }: (typeof SIZES)[string] & object, axis: Point, ground: GroundPlane): Point | null {
  const wanted = footOf(box);
  let aim = wanted;
  for (let step = 0; step < STEPS; step++) {
    const middle = ground.metresAt(aim);
    if (middle === null) return null;
    const corners = [-0.5, 0.5].flatMap((l) =>
      [-0.5, 0.5].map((w) =>
        ground.pictureAt({
          x: middle.x + axis.x * l * length - axis.y * w * width,
          y: middle.y + axis.y * l * length + axis.x * w * width,
        }),
      ),
    );
    const xs = corners.map(({ x }) => x);
    const off = { x: wanted.x - (Math.min(...xs) + Math.max(...xs)) / 2, y: wanted.y - Math.max(...corners.map(({ y }) => y)) };
    if (!Number.isFinite(off.x) || !Number.isFinite(off.y)) return null;
    aim = { x: aim.x + off.x, y: aim.y + off.y };
    if (step === STEPS - 1 && Math.hypot(off.x, off.y) > CLOSE) return null;
  }
  return aim;
}

/** The direction of a zone's longest side on the ground: along it one parks and drives. */
function axisOf(zone: Polygon, ground: GroundPlane): Point | null {
  let longest: { readonly x: number; readonly y: number; readonly length: number } | null = null;
  for (const [i, corner] of zone.entries()) {
    const [a, b] = [ground.metresAt(corner), ground.metresAt(zone[(i + 1) % zone.length] as Point)];
    if (a === null || b === null) continue;
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length > (longest?.length ?? 0)) longest = { x: (b.x - a.x) / length, y: (b.y - a.y) / length, length };
  }
  return longest;
}
