import type { ModelRates, PatchSums, Threshold } from '../core/kernels/kernels.js';

/**
 * What the kernels compute, one pixel at a time in plain TypeScript: the oracle of their tests. Same rounding, same limits.
 */
export interface ReferenceModel {
  /** Mean and mean absolute deviation in 1/128 grey. */
  readonly mean: Int16Array;
  readonly deviation: Uint16Array;
  readonly mean8: Uint8Array;
  readonly threshold: Uint8Array;
  readonly mask: Uint8Array;
}

export function createReferenceModel(pixels: number): ReferenceModel {
  return {
    mean: new Int16Array(pixels),
    deviation: new Uint16Array(pixels),
    mean8: new Uint8Array(pixels),
    threshold: new Uint8Array(pixels),
    mask: new Uint8Array(pixels),
  };
}

export function referenceDifference(a: Uint8Array, b: Uint8Array, over: number): { changed: number; largest: number } {
  let changed = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs((a[i] as number) - (b[i] as number));
    if (d > over) changed++;
    largest = Math.max(largest, d);
  }
  return { changed, largest };
}

export function referenceReset(model: ReferenceModel, picture: Uint8Array, deviationGrey: number, threshold: Threshold): void {
  for (let i = 0; i < picture.length; i++) {
    model.mean[i] = (picture[i] as number) << 7;
    model.deviation[i] = Math.round(deviationGrey * 128);
    model.mean8[i] = picture[i] as number;
    model.threshold[i] = thresholdOf(model.deviation[i] as number, threshold) | (model.mask[i] as number);
  }
}

export function referenceUpdate(
  model: ReferenceModel,
  picture: Uint8Array,
  stride: number,
  first: number,
  step: number,
  rates: ModelRates,
  threshold: Threshold,
): void {
  const alphaMean = Math.min(32_767, Math.round(rates.mean * 32_768));
  const alphaDeviation = Math.min(32_767, Math.round(rates.deviation * 32_768));
  const cut = Math.min(32_767, Math.round(rates.cutGrey * 128));
  const slack = Math.round(rates.slackGrey * 128);
  for (let y = first; y < picture.length / stride; y += step) {
    for (let i = y * stride; i < (y + 1) * stride; i++) {
      const delta = ((picture[i] as number) << 7) - (model.mean[i] as number);
      model.mean[i] = (model.mean[i] as number) + q15(Math.max(-cut, Math.min(cut, delta)), alphaMean);
      const d = model.deviation[i] as number;
      const reach = Math.min(32_767, 3 * d + slack);
      model.deviation[i] = Math.max(0, d + q15(Math.min(Math.abs(delta), reach) - d, alphaDeviation));
      model.mean8[i] = Math.min(255, ((model.mean[i] as number) + 64) >> 7);
      model.threshold[i] = thresholdOf(model.deviation[i] as number, threshold) | (model.mask[i] as number);
    }
  }
}

export interface ReferenceComponent {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly area: number;
  readonly moving: number;
  readonly peak: number;
  readonly weight: number;
  readonly signed: number;
  readonly centreX: number;
  readonly centreY: number;
}

/** Components by flood fill: pixels at most `gap + 1` columns and two rows apart are connected. With `movingOnly` only pixels that also move count. */
export function referenceComponents(
  model: ReferenceModel,
  now: Uint8Array,
  before: Uint8Array,
  after: Uint8Array,
  stride: number,
  gap: number,
  movingOnly = false,
): ReferenceComponent[] {
  const differs = (i: number): boolean => Math.abs((now[i] as number) - (model.mean8[i] as number)) > (model.threshold[i] as number);
  const moves = (i: number): boolean => {
    const th = model.threshold[i] as number;
    const high = Math.min(255, th + (th >> 1));
    const d = Math.abs((now[i] as number) - (model.mean8[i] as number));
    const step = Math.min(Math.abs((now[i] as number) - (before[i] as number)), Math.abs((now[i] as number) - (after[i] as number)));
    return d > high && step > th;
  };
  const foreground = movingOnly ? moves : differs;
  const height = now.length / stride;
  const seen = new Uint8Array(now.length);
  const found: ReferenceComponent[] = [];
  for (let start = 0; start < now.length; start++) {
    if (seen[start] === 1 || !foreground(start)) continue;
    const stack = [start];
    seen[start] = 1;
    const members: number[] = [];
    while (stack.length > 0) {
      const i = stack.pop() as number;
      members.push(i);
      const x = i % stride;
      const y = Math.floor(i / stride);
      for (let v = Math.max(0, y - 2); v <= Math.min(height - 1, y + 2); v++) {
        for (let u = Math.max(0, x - gap - 1); u <= Math.min(stride - 1, x + gap + 1); u++) {
          const j = v * stride + u;
          if (seen[j] === 0 && foreground(j)) {
            seen[j] = 1;
            stack.push(j);
          }
        }
      }
    }
    found.push(summary(members, model, now, stride, moves));
  }
  return found;
}

