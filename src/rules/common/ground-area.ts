import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { Box, Polygon } from '../../domain/geometry.js';

/** What a zone covers of the ground, square metres; `null` where metres are unknown, or where it reaches above the horizon. */
export function groundArea(zone: Polygon | null, ground: GroundPlane | null): number | null {
  if (zone === null || ground === null) return null;
  const corners = zone.flatMap((corner) => ground.metresAt(corner) ?? []);
  if (corners.length < zone.length) return null;
  let twice = 0;
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length] as typeof a;
    twice += a.x * b.y - b.x * a.y;
  });
  const area = Math.abs(twice) / 2;
  return area > 0 ? area : null;
}

/** How wide what stands on a box's lower edge is, metres; `null` where metres are unknown, or at the horizon. */
export function widthOnGround({ x1, x2, y2 }: Box, ground: GroundPlane | null): number | null {
  const left = ground?.metresAt({ x: x1, y: y2 }) ?? null;
  const right = ground?.metresAt({ x: x2, y: y2 }) ?? null;
  return left === null || right === null ? null : Math.hypot(left.x - right.x, left.y - right.y);
}
