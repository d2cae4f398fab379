import fc from 'fast-check';
import { expect, test } from 'vitest';
import { largestSum } from './largest-sum.js';

test('finds the box that adds up to most', () => {
  expect(largestSum(Float32Array.of(-1, 2, 3, -1), 4, 1)).toEqual({ box: { x1: 1, y1: 0, x2: 3, y2: 1 }, sum: 5 });
  expect(largestSum(Float32Array.of(-1, -2), 2, 1)).toBeNull();
});

test('no box of any grid adds up to more', () => {
  const grid = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
    .chain(([columns, rows]) =>
      fc.tuple(
        fc.constant(columns),
        fc.constant(rows),
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: columns * rows, maxLength: columns * rows }),
      ),
    );
  fc.assert(
    fc.property(grid, ([columns, rows, cells]) => {
      let most = 0;
      for (let x1 = 0; x1 < columns; x1++)
        for (let x2 = x1 + 1; x2 <= columns; x2++)
          for (let y1 = 0; y1 < rows; y1++)
            for (let y2 = y1 + 1; y2 <= rows; y2++) {
              const inside = cells.filter(
                (_, i) => i % columns >= x1 && i % columns < x2 && Math.floor(i / columns) >= y1 && Math.floor(i / columns) < y2,
              );
              most = Math.max(
                most,
                inside.reduce((a, b) => a + b, 0),
              );
            }
      expect(largestSum(Float32Array.from(cells), columns, rows)?.sum ?? 0).toBe(most);
    }),
  );
});
