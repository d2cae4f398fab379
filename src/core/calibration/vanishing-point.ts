import { solveLinear } from '../geometry/homography.js';
import type { LineSegment } from './line-segments.js';

/** A point or a direction in homogeneous coordinates: the point `(x / w, y / w)`, or where w is 0 the direction `(x, y)`. Pixels. */
export type HomogeneousPoint = readonly [x: number, y: number, w: number];

export interface VanishingPoint {
  readonly point: HomogeneousPoint;
  /** Length of the segments that point to it, pixels; those that point a little beside it count less. */
  readonly votes: number;
  /** Share of the asked segments' length that points to it, 0..1. */
  readonly share: number;
}

/** Segments whose pairs are tried, the longest: 1,225 pairs. Fewer miss a facade beside a long kerb, more cost time. */
const TRIED = 50;
/** How far a segment may point beside the vanishing point, radians (0.9°), besides what its own ends are uncertain by. Wider takes in other buildings, narrower loses what the lens still bends. */
const BESIDE = 0.016;
/** Uncertainty of a segment's ends, pixels. */
const END_PX = 0.7;
/** Rounds of least squares, each over the segments that agree with the point of the last. */
const REFINEMENTS = 6;
/** Segments that must agree: two lines always meet. */
const LEAST_AGREEING = 3;

/**
 * The point that most of the segments' length points to: every pair of the longest is tried, the best refined by least squares. Nothing is
 * drawn by lot, so the same segments give the same point.
 *
 * @param width of the picture, pixels.
 * @returns `null` for fewer than three segments that agree.
 */
export function findVanishingPoint(segments: readonly LineSegment[], width: number, height: number): VanishingPoint | null {
  const rays = segments.map((segment) => toRay(segment, width, height)).sort((a, b) => b.length - a.length);
  let best: HomogeneousPoint | null = null;
  let bestVotes = 0;
  const tried = rays.slice(0, TRIED);
  for (const [i, first] of tried.entries()) {
    for (const second of tried.slice(i + 1)) {
      const point = unit(cross(first.line, second.line));
      if (point === null) continue;
      const sum = votes(rays, point);
      if (sum <= bestVotes) continue;
      best = point;
      bestVotes = sum;
    }
  }
  if (best === null) return null;
  for (let round = 0; round < REFINEMENTS; round++) best = refine(rays, best) ?? best;
  const point = best;
  if (rays.filter((ray) => vote(ray, point) > 0).length < LEAST_AGREEING) return null;
  const total = rays.reduce((sum, { length }) => sum + length, 0);
  const sum = votes(rays, point);
  return {
    point: [(point[0] * width) / 2 + (point[2] * width) / 2, (point[1] * width) / 2 + (point[2] * height) / 2, point[2]],
    votes: sum,
    share: sum / total,
  };
}

/** A segment in coordinates from the middle of the picture in half widths: squares of far points stay of the size of near ones. */
interface Ray {
  readonly line: Vector;
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly length: number;
  /** Square of the angle it may be off, radians. */
  readonly allowed: number;
}

/** Three numbers: a point, a direction or a line in homogeneous coordinates. */
export type Vector = readonly [number, number, number];

function toRay(segment: LineSegment, width: number, height: number): Ray {
  const scale = 2 / width;
  const { a, b, lengthPx } = segment;
  const [ax, ay] = [(a.x - width / 2) * scale, (a.y - height / 2) * scale];
  const [bx, by] = [(b.x - width / 2) * scale, (b.y - height / 2) * scale];
  const length = Math.hypot(bx - ax, by - ay);
  const [dx, dy] = [(bx - ax) / length, (by - ay) / length];
  const line: Vector = [-dy, dx, dy * ax - dx * ay];
  return { line, x: (ax + bx) / 2, y: (ay + by) / 2, dx, dy, length: lengthPx, allowed: BESIDE ** 2 + (END_PX / lengthPx) ** 2 };
}

const votes = (rays: readonly Ray[], point: HomogeneousPoint): number => rays.reduce((sum, ray) => sum + vote(ray, point), 0);

/** The segment's length, less the further it points beside the point. */
function vote(ray: Ray, [x, y, w]: HomogeneousPoint): number {
  const [tx, ty] = [x - w * ray.x, y - w * ray.y];
  const sine = (tx * ray.dy - ty * ray.dx) ** 2 / (tx * tx + ty * ty);
  return ray.length * Math.max(0, 1 - sine / ray.allowed);
}

/** Least squares of the distances between the agreeing lines and the point: the smallest eigenvector, by inverse iteration. */
function refine(rays: readonly Ray[], from: HomogeneousPoint): HomogeneousPoint | null {
  const m = [0, 0, 0, 0, 0, 0];
  for (const ray of rays) {
    const weight = vote(ray, from) * ray.length;
    if (weight === 0) continue;
    const [a, b, c] = ray.line;
    for (const [i, product] of [a * a, a * b, a * c, b * b, b * c, c * c].entries()) m[i] = (m[i] as number) + weight * product;
  }
  const [aa, ab, ac, bb, bc, cc] = m as [number, number, number, number, number, number];
  const ridge = 1e-9 * (aa + bb + cc);
  let point: HomogeneousPoint = from;
  for (let k = 0; k < 4; k++) {
    const rows = [
      [aa + ridge, ab, ac, point[0]],
      [ab, bb + ridge, bc, point[1]],
      [ac, bc, cc + ridge, point[2]],
    ];
    const next = solveLinear(rows);
    const normal = next === null ? null : unit(next as unknown as Vector);
    if (normal === null) return null;
    point = normal;
  }
  return point;
}

/** The line through two points, or the point where two lines meet. */
export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(v: Vector): Vector | null {
  const length = Math.hypot(...v);
  return length < 1e-9 || !Number.isFinite(length) ? null : [v[0] / length, v[1] / length, v[2] / length];
}
