import { fillPolygon } from '../../core/geometry/polygon.js';
import type { Box, Polygon } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';

/** Places of a zone's pixels in a picture's luma, row after row; worked out again when the size of the pictures changes. */
export function createZonePixels(polygon: Polygon | null): (picture: ScenePicture) => Int32Array {
  let known: { readonly width: number; readonly height: number; readonly places: Int32Array } | null = null;
  return ({ width, height }) => {
    if (known === null || known.width !== width || known.height !== height)
      known = { width, height, places: placesOf(polygon, width, height) };
    return known.places;
  };
}

function placesOf(polygon: Polygon | null, width: number, height: number): Int32Array {
  const plane = new Uint8Array(width * height);
  if (polygon === null) plane.fill(1);
  else fillPolygon(polygon, plane, width, height, width, 1);
  const places: number[] = [];
  plane.forEach((inside, at) => {
    if (inside === 1) places.push(at);
  });
  return Int32Array.from(places);
}

/** The smallest box around a zone, as far as it lies in the picture. */
export function boxAround(polygon: Polygon | null): Box {
  if (polygon === null) return { x1: 0, y1: 0, x2: 1, y2: 1 };
  const within = (value: number): number => Math.max(0, Math.min(1, value));
  return {
    x1: within(Math.min(...polygon.map(({ x }) => x))),
    y1: within(Math.min(...polygon.map(({ y }) => y))),
    x2: within(Math.max(...polygon.map(({ x }) => x))),
    y2: within(Math.max(...polygon.map(({ y }) => y))),
  };
}
