import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../testing/random.js';
import { findVanishingPoint } from './vanishing-point.js';

test('finds where lines meet, among as much length that meets nowhere', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.double({ min: -1500, max: 3000, noNaN: true }),
      fc.double({ min: -4000, max: -300, noNaN: true }),
      (seed, x, y) => {
        const random = createRandom(seed);
        const line = (towards: boolean) => {
          const a = { x: 1280 * random(), y: 720 * random() };
          const angle = towards ? Math.atan2(y - a.y, x - a.x) : 2 * Math.PI * random();
          const lengthPx = 40 + 60 * random();
          return { a, b: { x: a.x + lengthPx * Math.cos(angle), y: a.y + lengthPx * Math.sin(angle) }, lengthPx };
        };
        const found = findVanishingPoint(
          [...Array.from({ length: 40 }, () => line(true)), ...Array.from({ length: 40 }, () => line(false))],
          1280,
          720,
        );
        const [px, py, w] = found?.point ?? [0, 0, 0];
        // As a direction from the middle of the picture: the distance of a far point is not well known.
        const angle = Math.atan2(py / w - 360, px / w - 640) - Math.atan2(y - 360, x - 640);
        expect(Math.abs(Math.sin(angle))).toBeLessThan(0.01);
        expect(found?.share).toBeGreaterThan(0.4);
      },
    ),
    { numRuns: 20 },
  );
});

test('fewer than three lines meet nowhere', () => {
  expect(findVanishingPoint([], 1280, 720)).toBeNull();
});
