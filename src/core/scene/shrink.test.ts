import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shrinkPlane } from './shrink.js';

const shrunk = (from: number[], width: number, height: number, toWidth: number, toHeight: number): number[] => {
  const to = new Uint8Array(toWidth * toHeight);
  shrinkPlane(Uint8Array.from(from), width, height, to, toWidth, toHeight);
  return [...to];
};

it.each([
  ['keeps its size', [1, 2, 3, 4], 2, 2, 2, 2, [1, 2, 3, 4]],
  ['averages two by two', [0, 10, 20, 30], 2, 2, 1, 1, [15]],
  ['takes every pixel once where sizes do not divide', [0, 90, 30, 60, 60], 5, 1, 2, 1, [45, 50]],
])('%s', (_, from, width, height, toWidth, toHeight, to) => {
  expect(shrunk(from, width, height, toWidth, toHeight)).toEqual(to);
});

it('never leaves the range of what it was made of', () => {
  const plane = fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
    .chain(([w, h]) =>
      fc.tuple(
        fc.constant([w, h] as const),
        fc.array(fc.integer({ min: 0, max: 255 }), { minLength: w * h, maxLength: w * h }),
        fc.integer({ min: 1, max: w }),
        fc.integer({ min: 1, max: h }),
      ),
    );
  fc.assert(
    fc.property(plane, ([[w, h], from, toWidth, toHeight]) => {
      const to = shrunk(from, w, h, toWidth, toHeight);
      expect(Math.min(...to)).toBeGreaterThanOrEqual(Math.min(...from));
      expect(Math.max(...to)).toBeLessThanOrEqual(Math.max(...from));
    }),
  );
});

it('does not enlarge', () => {
  expect(() => shrunk([1], 1, 1, 2, 1)).toThrow(RangeError);
});
