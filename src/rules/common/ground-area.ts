import type { GroundPlane } from '../../core/geometry/ground-plane.js';
import type { Polygon } from '../../domain/geometry.js';

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
