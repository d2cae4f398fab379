import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import { type Homography, homographyFrom, mapPoint } from './homography.js';

/**
 * A facade's own coordinates in metres: x to the right from its lower left corner, y *up* from the lower edge of its first
 * floor; and the picture in pixels.
 */
export interface FacadePlane {
  readonly widthM: number;
  readonly heightM: number;
  /** Pixels → metres on the facade. Points near or beyond the plane's horizon give huge or non-finite values. */
  toMetres(pixel: Point): Point;
  /** Metres on the facade → pixels. */
  toPixels(metres: Point): Point;
  /** Pixels a metre of height takes at a point of the facade. */
  pixelsPerMetre(metres: Point): number;
  /** Number of the floor at a height, not limited to the facade's own floors: 1.5 floors above the lower edge is `first + 1`. */
  floorAt(heightM: number): number;
  /** Name of the unit at a distance from the left edge; `null` outside the facade or when units are not named. */
  unitAt(xM: number): string | null;
}

/** Width over height of a facade whose picture says nothing about it: a usual slab of 24 floors. */
const FALLBACK_ASPECT = 0.4;

/**
 * @param width picture width, pixels.
 * @throws {RangeError} when the corners do not make a convex quadrilateral.
 */
export function createFacadePlane(facade: Facade, width: number, height: number): FacadePlane {
  const { first, last, heightM: floorM } = facade.floors;
  const heightM = (last - first + 1) * floorM;
  const [tl, tr, br, bl] = facade.corners.map((c) => ({ x: c.x * width, y: c.y * height })) as [Point, Point, Point, Point];
  assertConvex([tl, tr, br, bl]);
  const widthM = facade.widthM ?? heightM * clampAspect(aspectFromPerspective([tl, tr, br, bl], { x: width / 2, y: height / 2 }));
  const plane: [Point, Point, Point, Point] = [
    { x: 0, y: heightM },
    { x: widthM, y: heightM },
    { x: widthM, y: 0 },
    { x: 0, y: 0 },
  ];
  const inward: Homography = homographyFrom([tl, tr, br, bl], plane);
  const outward: Homography = homographyFrom(plane, [tl, tr, br, bl]);
  const toPixels = (metres: Point): Point => mapPoint(outward, metres);
  return {
    widthM,
    heightM,
    toMetres: (pixel) => mapPoint(inward, pixel),
    toPixels,
    pixelsPerMetre(metres) {
      const a = toPixels({ x: metres.x, y: metres.y - 0.5 });
      const b = toPixels({ x: metres.x, y: metres.y + 0.5 });
      return Math.hypot(a.x - b.x, a.y - b.y);
    },
    floorAt: (metres) => first + Math.floor(metres / floorM),
    unitAt(xM) {
      const index = Math.floor((xM / widthM) * facade.units.length);
      return facade.units[index] ?? null;
    },
  };
}

/**
 * Width over height of a rectangle from the perspective of its picture, for a camera with square pixels and its principal
 * point at `centre`; `null` where the picture cannot tell (edges nearly parallel).
 *
 * @source Zhang and He, Whiteboard Scanning and Image Enhancement, MSR-TR-2003-39, section 3.4.
 */
export function aspectFromPerspective(corners: readonly [Point, Point, Point, Point], centre: Point): number | null {
  const [tl, tr, br, bl] = corners.map((c) => [c.x - centre.x, c.y - centre.y, 1] as const) as [Vector, Vector, Vector, Vector];
  const k2 = dot(cross(tl, br), bl) / dot(cross(tr, br), bl);
  const k3 = dot(cross(tl, br), tr) / dot(cross(bl, br), tr);
  const n2 = minus(scale(tr, k2), tl);
  const n3 = minus(scale(bl, k3), tl);
  if (Math.abs(n2[2]) < 1e-3 || Math.abs(n3[2]) < 1e-3) return null;
  const f2 = -(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2]);
  if (!(f2 > 1)) return null;
  const length = (n: Vector): number => Math.sqrt((n[0] ** 2 + n[1] ** 2) / f2 + n[2] ** 2);
  const aspect = length(n2) / length(n3);
  return Number.isFinite(aspect) ? aspect : null;
}

function clampAspect(aspect: number | null): number {
  return aspect === null ? FALLBACK_ASPECT : Math.min(5, Math.max(0.05, aspect));
}

type Vector = readonly [number, number, number];
const cross = (a: Vector, b: Vector): Vector => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const scale = (a: Vector, k: number): Vector => [a[0] * k, a[1] * k, a[2] * k];

function assertConvex(corners: readonly [Point, Point, Point, Point]): void {
  for (let i = 0; i < 4; i++) {
    const [a, b, c] = [corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]] as [Point, Point, Point];
    const turn = (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
    if (!(turn > 0)) throw new RangeError('facade corners must go round the facade: top-left, top-right, bottom-right, bottom-left');
  }
}
