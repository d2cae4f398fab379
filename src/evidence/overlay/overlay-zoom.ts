import type { Point } from '../../domain/geometry.js';
import { clamp } from '../drawing/picture.js';
import type { Region, Size } from '../drawing/sprite.js';

/** A part of a picture, magnified: planes of `yuv420p` with even sides. */
export interface Zoom extends Size {
  readonly planes: Uint8Array;
}

/**
 * Magnifies the surroundings of a point, linearly between samples. Nothing is sharpened: a thing of 3 px shows as what it is.
 *
 * @param planes of a `yuv420p` picture.
 * @param centre pixels; near an edge the edge's own pixels are repeated.
 * @param factor picture pixels become so many.
 * @param into size of the result, pixels; even.
 */
export function magnify(planes: Uint8Array, size: Size, centre: Point, factor: number, into: Size): Zoom {
  const result = new Uint8Array((into.width * into.height * 3) / 2);
  const half = { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
  const halfInto = { width: into.width / 2, height: into.height / 2 };
  const halfCentre = { x: centre.x / 2, y: centre.y / 2 };
  const chroma = half.width * half.height;
  const chromaInto = halfInto.width * halfInto.height;
  const luma = size.width * size.height;
  const lumaInto = into.width * into.height;
  scalePlane(planes.subarray(0, luma), size, centre, factor, result.subarray(0, lumaInto), into);
  for (const i of [0, 1]) {
    const from = planes.subarray(luma + i * chroma, luma + (i + 1) * chroma);
    scalePlane(from, half, halfCentre, factor, result.subarray(lumaInto + i * chromaInto, lumaInto + (i + 1) * chromaInto), halfInto);
  }
  return { ...into, planes: result };
}

function scalePlane(from: Uint8Array, size: Size, centre: Point, factor: number, into: Uint8Array, intoSize: Size): void {
  const { width, height } = size;
  const columns = Array.from({ length: intoSize.width }, (_, x) => sampleAt(centre.x + (x + 0.5 - intoSize.width / 2) / factor, width));
  for (let y = 0; y < intoSize.height; y++) {
    const row = sampleAt(centre.y + (y + 0.5 - intoSize.height / 2) / factor, height);
    const above = row.first * width;
    const below = row.second * width;
    for (let x = 0; x < intoSize.width; x++) {
      const { first, second, share } = columns[x] as Sample;
      const top = (from[above + first] as number) * (1 - share) + (from[above + second] as number) * share;
      const bottom = (from[below + first] as number) * (1 - share) + (from[below + second] as number) * share;
      into[y * intoSize.width + x] = Math.round(top * (1 - row.share) + bottom * row.share);
    }
  }
}

interface Sample {
  readonly first: number;
  readonly second: number;
  /** Of the second, 0..1. */
  readonly share: number;
}

/** The two samples around a place; sample `i` stands at `i + 0.5`. */
function sampleAt(place: number, length: number): Sample {
  const at = clamp(place - 0.5, 0, length - 1);
  const first = Math.floor(at);
  return { first, second: Math.min(first + 1, length - 1), share: at - first };
}

/** Puts a magnified part into a picture. @param at even, so that chroma samples fall on chroma samples; what lies outside is left out. */
export function putZoom(zoom: Zoom, planes: Uint8Array, size: Size, at: Pick<Region, 'left' | 'top'>): void {
  const luma = size.width * size.height;
  const half = { width: Math.ceil(size.width / 2), height: Math.ceil(size.height / 2) };
  const zoomHalf = { width: zoom.width / 2, height: zoom.height / 2 };
  const lumaZoom = zoom.width * zoom.height;
  copyPlane(zoom.planes, 0, zoom, planes, 0, size, at.left, at.top);
  for (const i of [0, 1]) {
    const from = lumaZoom + i * zoomHalf.width * zoomHalf.height;
    copyPlane(zoom.planes, from, zoomHalf, planes, luma + i * half.width * half.height, half, at.left / 2, at.top / 2);
  }
}

function copyPlane(
  source: Uint8Array,
  sourceAt: number,
  { width, height }: Size,
  target: Uint8Array,
  targetAt: number,
  size: Size,
  left: number,
  top: number,
): void {
  const columns = Math.min(width, size.width - left);
  for (let y = 0; y < Math.min(height, size.height - top) && columns > 0; y++) {
    const from = sourceAt + y * width;
    target.set(source.subarray(from, from + columns), targetAt + (top + y) * size.width + left);
  }
}
