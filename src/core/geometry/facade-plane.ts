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
  /** The same as {@link toPixels} in numbers, for who maps thousands of points a picture. */
  readonly projection: ProjectionMatrix;
  /** Metres on the facade, and `outM` metres in front of it (0 by default), → pixels. */
  toPixels(metres: Point, outM?: number): Point;
  /** Whether a place lies before the camera; one behind it has no pixel, whatever {@link toPixels} says. */
  isAhead(metres: Point, outM: number): boolean;
  /** Pixels a metre of height takes at a point of the facade. */
  pixelsPerMetre(metres: Point): number;
  /** Where the camera stands: metres, `out` in front of the facade. */
  readonly camera: { readonly x: number; readonly y: number; readonly out: number };
  /** Number of the floor at a height, not limited to the facade's own floors: 1.5 floors above the lower edge is `first + 1`. */
  floorAt(heightM: number): number;
  /** Name of the unit at a distance from the left edge; `null` outside the facade or when units are not named. */
  unitAt(xM: number): string | null;
}

/** 3 × 4, row by row: its product with (x, y, out, 1), in metres, is (pixel x · w, pixel y · w, w). */
type ProjectionMatrix = readonly number[];

/** Puts the pixel of a point in front of the facade, metres (x, y, out), into `pixel`, without asking for memory. */
export function projectInto(pixel: Float64Array, metres: Float64Array, m: ProjectionMatrix): void {
  const x = metres[0] as number;
  const y = metres[1] as number;
  const out = metres[2] as number;
  const w = (m[8] as number) * x + (m[9] as number) * y + (m[11] as number) + (m[10] as number) * out;
  pixel[0] = ((m[0] as number) * x + (m[1] as number) * y + (m[3] as number) + (m[2] as number) * out) / w;
  pixel[1] = ((m[4] as number) * x + (m[5] as number) * y + (m[7] as number) + (m[6] as number) * out) / w;
}

/** Focal length in picture widths where the picture cannot tell: some 50° across, the usual lens for a facade. */
const USUAL_FOCAL = 1.1;
/** Focal lengths that are believed, picture widths: 10° to 110° across. Outside, the drawn corners are not exact enough to tell. */
const MIN_FOCAL = 0.35;
const MAX_FOCAL = 6;

/**
 * @param width picture width, pixels.
 * @throws {RangeError} when the corners do not make a convex quadrilateral.
 */
