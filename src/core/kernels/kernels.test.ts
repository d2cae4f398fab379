import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../testing/random.js';
import {
  createReferenceModel,
  type ReferenceComponent,
  type ReferenceModel,
  referenceComponents,
  referenceDifference,
  referencePatchSums,
  referenceReset,
  referenceShift,
  referenceUpdate,
} from '../../testing/reference-kernels.js';
import { type Components, createKernels, type Kernels } from './kernels.js';

const module = new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));
const threshold = { deviationsEighths: 30, floorGrey: 8 };

/** A noisy picture with a few patches that differ, some of them one above the other with gaps. */
function picture(random: () => number, stride: number, height: number, patches: number): Uint8Array {
  const out = Uint8Array.from({ length: stride * height }, (_, i) => 90 + (i % 37) + Math.floor(random() * 6));
  for (let p = 0; p < patches; p++) {
    const x0 = Math.floor(random() * (stride - 9));
    const y0 = Math.floor(random() * (height - 9));
    const grey = Math.floor(random() * 256);
    for (let y = y0; y < y0 + 1 + random() * 8; y++) {
      for (let x = x0; x < x0 + 1 + random() * 8; x++) if (random() < 0.8) out[y * stride + x] = grey;
    }
  }
  return out;
}

function pair(seed: number, width = 96, height = 50): { kernels: Kernels; model: ReferenceModel; pictures: Uint8Array[] } {
  const random = createRandom(seed);
  const kernels = createKernels(module, width, height, 4);
  const model = createReferenceModel(kernels.stride * height);
  model.mask.set(kernels.mask);
  const pictures = [0, 6, 6, 6].map((patches) => picture(random, kernels.stride, height, patches));
  for (const [i, p] of pictures.entries()) kernels.slots[i]?.set(p);
  return { kernels, model, pictures };
}

function expectSame(found: Components | null, reference: readonly ReferenceComponent[]): void {
  if (found === null) throw new Error('the picture does not flood');
  const got = Array.from({ length: found.count }, (_, i) => ({
    ...found.box(i),
    area: found.areaOf(i),
    moving: found.movingOf(i),
    peak: found.peakOf(i),
    weight: found.weightOf(i),
    signed: found.signedOf(i),
    centreX: found.centreX(i).toFixed(6),
    centreY: found.centreY(i).toFixed(6),
  }));
  const expected = reference.map((c) => ({ ...c, centreX: c.centreX.toFixed(6), centreY: c.centreY.toFixed(6) }));
  expect(expected.length).toBeGreaterThan(0);
  expect(got).toEqual(expected);
  expect(found.areaPx).toBe(expected.reduce((sum, c) => sum + c.area, 0));
}

describe('kernels agree with their plain twin', () => {
  it.each([1, 2, 3, 4, 5])('difference, seed %i', (seed) => {
    const { kernels, pictures } = pair(seed);
    expect(kernels.difference(0, 1, 2)).toEqual(referenceDifference(pictures[0] as Uint8Array, pictures[1] as Uint8Array, 2));
    expect(kernels.difference(2, 2, 0)).toEqual({ changed: 0, largest: 0 });
  });

  it.each([1, 2, 3, 4, 5])('background after many updates, seed %i', (seed) => {
    const { kernels, model, pictures } = pair(seed);
    kernels.resetModel(0, 1.6, threshold);
    referenceReset(model, pictures[0] as Uint8Array, 1.6, threshold);
    for (let n = 0; n < 40; n++) {
      const rates = { mean: 1 / (n + 2), deviation: 0.06, cutGrey: 24, slackGrey: 2 };
      kernels.updateModel(n % 4, n % 3, 3, rates, threshold);
      referenceUpdate(model, pictures[n % 4] as Uint8Array, kernels.stride, n % 3, 3, rates, threshold);
    }
    expect(Buffer.from(kernels.mean).equals(Buffer.from(model.mean8))).toBe(true);
    const { stride } = kernels;
    const deviations = Array.from(model.deviation, (_, i) => kernels.deviationAt(i % stride, Math.floor(i / stride)));
    expect(deviations).toEqual(Array.from(model.deviation));
  });

  it.each(Array.from({ length: 12 }, (_, i) => [i + 1, [96, 100, 83, 64][i % 4] as number]))(
    'components, seed %i, %i pixels wide',
    (seed, width) => {
      const { kernels, model, pictures } = pair(seed, width, 150);
      kernels.resetModel(0, 1.6, threshold);
      referenceReset(model, pictures[0] as Uint8Array, 1.6, threshold);
      const [, before, now, after] = pictures as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      kernels.detect(2, 1, 3);
      expectSame(kernels.components(2), referenceComponents(model, now, before, after, kernels.stride, 2));
      expectSame(kernels.movingComponents(2), referenceComponents(model, now, before, after, kernels.stride, 2, true));
      kernels.detect(0, 0, 0);
      expect(kernels.components(2)?.count).toBe(0);
      expect(kernels.detectAndCompare(2, 1, 3, 2)).toEqual(referenceDifference(now, after, 2));
      expectSame(kernels.components(2), referenceComponents(model, now, before, after, kernels.stride, 2));
      expectSame(kernels.movingComponents(2), referenceComponents(model, now, before, after, kernels.stride, 2, true));
      const against = { ...model, mean8: before };
      expectSame(kernels.changedComponents(2, 1, 3, 2), referenceComponents(against, now, before, after, kernels.stride, 2, true));
    },
  );

  it.each([
    [8, 0, 0],
    [24, 2, -3],
    [24, -1, 1],
    [32, 8, 8],
  ])('sums over a patch of %i pixels moved by (%i, %i)', (size, offX, offY) => {
    const { kernels, model, pictures } = pair(9, 100, 64);
    kernels.resetModel(0, 1.6, threshold);
    referenceReset(model, pictures[0] as Uint8Array, 1.6, threshold);
    const place = { x: 21, y: 13, size, offX, offY };
    expect(kernels.patchSums(2, place.x, place.y, size, offX, offY)).toEqual(
      referencePatchSums(model.mean8, pictures[2] as Uint8Array, kernels.stride, place),
    );
  });

  it.each([
    [0, 0],
    [0.25, -0.5],
    [1.5, 2.25],
    [-3.0625, 0.9375],
  ])('shift by (%d, %d)', (dx, dy) => {
    const { kernels, pictures } = pair(7);
    kernels.shift(1, 3, dx, dy);
    expect(Array.from(kernels.slots[3] as Uint8Array)).toEqual(
      Array.from(referenceShift(pictures[1] as Uint8Array, kernels.stride, dx, dy)),
    );
  });
});

