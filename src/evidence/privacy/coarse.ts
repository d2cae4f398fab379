import type { Box } from '../../domain/geometry.js';
import type { Redaction } from '../../domain/redaction.js';
import type { RgbPicture } from '../../media/image.js';
import { type PictureCut, runsInside } from '../drawing/picture.js';

/**
 * Least side of a block, pixels. Programs that find and know faces need some 16 px across one; a face of that size is then a single colour.
 * Smaller: near windows could be read again.
 */
const minBlockPx = 16;
/**
 * A block of which less than this share is hidden takes its neighbour's colour: the mean of a few pixels at the edge of what is hidden would
 * show those pixels.
 */
const leastShare = 0.25;

/** Which pixels of pictures of one size are shown in blocks. */
export interface CoarsePlan {
  readonly width: number;
  readonly height: number;
  /** Least side of a block, pixels. */
  readonly blockPx: number;
  /** One byte a pixel: 1 where nothing may be recognised. */
  readonly hidden: Uint8Array;
}

/**
 * What is to be shown in blocks of pictures that have been blacked out; `null` where nothing is. What is black stays so.
 *
 * @param size of the pictures, pixels.
 */
export function coarsePlan({ coarse, black }: Redaction, size: { readonly width: number; readonly height: number }): CoarsePlan | null {
  if (coarse === null) return null;
  const { width, height } = size;
  const hidden = new Uint8Array(width * height);
  for (const part of coarse.parts) for (const { y, from, to } of runsInside(part, size)) hidden.fill(1, y * width + from, y * width + to);
  for (const mask of black) for (const { y, from, to } of runsInside(mask, size)) hidden.fill(0, y * width + from, y * width + to);
  return { width, height, blockPx: Math.max(minBlockPx, Math.ceil(coarse.blockShare * height)), hidden };
}

/**
 * Shows what is to be hidden in blocks of one colour each, in place: the mean of what is hidden of each. Nothing finer is left in the
 * picture, so nothing can be brought back from it.
 *
 * @param clear whole pixels, inside the picture: what is to be seen all the same.
 */
export function coarsen(picture: RgbPicture, plan: CoarsePlan, clear: readonly Box[]): void {
  const uncover = covered(plan, clear);
  for (const channel of [0, 1, 2]) coarsenPlane(picture.data, channel, 3, plan);
  uncover();
}

/** {@link coarsen} for a single picture, where its camera's redaction says so. */
export function hideWindows(picture: RgbPicture, redaction: Redaction, clear: readonly Box[]): void {
  const plan = coarsePlan(redaction, picture);
  if (plan !== null) coarsen(picture, plan, clear);
}

/** {@link coarsen} for a part that was cut out of a picture; `plan` is that of the whole picture. */
export function coarsenCut(cut: PictureCut, plan: CoarsePlan, clear: readonly Box[]): void {
  const { width, height, x, y } = cut;
  const hidden = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * plan.width + x;
    hidden.set(plan.hidden.subarray(from, from + width), row * width);
  }
  const inside = clear.map((box) => ({
    x1: Math.max(0, box.x1 - x),
    y1: Math.max(0, box.y1 - y),
    x2: Math.min(width, box.x2 - x),
    y2: Math.min(height, box.y2 - y),
  }));
  coarsen(cut, { width, height, blockPx: plan.blockPx, hidden }, inside);
}

/** The plans of a `yuv420p` picture's luma and chroma. */
export interface PlanarPlan {
  readonly luma: CoarsePlan;
  readonly chroma: CoarsePlan;
}

/** {@link coarsePlan} for them. */
export function planarPlan(redaction: Redaction, size: { readonly width: number; readonly height: number }): PlanarPlan | null {
  const luma = coarsePlan(redaction, size);
  if (luma === null) return null;
  const width = Math.ceil(luma.width / 2);
  const height = Math.ceil(luma.height / 2);
  const hidden = new Uint8Array(width * height);
  for (let y = 0; y < luma.height; y++) {
    const [from, into] = [y * luma.width, (y >> 1) * width];
    for (let x = 0; x < luma.width; x++) if (luma.hidden[from + x] === 1) hidden[into + (x >> 1)] = 1;
  }
  return { luma, chroma: { width, height, blockPx: Math.ceil(luma.blockPx / 2), hidden } };
}

