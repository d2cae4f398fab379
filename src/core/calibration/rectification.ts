import type { Box, Point } from '../../domain/geometry.js';
import { type Homography, mapPoint } from '../geometry/homography.js';
import type { Lens } from './lens.js';
import type { LumaPicture } from './luma-picture.js';
import { cross, type HomogeneousPoint, type Vector } from './vanishing-point.js';

/**
 * The facade's plane, straightened: u to the right and v down, each linear in metres on the facade (how many is not known, nor
 * whether a metre across is as long as one down). At the picture's centre one step is one pixel.
 */
export interface Rectification {
  /** Picture, pixels → u, v. */
  inward(pixel: Point): Point;
  /** Back. */
  outward(uv: Point): Point;
  /** How near a point of the picture is, against the picture's centre: 2 looks twice as large. 0 and less: beyond the plane's horizon. */
  nearness(pixel: Point): number;
}

/**
 * @param vertical where the building's verticals meet, @param across where its storey lines meet, both through a straight lens.
 * @returns `null` when both lie in one direction, or the picture's centre on their horizon.
 */
export function createRectification(
  lens: Lens,
  vertical: HomogeneousPoint,
  across: HomogeneousPoint,
  width: number,
  height: number,
): Rectification | null {
  const centre: Vector = [width / 2, height / 2, 1];
  const horizon = cross(vertical, across);
  const depth = dot(horizon, centre);
  if (Math.abs(depth) < 1e-9 * Math.hypot(...horizon)) return null;
  const l = scale(horizon, 1 / depth);
  const u = pencil(cross(vertical, centre), 0);
  const v = pencil(cross(across, centre), 1);
  if (u === null || v === null) return null;
  const inward: Homography = [...u, ...v, ...l];
  const outward = inverse(inward);
  return {
    inward: (pixel) => mapPoint(inward, lens.straightened(pixel)),
    outward: (uv) => lens.bent(mapPoint(outward, uv)),
    nearness: (pixel) => {
      const { x, y } = lens.straightened(pixel);
      return l[0] * x + l[1] * y + l[2];
    },
  };
}

/** Up to a factor, which a homography does not have. */
function inverse([a, b, c, d, e, f, g, h, i]: Homography): Homography {
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
}

/** The line through the centre and one vanishing point as a coordinate: 0 on it, growing by 1 a pixel along the axis at the centre. */
function pencil(line: Vector, axis: 0 | 1): Vector | null {
  // d(line·p / l·p) at the centre, where line·p = 0 and l·p = 1.
  const slope = line[axis];
  const norm = Math.hypot(line[0], line[1]);
  if (norm === 0 || Math.abs(slope) < 0.3 * norm) return null;
  return scale(line, 1 / slope);
}

/** The facade's plane as a picture, with what of it the camera sees. */
export interface StraightPicture {
  /** Samples. */
  readonly columns: number;
  /** Samples. */
  readonly rows: number;
  /** Grey levels, row by row; NaN where the camera does not see. */
  readonly data: Float32Array;
  /** u, v of the first sample. */
  readonly origin: Point;
  /** u, v a sample. */
  readonly step: number;
}

/**
 * How much smaller than at the picture's centre the facade may appear before it is left out: beyond, a storey is a few pixels and
 * the plane runs away to its horizon.
 */
const FARTHEST = 3;

/** The part of the plane that the camera sees, u and v; `null` when that is nothing. */
export function visiblePart({ width, height }: LumaPicture, { inward, nearness }: Rectification): Box | null {
  let [x1, y1, x2, y2] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const grid = 48;
  for (let i = 0; i <= grid * (grid + 2); i++) {
    const pixel = { x: ((i % (grid + 1)) / grid) * width, y: (Math.floor(i / (grid + 1)) / grid) * height };
    if (nearness(pixel) < 1 / FARTHEST) continue;
    const { x, y } = inward(pixel);
    [x1, y1, x2, y2] = [Math.min(x1, x), Math.min(y1, y), Math.max(x2, x), Math.max(y2, y)];
  }
  return x2 > x1 && y2 > y1 ? { x1, y1, x2, y2 } : null;
}

/** Samples a part of the plane evenly, `step` apart. @param part u and v. */
export function straighten(picture: LumaPicture, { outward, nearness }: Rectification, part: Box, step: number): StraightPicture {
  const columns = Math.ceil((part.x2 - part.x1) / step);
  const rows = Math.ceil((part.y2 - part.y1) / step);
  const data = new Float32Array(columns * rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const pixel = outward({ x: part.x1 + c * step, y: part.y1 + r * step });
      data[r * columns + c] = nearness(pixel) > 1 / FARTHEST ? sample(picture, pixel) : Number.NaN;
    }
  }
  return { columns, rows, data, origin: { x: part.x1, y: part.y1 }, step };
}

/** Grey level between pixels, bilinear; NaN outside. */
function sample({ width, height, data }: LumaPicture, { x, y }: Point): number {
  if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1)) return Number.NaN;
  const [x0, y0] = [Math.min(width - 2, Math.floor(x)), Math.min(height - 2, Math.floor(y))];
  const [fx, fy] = [x - x0, y - y0];
  const i = y0 * width + x0;
  const top = (data[i] as number) * (1 - fx) + (data[i + 1] as number) * fx;
  const bottom = (data[i + width] as number) * (1 - fx) + (data[i + width + 1] as number) * fx;
  return top * (1 - fy) + bottom * fy;
}

const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const scale = (a: Vector, k: number): Vector => [a[0] * k, a[1] * k, a[2] * k];
