import type { Point } from '../../domain/geometry.js';
import type { LumaPicture } from './luma-picture.js';

/** A straight edge in the picture, pixels. */
export interface LineSegment {
  readonly a: Point;
  readonly b: Point;
  readonly lengthPx: number;
}

/** How far the edge's direction at a pixel may differ from the region's, radians: 22.5°. Wider joins curves, narrower breaks edges up in noise. */
const ALIGNED = Math.PI / 8;
/** Least gradient, grey levels a pixel. Below, quantisation turns the direction by more than {@link ALIGNED} (2 / sin 22.5°, halved: the picture is a smoothed median). */
const LEAST_GRADIENT = 2.5;
/** Least share of a region's enclosing rectangle that it must fill; less and it is a bend or a texture. */
const LEAST_FILL = 0.55;

/**
 * Straight edges: regions of neighbouring pixels whose gradients point the same way, each replaced by its main axis.
 *
 * @param leastPx shortest edge that is kept, pixels.
 * @source the region growing of Grompone von Gioi and others, "LSD: a Line Segment Detector", IPOL 2012, without its a-contrario test: what
 *   chance makes is outvoted later.
 */
export function findLineSegments(picture: LumaPicture, leastPx: number): LineSegment[] {
  const { width, height } = picture;
  const { angles, magnitudes } = edgeField(picture);
  const used = new Uint8Array(width * height);
  const region = new Int32Array(width * height);
  const segments: LineSegment[] = [];
  for (const seed of strongestFirst(magnitudes)) {
    if (used[seed] === 1) continue;
    const count = grow(seed, angles, magnitudes, used, region, width, height);
    if (count < leastPx) continue;
    const segment = mainAxis(region, count, magnitudes, width);
    if (segment !== null && segment.lengthPx >= leastPx) segments.push(segment);
  }
  return segments;
}

/** Direction along the edge (the brighter side to its right) and strength of the gradient at every pixel; 0 where it is too weak. */
function edgeField({ width, height, data }: LumaPicture): { angles: Float32Array; magnitudes: Float32Array } {
  const angles = new Float32Array(width * height);
  const magnitudes = new Float32Array(width * height);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const gx = ((data[i + 1] as number) - (data[i - 1] as number)) / 2;
      const gy = ((data[i + width] as number) - (data[i - width] as number)) / 2;
      const magnitude = Math.hypot(gx, gy);
      if (magnitude < LEAST_GRADIENT) continue;
      magnitudes[i] = magnitude;
      angles[i] = Math.atan2(-gx, gy);
    }
  }
  return { angles, magnitudes };
}

/** Pixels with a gradient, the strongest first to within a grey level: growing from strong edges keeps them whole. */
function strongestFirst(magnitudes: Float32Array): Int32Array {
  const counts = new Int32Array(257);
  const bucket = (magnitude: number): number => 255 - Math.min(255, Math.floor(magnitude));
  let total = 0;
  for (const magnitude of magnitudes) {
    if (magnitude === 0) continue;
    counts[bucket(magnitude) + 1] = (counts[bucket(magnitude) + 1] as number) + 1;
    total++;
  }
  for (let i = 1; i < 257; i++) counts[i] = (counts[i] as number) + (counts[i - 1] as number);
  const order = new Int32Array(total);
  for (let i = 0; i < magnitudes.length; i++) {
    const magnitude = magnitudes[i] as number;
    if (magnitude === 0) continue;
    const at = counts[bucket(magnitude)] as number;
    counts[bucket(magnitude)] = at + 1;
    order[at] = i;
  }
  return order;
}

/** Fills `region` with the pixels that hang together with the seed and share its direction; returns their number. */
function grow(
  seed: number,
  angles: Float32Array,
  magnitudes: Float32Array,
  used: Uint8Array,
  region: Int32Array,
  width: number,
  height: number,
): number {
  let count = 1;
  region[0] = seed;
  used[seed] = 1;
  let [cos, sin] = [Math.cos(angles[seed] as number), Math.sin(angles[seed] as number)];
  let angle = angles[seed] as number;
  for (let k = 0; k < count; k++) {
    const at = region[k] as number;
    const [x, y] = [at % width, Math.floor(at / width)];
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const i = ny * width + nx;
        if (used[i] === 1 || magnitudes[i] === 0 || turn(angles[i] as number, angle) > ALIGNED) continue;
        used[i] = 1;
        region[count++] = i;
        cos += Math.cos(angles[i] as number);
        sin += Math.sin(angles[i] as number);
        angle = Math.atan2(sin, cos);
      }
    }
  }
  return count;
}

function turn(a: number, b: number): number {
  const difference = Math.abs(a - b) % (2 * Math.PI);
  return difference > Math.PI ? 2 * Math.PI - difference : difference;
}

/** The region's main axis, weighted by gradient; `null` for a blot. */
function mainAxis(region: Int32Array, count: number, magnitudes: Float32Array, width: number): LineSegment | null {
  let [weight, sx, sy] = [0, 0, 0];
  for (let k = 0; k < count; k++) {
    const i = region[k] as number;
    const w = magnitudes[i] as number;
    weight += w;
    sx += w * (i % width);
    sy += w * Math.floor(i / width);
  }
  const [cx, cy] = [sx / weight, sy / weight];
  let [xx, xy, yy] = [0, 0, 0];
  for (let k = 0; k < count; k++) {
    const i = region[k] as number;
    const [dx, dy, w] = [(i % width) - cx, Math.floor(i / width) - cy, magnitudes[i] as number];
    xx += w * dx * dx;
    xy += w * dx * dy;
    yy += w * dy * dy;
  }
  const theta = Math.atan2(2 * xy, xx - yy) / 2;
  const [ux, uy] = [Math.cos(theta), Math.sin(theta)];
  let [low, high, left, right] = [0, 0, 0, 0];
  for (let k = 0; k < count; k++) {
    const i = region[k] as number;
    const [dx, dy] = [(i % width) - cx, Math.floor(i / width) - cy];
    const along = dx * ux + dy * uy;
    const across = dy * ux - dx * uy;
    low = Math.min(low, along);
    high = Math.max(high, along);
    left = Math.min(left, across);
    right = Math.max(right, across);
  }
  const lengthPx = high - low;
  const thickPx = right - left + 1;
  if (count < LEAST_FILL * (lengthPx + 1) * thickPx || lengthPx < 2 * thickPx) return null;
  return { a: { x: cx + low * ux, y: cy + low * uy }, b: { x: cx + high * ux, y: cy + high * uy }, lengthPx };
}