/** {@link coarsen} for the planes of a `yuv420p` picture. */
export function coarsenPlanes(planes: Uint8Array, plan: PlanarPlan, clear: readonly Box[]): void {
  const pixels = plan.luma.width * plan.luma.height;
  const samples = plan.chroma.width * plan.chroma.height;
  // A sample of colour is clear only where all of its pixels are.
  const half = clear.map((b) => ({ x1: Math.ceil(b.x1 / 2), y1: Math.ceil(b.y1 / 2), x2: Math.floor(b.x2 / 2), y2: Math.floor(b.y2 / 2) }));
  const uncoverLuma = covered(plan.luma, clear);
  const uncoverChroma = covered(plan.chroma, half);
  coarsenPlane(planes, 0, 1, plan.luma);
  for (const i of [0, 1]) coarsenPlane(planes, pixels + i * samples, 1, plan.chroma);
  uncoverLuma();
  uncoverChroma();
}

/** Takes boxes out of what is hidden. @returns puts them back. */
function covered(plan: CoarsePlan, clear: readonly Box[]): () => void {
  const { width, hidden } = plan;
  const before: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  for (const { x1, y1, x2, y2 } of clear) {
    for (let y = y1; y < y2 && x2 > x1; y++) {
      const at = y * width + x1;
      before.push({ at, bytes: hidden.slice(at, at + x2 - x1) });
      hidden.fill(0, at, at + x2 - x1);
    }
  }
  return () => {
    for (const { at, bytes } of before.reverse()) hidden.set(bytes, at);
  };
}

/**
 * One channel. Blocks fill the plane evenly, each at least as large as asked for: a narrow rest at an edge would show what it holds.
 *
 * @param offset of the channel's first sample.
 * @param step between samples.
 */
function coarsenPlane(data: Uint8Array, offset: number, step: number, { width, height, blockPx, hidden }: CoarsePlan): void {
  const columns = edges(width, blockPx);
  const rows = edges(height, blockPx);
  const sums = new Float64Array(columns.length - 1);
  const counts = new Uint32Array(columns.length - 1);
  const means = new Float64Array(columns.length - 1).fill(-1);
  for (let row = 0; row + 1 < rows.length; row++) {
    const [top, bottom] = [rows[row] as number, rows[row + 1] as number];
    sums.fill(0);
    counts.fill(0);
    for (let y = top; y < bottom; y++) {
      for (let column = 0; column < sums.length; column++) {
        let sum = 0;
        let count = 0;
        const to = y * width + (columns[column + 1] as number);
        for (let at = y * width + (columns[column] as number); at < to; at++) {
          if (hidden[at] === 0) continue;
          sum += data[offset + step * at] as number;
          count++;
        }
        sums[column] = (sums[column] as number) + sum;
        counts[column] = (counts[column] as number) + count;
      }
    }
    let before = -1;
    for (let column = 0; column < sums.length; column++) {
      const count = counts[column] as number;
      const area = (bottom - top) * ((columns[column + 1] as number) - (columns[column] as number));
      const neighbour = before >= 0 ? before : (means[column] as number);
      before = count === 0 ? -1 : count < leastShare * area && neighbour >= 0 ? neighbour : Math.round((sums[column] as number) / count);
      means[column] = before;
    }
    for (let y = top; y < bottom; y++) {
      for (let column = 0; column < sums.length; column++) {
        if (counts[column] === 0) continue;
        const mean = means[column] as number;
        const to = y * width + (columns[column + 1] as number);
        for (let at = y * width + (columns[column] as number); at < to; at++) if (hidden[at] === 1) data[offset + step * at] = mean;
      }
    }
  }
}

/** Where blocks begin and end along a side, from 0 to `length`. */
function edges(length: number, blockPx: number): readonly number[] {
  const blocks = Math.max(1, Math.floor(length / blockPx));
  return Array.from({ length: blocks + 1 }, (_, i) => Math.round((i * length) / blocks));
}
