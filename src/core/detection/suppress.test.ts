import { describe, expect, it } from 'vitest';
import { suppress } from './suppress.js';

const at = (x1: number, y1: number, side: number, score = 1, classId = 0) => ({
  ...{ box: { x1, y1, x2: x1 + side, y2: y1 + side }, score, classId },
});

describe('boxes of one thing', () => {
  it('become one, the surest, of each class', () => {
    const found = [at(1, 0, 10, 0.6), at(0, 0, 10, 0.9), at(0, 0, 10, 0.8, 1), at(40, 0, 10, 0.5)];
    expect(suppress(found, 0.45, 10).map(({ score }) => score)).toEqual([0.9, 0.8, 0.5]);
  });

  it('are no more than asked for', () => {
    expect(suppress([at(0, 0, 1, 0.2), at(5, 0, 1, 0.4), at(9, 0, 1, 0.3)], 0.45, 2).map(({ score }) => score)).toEqual([0.4, 0.3]);
  });
});
