import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAssigner } from './assignment.js';

/** The least cost of all assignments, tried one by one. */
function leastCost(costs: readonly (readonly number[])[], limit: number, row = 0, used: ReadonlySet<number> = new Set()): number {
  const line = costs[row];
  if (line === undefined) return 0;
  let best = limit + leastCost(costs, limit, row + 1, used);
  line.forEach((cost, column) => {
    if (cost <= limit && !used.has(column)) best = Math.min(best, cost + leastCost(costs, limit, row + 1, new Set([...used, column])));
  });
  return best;
}

function costOf(costs: readonly (readonly number[])[], chosen: Int32Array, limit: number): number {
  return costs.reduce((sum, line, row) => sum + (line[chosen[row] as number] ?? limit), 0);
}

describe('assignment', () => {
  const assigner = createAssigner();
  const assign = (costs: readonly (readonly number[])[], limit: number): number[] => {
    const columns = costs[0]?.length ?? 0;
    return [...assigner.assign(Float64Array.from(costs.flat()), costs.length, columns, limit).subarray(0, costs.length)];
  };

  it.each([
    [
      'takes the cheapest together, not the cheapest first',
      [
        [1, 2],
        [1, 9],
      ],
      10,
      [1, 0],
    ],
    [
      'leaves alone what is dearer than the limit',
      [
        [0.2, 0.95],
        [0.9, 0.95],
      ],
      0.85,
      [0, -1],
    ],
    [
      'leaves alone who costs more than both are worth',
      [
        [0.5, 0.9],
        [0.5, 0.6],
      ],
      0.85,
      [0, 1],
    ],
    ['takes more rows than columns', [[3], [1], [2]], 10, [-1, 0, -1]],
    ['takes more columns than rows', [[3, 1, 2]], 10, [1]],
    ['never takes what is no number', [[Number.NaN, 5]], 10, [1]],
    ['has nothing to give without columns', [[], []], 10, [-1, -1]],
  ])('%s', (_, costs, limit, wanted) => {
    expect(assign(costs, limit)).toEqual(wanted);
  });

  it('is never dearer than any other, and gives no column twice', () => {
    const some = fc.integer({ min: 1, max: 5 }).chain((columns) =>
      fc.array(fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(99)), { minLength: columns, maxLength: columns }), {
        minLength: 1,
        maxLength: 6,
      }),
    );
    fc.assert(
      fc.property(some, (costs) => {
        const limit = 10;
        const chosen = Int32Array.from(assign(costs, limit));
        const given = [...chosen].filter((column) => column >= 0);
        expect(new Set(given).size).toBe(given.length);
        expect(costOf(costs, chosen, limit)).toBe(leastCost(costs, limit));
      }),
      { numRuns: 300 },
    );
  });
});
