import { describe, expect, it } from 'vitest';
import { createGroundPlane } from '../../core/geometry/ground-plane.js';
import type { Point } from '../../domain/geometry.js';
import { footOf } from './boxes.js';
import { createFooting } from './footing.js';

/** A camera that looks askew at a road that runs along x, from 0 to 40 m. */
const ground = createGroundPlane({
  picture: [
    { x: 0.1, y: 0.9 },
    { x: 0.8, y: 0.35 },
    { x: 0.9, y: 0.4 },
    { x: 0.6, y: 1 },
  ],
  metres: [
    { x: 0, y: 6 },
    { x: 40, y: 6 },
    { x: 40, y: 0 },
    { x: 0, y: 0 },
  ],
});
const zone = [
  { x: 0, y: 2 },
  { x: 40, y: 2 },
  { x: 40, y: 4.5 },
  { x: 0, y: 4.5 },
].map((place) => ground.pictureAt(place));

/** The box of something of a size that stands along the road. */
function boxOf(middle: Point, length: number, width: number) {
  const corners = [-0.5, 0.5].flatMap((l) =>
    [-0.5, 0.5].map((w) => ground.pictureAt({ x: middle.x + l * length, y: middle.y + w * width })),
  );
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  return { x1: Math.min(...xs), x2: Math.max(...xs), y1: Math.min(...ys) - 0.1, y2: Math.max(...ys) };
}

describe('where a vehicle stands', () => {
  it.each([
    ['bus', 11.5, 2.5],
    ['car', 4.4, 1.8],
    ['truck', 6, 2.2],
  ])('is the middle of its footprint: %s', (label, length, width) => {
    const footing = createFooting(zone, ground);
    for (const x of [10, 18, 26]) {
      const at = ground.metresAt(footing(boxOf({ x, y: 3.2 }, length, width), label)) as Point;
      expect(Math.hypot(at.x - x, at.y - 3.2)).toBeLessThan(0.3);
    }
  });

  it('is its foot without metres, and for what has no size', () => {
    const box = boxOf({ x: 15, y: 3 }, 11.5, 2.5);
    expect(createFooting(zone, null)(box, 'bus')).toEqual(footOf(box));
    expect(createFooting(null, ground)(box, 'bus')).toEqual(footOf(box));
    expect(createFooting(zone, ground)(box, 'person')).toEqual(footOf(box));
    const sky = { x1: 0.1, x2: 0.3, y1: -3, y2: -2.8 };
    expect(createFooting(zone, ground)(sky, 'bus')).toEqual(footOf(sky));
  });
});
