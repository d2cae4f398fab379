import { describe, expect, test } from 'vitest';
import { createFacadePainter, createFacadeView, fallAt } from './facade.js';

const view = createFacadeView(320, 180);

describe('the drawn facade', () => {
  test('lies inside the picture, narrower at the top', () => {
    const [topLeft, topRight, bottomRight, bottomLeft] = view.corners as [number, number][] as [
      [number, number],
      [number, number],
      [number, number],
      [number, number],
    ];
    for (const [x, y] of view.corners) expect(x > 0 && x < 1 && y > 0 && y < 1).toBe(true);
    expect(topRight[0] - topLeft[0]).toBeLessThan(0.8 * (bottomRight[0] - bottomLeft[0]));
  });

  test('the same place in every size', () => {
    expect(createFacadeView(3840, 2160).corners.flat()).toEqual(view.corners.flat().map((side) => expect.closeTo(side, 9)));
  });
});

test('the fall is seen once, ever lower, from 4 s until the ground', () => {
  const seen = Array.from({ length: 250 }, (_, n) => ({ atS: n / 25, at: fallAt(view, n / 25) })).filter(({ at }) => at !== null);
  expect(seen[0]?.atS).toBe(4);
  // √(2 × 41 m / g) = 2.89 s
  expect(seen.at(-1)?.atS).toBeCloseTo(6.88, 2);
  const heights = seen.map(({ at }) => at?.y ?? 0);
  expect(heights.every((y, i) => i === 0 || y > (heights[i - 1] ?? 0))).toBe(true);
});

test('the painter shows it, and draws the same every time', () => {
  const draw = (times: readonly number[]): Uint8Array => {
    const paint = createFacadePainter(view);
    const picture = new Uint8Array((view.width * view.height * 3) / 2);
    for (const atS of times) paint(picture, atS);
    return picture;
  };
  const at = fallAt(view, 5) as { x: number; y: number };
  const pixel = Math.round(at.y) * view.width + Math.round(at.x - 0.5);
  const [before, during] = [draw([0]), draw([5])];
  expect((during[pixel] ?? 0) - (before[pixel] ?? 0)).toBeGreaterThan(40);
  expect(draw([0, 1, 2])).toEqual(draw([0, 1, 2]));
});
