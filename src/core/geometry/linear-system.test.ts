import { describe, expect, it } from 'vitest';
import { solveInPlace } from './linear-system.js';

describe('a linear system', () => {
  it.each([
    { what: 'as it stands', rows: [2, 0, 4, 0, 4, 4], solution: [2, 1] },
    { what: 'with rows that must change places', rows: [0, 2, 1, 7, 1, 1, 1, 6, 3, 1, -1, 2], solution: [1, 2, 3] },
  ])('is solved $what', ({ rows, solution }) => {
    const found = new Float64Array(solution.length);
    expect(solveInPlace(Float64Array.from(rows), solution.length, found)).toBe(true);
    solution.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 12);
    });
  });

  it('without a solution of its own is not', () => {
    expect(solveInPlace(Float64Array.of(1, 2, 3, 2, 4, 6), 2, new Float64Array(2))).toBe(false);
  });
});
