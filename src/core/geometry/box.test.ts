import { describe, expect, it } from 'vitest';
import { areaOf, insideBox, intersectionOverUnion, shareInside } from './box.js';

const square = (x1: number, y1: number, side: number) => ({ x1, y1, x2: x1 + side, y2: y1 + side });

describe('two boxes', () => {
  it.each([
    ['are the same', square(0, 0, 10), square(0, 0, 10), 1, 1],
    ['lie half over each other', square(0, 0, 10), square(5, 0, 10), 1 / 3, 1 / 2],
    ['lie side by side', square(0, 0, 10), square(10, 0, 10), 0, 0],
    ['lie apart', square(0, 0, 10), square(50, 50, 10), 0, 0],
    ['lie one within the other', square(2, 2, 5), square(0, 0, 10), 1 / 4, 1],
  ])('that %s share their due', (_, a, b, ofBoth, ofFirst) => {
    expect(intersectionOverUnion(a, b)).toBeCloseTo(ofBoth, 12);
    expect(intersectionOverUnion(b, a)).toBeCloseTo(ofBoth, 12);
    expect(shareInside(a, b)).toBeCloseTo(ofFirst, 12);
  });
});

it('has no area turned inside out, and no share of that', () => {
  const inside = { x1: 5, y1: 0, x2: 1, y2: 4 };
  expect(areaOf(inside)).toBe(0);
  expect(shareInside(inside, square(0, 0, 10))).toBe(0);
});

it('holds its left and upper edge, and not its right and lower one', () => {
  const box = square(2, 4, 3);
  expect(insideBox(box, 2, 4)).toBe(true);
  expect(insideBox(box, 4.9, 6.9)).toBe(true);
  for (const [x, y] of [
    [5, 5],
    [3, 7],
    [1.9, 5],
    [3, 3.9],
  ] as const)
    expect(insideBox(box, x, y), `${x} ${y}`).toBe(false);
});