export function createFacadePlane(facade: Facade, width: number, height: number): FacadePlane {
  const { first, last, heightM: floorM } = facade.floors;
  const heightM = (last - first + 1) * floorM;
  const [tl, tr, br, bl] = facade.corners.map((c) => ({ x: c.x * width, y: c.y * height })) as [Point, Point, Point, Point];
  assertConvex([tl, tr, br, bl]);
  const centre = { x: width / 2, y: height / 2 };
  const focalPx =
    focalFromPerspective([tl, tr, br, bl], centre, width) ??
    (facade.widthM === null ? null : focalFromAspect([tl, tr, br, bl], centre, width, facade.widthM / heightM)) ??
    USUAL_FOCAL * width;
  const widthM = facade.widthM ?? heightM * aspectAt([tl, tr, br, bl], centre, focalPx);
  const plane: [Point, Point, Point, Point] = [
    { x: 0, y: heightM },
    { x: widthM, y: heightM },
    { x: widthM, y: 0 },
    { x: 0, y: 0 },
  ];
  const inward: Homography = homographyFrom([tl, tr, br, bl], plane);
  const outward: Homography = homographyFrom(plane, [tl, tr, br, bl]);
  const out = outwardDirection(outward, centre, focalPx);
  const toPixels = (metres: Point, outM = 0): Point => {
    const { x, y } = metres;
    const w = outward[6] * x + outward[7] * y + outward[8] + out[2] * outM;
    return {
      x: (outward[0] * x + outward[1] * y + outward[2] + out[0] * outM) / w,
      y: (outward[3] * x + outward[4] * y + outward[5] + out[1] * outM) / w,
    };
  };
  const projection = [0, 1, 2].flatMap((i) => [outward[3 * i], outward[3 * i + 1], out[i], outward[3 * i + 2]] as number[]);
  return {
    widthM,
    heightM,
    projection,
    camera: cameraOf(projection),
    toMetres: (pixel) => mapPoint(inward, pixel),
    toPixels,
    // Scaled so that it is 1 at the facade's lower left corner, which is seen or could be.
    isAhead: ({ x, y }, outM) => outward[6] * x + outward[7] * y + outward[8] + out[2] * outM > 0,
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
 * Focal length in pixels from the picture of a rectangle, for square pixels and a principal point at `centre`; `null` where the
 * picture cannot tell (one pair of edges nearly parallel) or the result is no real lens.
 *
 * @source Zhang and He, Whiteboard Scanning and Image Enhancement, MSR-TR-2003-39, section 3.4.
 */
export function focalFromPerspective(corners: FourPoints, centre: Point, width: number): number | null {
  const [n2, n3] = edgeDirections(corners, centre);
  // With exact corners any convergence tells; with corners drawn by hand some 2 % of the picture's width are needed.
  if (Math.abs(n2[2]) < 0.02 || Math.abs(n3[2]) < 0.02) return null;
  return realLens(Math.sqrt(-(n2[0] * n3[0] + n2[1] * n3[1]) / (n2[2] * n3[2])), width);
}

/** The same from the rectangle's known width over height: it tells where the edges' directions alone do not. */
function focalFromAspect(corners: FourPoints, centre: Point, width: number, aspect: number): number | null {
  const [n2, n3] = edgeDirections(corners, centre);
  const above = n2[0] ** 2 + n2[1] ** 2 - aspect ** 2 * (n3[0] ** 2 + n3[1] ** 2);
  const below = aspect ** 2 * n3[2] ** 2 - n2[2] ** 2;
  return realLens(Math.sqrt(above / below), width);
}

const realLens = (focalPx: number, width: number): number | null =>
  focalPx >= MIN_FOCAL * width && focalPx <= MAX_FOCAL * width ? focalPx : null;

/** Width over height of a rectangle seen through a lens of the given focal length, pixels. */
function aspectAt(corners: FourPoints, centre: Point, focalPx: number): number {
  const length = (n: Vector): number => Math.sqrt((n[0] ** 2 + n[1] ** 2) / focalPx ** 2 + n[2] ** 2);
  const [n2, n3] = edgeDirections(corners, centre);
  return length(n2) / length(n3);
}

/** Directions of the rectangle's upper and left edge as the camera sees them, up to the focal length. */
function edgeDirections(corners: FourPoints, centre: Point): [Vector, Vector] {
  const [tl, tr, br, bl] = corners.map((c) => [c.x - centre.x, c.y - centre.y, 1] as const) as unknown as [Vector, Vector, Vector, Vector];
  const k2 = dot(cross(tl, br), bl) / dot(cross(tr, br), bl);
  const k3 = dot(cross(tl, br), tr) / dot(cross(bl, br), tr);
  return [minus(scale(tr, k2), tl), minus(scale(bl, k3), tl)];
}

/** The point that a projection takes to no pixel: where all its rays meet. */
function cameraOf(m: ProjectionMatrix): FacadePlane['camera'] {
  const column = (i: number): Vector => [m[i] as number, m[4 + i] as number, m[8 + i] as number];
  const [x, y, out, last] = [column(0), column(1), column(2), column(3)];
  const whole = dot(x, cross(y, out));
  return { x: -dot(last, cross(y, out)) / whole, y: -dot(x, cross(last, out)) / whole, out: -dot(x, cross(y, last)) / whole };
}

/** Third column of the projection whose first, second and fourth are the homography's: a metre straight out of the facade. */
function outwardDirection(h: Homography, centre: Point, focalPx: number): Vector {
  const column = (i: 0 | 1): Vector => [
    ((h[i] as number) - centre.x * (h[i + 6] as number)) / focalPx,
    ((h[i + 3] as number) - centre.y * (h[i + 6] as number)) / focalPx,
    h[i + 6] as number,
  ];
  const right = column(0);
  const up = column(1);
  const norm = (Math.sqrt(dot(right, right)) + Math.sqrt(dot(up, up))) / 2;
  const [x, y, z] = scale(cross(right, up), 1 / norm);
  return [focalPx * x + centre.x * z, focalPx * y + centre.y * z, z];
}

type FourPoints = readonly [Point, Point, Point, Point];
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
