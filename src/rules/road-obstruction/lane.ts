import { insideBox } from '../../core/geometry/box.js';
import { insidePolygon } from '../../core/geometry/polygon.js';
import type { Box, Polygon } from '../../domain/geometry.js';

/** Points a side that a zone's bounds are sampled with; the work of one question is as many squared. */
const GRID = 96;
/** Slices across the lane's direction: each two rows of points thick, thinner than a car's footprint where that fills a twentieth of the lane. */
const SLICES = 48;
/** Depth of a footprint on the ground as a share of its width in the picture: from a pole, that of a car seen from the side or the front. */
const DEPTH = 0.5;

/** A lane across which things may lie: how much of its width they leave. */
export interface Lane {
  /** The largest share of the lane's width that boxes cover together anywhere along it, 0..1. */
  covered(boxes: readonly Box[]): number;
}

/**
 * Cuts a zone into slices across its longer direction. A thing covers what lies under the lower part of its box, as deep as {@link DEPTH} of its width.
 *
 * @param aspect the picture's width ÷ height.
 */
export function createLane(zone: Polygon, aspect: number): Lane {
  const points = sample(zone);
  const { x: ux, y: uy } = direction(points, aspect);
  const along = points.map(({ x, y }) => x * aspect * ux + y * uy);
  const least = Math.min(...along);
  const length = Math.max(1e-9, Math.max(...along) - least);
  const slices = along.map((u) => Math.min(SLICES - 1, Math.floor(((u - least) / length) * SLICES)));
  const sizes = new Array<number>(SLICES).fill(0);
  for (const slice of slices) sizes[slice] = (sizes[slice] as number) + 1;
  // Slices at pointed ends are soon full of anything.
  const fair = Math.max(1, 0.25 * (points.length / SLICES));

  return {
    covered(boxes) {
      const hit = new Array<number>(SLICES).fill(0);
      const feet = boxes.map(({ x1, y1, x2, y2 }) => ({ x1, x2, y1: y2 - Math.min(y2 - y1, DEPTH * (x2 - x1) * aspect), y2 }));
      points.forEach(({ x, y }, i) => {
        const slice = slices[i] as number;
        if (feet.some((foot) => insideBox(foot, x, y))) hit[slice] = (hit[slice] as number) + 1;
      });
      return hit.reduce((most, count, slice) => Math.max(most, count / Math.max(fair, sizes[slice] as number)), 0);
    },
  };
}

/** Points inside a zone, evenly spread. */
function sample(zone: Polygon): { readonly x: number; readonly y: number }[] {
  const [x1, x2] = [Math.min(...zone.map(({ x }) => x)), Math.max(...zone.map(({ x }) => x))];
  const [y1, y2] = [Math.min(...zone.map(({ y }) => y)), Math.max(...zone.map(({ y }) => y))];
  const points: { x: number; y: number }[] = [];
  for (let j = 0; j < GRID; j++) {
    for (let i = 0; i < GRID; i++) {
      const point = { x: x1 + ((i + 0.5) / GRID) * (x2 - x1), y: y1 + ((j + 0.5) / GRID) * (y2 - y1) };
      if (insidePolygon(zone, point)) points.push(point);
    }
  }
  return points;
}

/** The direction in which points spread most: the larger axis of their covariance. */
function direction(
  points: readonly { readonly x: number; readonly y: number }[],
  aspect: number,
): { readonly x: number; readonly y: number } {
  const n = Math.max(1, points.length);
  const mx = points.reduce((sum, { x }) => sum + x * aspect, 0) / n;
  const my = points.reduce((sum, { y }) => sum + y, 0) / n;
  let [xx, xy, yy] = [0, 0, 0];
  for (const { x, y } of points) {
    xx += (x * aspect - mx) ** 2;
    xy += (x * aspect - mx) * (y - my);
    yy += (y - my) ** 2;
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  return { x: Math.cos(angle), y: Math.sin(angle) };
}
