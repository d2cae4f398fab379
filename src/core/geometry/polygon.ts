import type { Point, Polygon } from '../../domain/geometry.js';

/**
 * Whether a point lies inside a polygon (even-odd rule; a point exactly on an edge may fall either way).
 *
 * @example insidePolygon([{x:0,y:0},{x:1,y:0},{x:1,y:1},{x:0,y:1}], { x: 0.5, y: 0.5 }) // true
 */
export function insidePolygon(polygon: Polygon, p: Point): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const a = polygon[i] as Point;
    const b = polygon[j] as Point;
    if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/**
 * Sets the pixels of a plane whose centres lie inside a polygon.
 *
 * @param polygon normalised to 0..1.
 * @param plane `stride × height` bytes, row after row.
 */
export function fillPolygon(polygon: Polygon, plane: Uint8Array, width: number, height: number, stride: number, value: number): void {
  for (let y = 0; y < height; y++) {
    const crossings: number[] = [];
    const line = (y + 0.5) / height;
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
      const a = polygon[i] as Point;
      const b = polygon[j] as Point;
      if (a.y > line !== b.y > line) crossings.push(((b.x - a.x) * (line - a.y)) / (b.y - a.y) + a.x);
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil((crossings[i] as number) * width - 0.5));
      const to = Math.min(width, Math.ceil((crossings[i + 1] as number) * width - 0.5));
      if (to > from) plane.fill(value, y * stride + from, y * stride + to);
    }
  }
}