describe('kernels', () => {
  it('give up, and say so, when most of the picture changes', () => {
    const kernels = createKernels(module, 96, 50, 4);
    kernels.slots[0]?.fill(100);
    kernels.slots[1]?.fill(180);
    kernels.resetModel(0, 1.6, threshold);
    kernels.detect(1, 0, 0);
    expect(kernels.components(2)).toBeNull();
    expect(kernels.movingComponents(2)).toBeNull();
    // The pictures are compared to their end all the same.
    expect(kernels.detectAndCompare(1, 0, 0, 79)).toEqual({ changed: 96 * 50, largest: 80 });
    expect(kernels.components(2)).toBeNull();
  });

  it('tell one large thing from a change everywhere by its spread', () => {
    const kernels = createKernels(module, 320, 180, 4);
    kernels.slots[0]?.fill(100);
    kernels.resetModel(0, 1.6, threshold);
    const one = kernels.slots[1] as Uint8Array;
    one.fill(100);
    for (let y = 60; y < 120; y++) one.fill(200, y * 320 + 100, y * 320 + 180);
    kernels.detect(1, 0, 0);
    expect(kernels.components(2)?.spread()).toBeLessThan(0.2);
    const everywhere = kernels.slots[2] as Uint8Array;
    everywhere.fill(100);
    for (let y = 0; y < 180; y += 6) everywhere.fill(200, y * 320, (y + 1) * 320);
    kernels.detect(2, 0, 0);
    expect(kernels.components(2)?.spread()).toBeGreaterThan(0.9);
  });

  it('see a small moving thing inside a large still change', () => {
    const kernels = createKernels(module, 320, 180, 4);
    kernels.slots[0]?.fill(100);
    kernels.resetModel(0, 1.6, threshold);
    for (const slot of [1, 2, 3]) {
      const plane = kernels.slots[slot] as Uint8Array;
      plane.fill(100);
      for (let y = 20; y < 120; y++) plane.fill(130, y * 320 + 40, y * 320 + 130);
      for (let y = 0; y < 4; y++) plane.fill(220, (slot * 20 + y) * 320 + 80, (slot * 20 + y) * 320 + 84);
    }
    kernels.detect(2, 1, 3);
    expect(kernels.components(2)?.count).toBe(1);
    const moving = kernels.movingComponents(2);
    expect(moving?.count).toBe(1);
    expect(moving?.box(0)).toEqual({ x1: 80, y1: 40, x2: 84, y2: 44 });
  });

  it('find nothing in masked places', () => {
    const kernels = createKernels(module, 96, 50, 4);
    kernels.mask.fill(255);
    kernels.slots[0]?.fill(100);
    kernels.slots[1]?.fill(100);
    (kernels.slots[1] as Uint8Array)[960] = 255;
    kernels.resetModel(0, 1.6, threshold);
    kernels.detect(1, 0, 0);
    expect(kernels.components(2)?.count).toBe(0);
  });

  it('measure the shift of a patch to a tenth of a pixel', () => {
    const kernels = createKernels(module, 96, 64, 4);
    const blob = (x: number, y: number): number => 120 + 60 * Math.sin(x / 3.1) * Math.cos(y / 2.7);
    const draw = (slot: number, dx: number, dy: number): void => {
      const plane = kernels.slots[slot] as Uint8Array;
      for (let y = 0; y < 64; y++) for (let x = 0; x < 96; x++) plane[y * 96 + x] = Math.round(blob(x - dx, y - dy));
    };
    draw(0, 0, 0);
    draw(1, 0.4, -0.3);
    kernels.resetModel(0, 1.6, threshold);
    const s = kernels.patchSums(1, 30, 16, 32, 0, 0);
    const determinant = s.xx * s.yy - s.xy ** 2;
    expect(-(s.yy * s.xe - s.xy * s.ye) / determinant).toBeCloseTo(0.4, 1);
    expect(-(s.xx * s.ye - s.xy * s.xe) / determinant).toBeCloseTo(-0.3, 1);
  });

  it.each([
    [8, 100],
    [100, 9000],
    [100.5, 100],
  ])('refuse pictures of %d x %d', (width, height) => {
    expect(() => createKernels(module, width, height, 4)).toThrow(RangeError);
  });
});
