import { describe, expect, it } from 'vitest';
import { blackOut, cutOut, pixelBox, squareAround } from './picture.js';

function white(width: number, height: number) {
  return { width, height, data: new Uint8Array(3 * width * height).fill(255) };
}

/** Rows of `#` (black) and `.`. */
function drawn({ width, height, data }: { width: number; height: number; data: Uint8Array }): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (data[3 * (y * width + x)] === 0 ? '#' : '.')).join(''),
  );
}

describe('blackOut', () => {
  it('fills a box on pixel borders exactly', () => {
    const picture = white(8, 4);
    blackOut(picture, [
      [
        { x: 0.25, y: 0.25 },
        { x: 0.75, y: 0.25 },
        { x: 0.75, y: 0.75 },
        { x: 0.25, y: 0.75 },
      ],
    ]);
    expect(drawn(picture)).toEqual(['........', '..####..', '..####..', '........']);
  });

  it('fills a triangle that reaches outside, and leaves the hole of a polygon that crosses itself', () => {
    const triangle = white(6, 6);
    blackOut(triangle, [
      [
        { x: -1, y: 0 },
        { x: 0.5, y: 0 },
        { x: -1, y: 1 },
      ],
    ]);
    expect(drawn(triangle)).toEqual(['##....', '#.....', '......', '......', '......', '......']);
    const bow = white(6, 4);
    blackOut(bow, [
      [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
        { x: 1, y: 0 },
        { x: 0, y: 1 },
      ],
    ]);
    expect(drawn(bow)).toEqual(['#....#', '##..##', '##..##', '#....#']);
  });

  it('blackens all three channels', () => {
    const picture = white(2, 2);
    blackOut(picture, [
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
        { x: 0, y: 1 },
      ],
    ]);
    expect([...picture.data]).toEqual(new Array(12).fill(0));
  });
});

describe('pixelBox', () => {
  it.each([
    [{ x: 0.5, y: 0.5, w: 0.1, h: 0.2 }, 1, { x1: 45, y1: 20, x2: 55, y2: 30 }],
    [{ x: 0.5, y: 0.5, w: 0.1, h: 0.2 }, 2, { x1: 40, y1: 15, x2: 60, y2: 35 }],
    [{ x: 0, y: 0, w: 0.1, h: 0.2 }, 1, { x1: 0, y1: 0, x2: 5, y2: 5 }],
    [{ x: 1.5, y: 0.5, w: 0.1, h: 0.2 }, 1, { x1: 100, y1: 20, x2: 100, y2: 30 }],
  ])('%j grown by %d', (at, grow, box) => {
    expect(pixelBox(at, 100, 50, grow)).toEqual(box);
  });
});

describe('cutOut and squareAround', () => {
  it('cuts the pixels that stand there', () => {
    const picture = { width: 3, height: 2, data: Uint8Array.from({ length: 18 }, (_, i) => i) };
    expect(cutOut(picture, { x1: 1, y1: 0, x2: 3, y2: 2 })).toEqual({
      x: 1,
      y: 0,
      width: 2,
      height: 2,
      data: Uint8Array.from([3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17]),
    });
  });

  it.each([
    [{ x: 50, y: 25 }, 10, { x1: 45, y1: 20, x2: 55, y2: 30 }],
    [{ x: 2, y: 48 }, 10, { x1: 0, y1: 40, x2: 10, y2: 50 }],
    [{ x: 50, y: 25 }, 400, { x1: 25, y1: 0, x2: 75, y2: 50 }],
  ])('a square around %j of %d px stays inside', (centre, side, box) => {
    expect(squareAround({ width: 100, height: 50 }, centre, side)).toEqual(box);
  });
});