function summary(
  members: readonly number[],
  model: ReferenceModel,
  now: Uint8Array,
  stride: number,
  moves: (i: number) => boolean,
): ReferenceComponent {
  const x = members.map((i) => i % stride);
  const y = members.map((i) => Math.floor(i / stride));
  const signed = members.map((i) => (now[i] as number) - (model.mean8[i] as number));
  const weights = signed.map(Math.abs);
  const weight = weights.reduce((a, b) => a + b, 0);
  const centre = (values: readonly number[]): number => values.reduce((sum, v, k) => sum + v * (weights[k] as number), 0) / weight + 0.5;
  return {
    x1: Math.min(...x),
    y1: Math.min(...y),
    x2: Math.max(...x) + 1,
    y2: Math.max(...y) + 1,
    area: members.length,
    moving: members.filter(moves).length,
    peak: Math.max(...weights),
    weight,
    signed: signed.reduce((a, b) => a + b, 0),
    centreX: centre(x),
    centreY: centre(y),
  };
}

/** to(x, y) = from(x + dx, y + dy), bilinear in sixteenths of a pixel, edges repeated. */
export function referenceShift(from: Uint8Array, stride: number, dx: number, dy: number): Uint8Array {
  const height = from.length / stride;
  const dx16 = Math.round(dx * 16);
  const dy16 = Math.round(dy * 16);
  const fx = dx16 & 15;
  const fy = dy16 & 15;
  const at = (x: number, y: number): number =>
    from[Math.max(0, Math.min(height - 1, y)) * stride + Math.max(0, Math.min(stride - 1, x))] as number;
  return Uint8Array.from(from, (_, i) => {
    const x = (i % stride) + (dx16 >> 4);
    const y = Math.floor(i / stride) + (dy16 >> 4);
    const top = at(x, y) * (16 - fx) + at(x + 1, y) * fx;
    const bottom = at(x, y + 1) * (16 - fx) + at(x + 1, y + 1) * fx;
    return (top * (16 - fy) + bottom * fy + 128) >> 8;
  });
}

/** The normal equations of a square of `size` pixels at (x, y) of the background against the same square moved by (offX, offY). */
export function referencePatchSums(
  background: Uint8Array,
  picture: Uint8Array,
  stride: number,
  place: { readonly x: number; readonly y: number; readonly size: number; readonly offX: number; readonly offY: number },
): PatchSums {
  const { x, y, size, offX, offY } = place;
  const from = (plane: Uint8Array, u: number, v: number): number => plane[v * stride + u] as number;
  const pixels = Array.from({ length: size * size }, (_, k) => [x + (k % size), y + Math.floor(k / size)] as const);
  const differences = pixels.map(([u, v]) => from(picture, u + offX, v + offY) - from(background, u, v));
  const mean = Math.round(differences.reduce((a, b) => a + b, 0) / (size * size));
  const sums = { xx: 0, xy: 0, yy: 0, xe: 0, ye: 0 };
  for (const [k, [u, v]] of pixels.entries()) {
    const gx = (from(background, u + 1, v) - from(background, u - 1, v)) / 2;
    const gy = (from(background, u, v + 1) - from(background, u, v - 1)) / 2;
    const e = Math.max(-32, Math.min(32, (differences[k] as number) - mean));
    sums.xx += gx * gx;
    sums.xy += gx * gy;
    sums.yy += gy * gy;
    sums.xe += gx * e;
    sums.ye += gy * e;
  }
  return sums;
}

function q15(value: number, factor: number): number {
  return (value * factor + 0x4000) >> 15;
}

function thresholdOf(deviationQ7: number, { deviationsEighths, floorGrey }: Threshold): number {
  const cut = Math.min(deviationQ7, 16 * 128);
  return Math.max(floorGrey, Math.min(255, ((cut >> 3) * deviationsEighths) >> 7));
}
