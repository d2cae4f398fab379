import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../domain/geometry.js';
import type { Detection } from './detection.js';
import { mergeRegions, regionsOf } from './tiles.js';

const picture = { width: 1000, height: 500 };
const whole = { x: 0, y: 0, ...picture };
const left = { x: 0, y: 0, width: 600, height: 500 };
const right = { x: 400, y: 0, width: 600, height: 500 };

/** Pixels of the picture. */
const at = (x1: number, y1: number, x2: number, y2: number): Box => ({ x1: x1 / 1000, y1: y1 / 500, x2: x2 / 1000, y2: y2 / 500 });
const car = (box: Box, score: number, label = 'car'): Detection => ({ box, score, label });

describe('the tiles of a picture', () => {
  it('are as large as their number and overlap ask', () => {
    expect(regionsOf({ width: 1920, height: 1080 }, { columns: 2, rows: 1, overlap: 0.2 })).toEqual([
      { x: 0, y: 0, width: 1067, height: 1080 },
      { x: 852, y: 0, width: 1068, height: 1080 },
    ]);
    expect(regionsOf(picture, { columns: 1, rows: 1, overlap: 0.3 })).toEqual([whole]);
  });

  it('cover all of it, begin at even pixels, and share what they are to share', () => {
    const count = fc.integer({ min: 1, max: 8 });
    const side = fc.integer({ min: 64, max: 4000 });
    fc.assert(
      fc.property(side, side, count, count, fc.double({ min: 0, max: 0.5, noNaN: true }), (width, height, columns, rows, overlap) => {
        const tiles = regionsOf({ width, height }, { columns, rows, overlap });
        expect(tiles).toHaveLength(columns * rows);
        const line = tiles.slice(0, columns);
        expect(line[0]?.x).toBe(0);
        line.forEach((tile, i) => {
          expect(tile.x % 2).toBe(0);
          const next = line[i + 1];
          const end = tile.x + tile.width;
          if (next === undefined) expect(end).toBe(width);
          else expect(end - next.x).toBeGreaterThanOrEqual(Math.floor(overlap * tile.width) - 2);
        });
        const last = tiles.at(-1);
        expect((last?.y ?? 0) + (last?.height ?? 0)).toBe(height);
      }),
    );
  });

  it.each([
    [{ columns: 0, rows: 1, overlap: 0 }],
    [{ columns: 9, rows: 1, overlap: 0 }],
    [{ columns: 2, rows: 1.5, overlap: 0 }],
    [{ columns: 2, rows: 2, overlap: 0.6 }],
  ])('are refused as %j', (tiles) => {
    expect(() => regionsOf(picture, tiles)).toThrow(RangeError);
  });
});

describe('what is found in several parts', () => {
  it.each([
    [
      'is one thing where it is seen twice',
      [
        [left, car(at(450, 100, 500, 150), 0.6)],
        [right, car(at(452, 101, 501, 150), 0.8)],
      ],
      [0.8],
    ],
    [
      'is two things of two labels',
      [
        [left, car(at(450, 100, 500, 150), 0.6)],
        [right, car(at(450, 100, 500, 150), 0.8, 'bus')],
      ],
      [0.8, 0.6],
    ],
    [
      'is the whole one, not the surer half that an edge cuts',
      [
        [whole, car(at(450, 100, 700, 200), 0.5)],
        [left, car(at(455, 100, 599, 200), 0.9)],
      ],
      [0.5],
    ],
    ['is the half that an edge cuts, where nothing else is', [[left, car(at(560, 100, 599, 150), 0.4)]], [0.4]],
    [
      'is not cut by the picture’s own edge',
      [
        [whole, car(at(0, 0, 500, 400), 0.5)],
        [left, car(at(0, 100, 60, 200), 0.4)],
      ],
      [0.5, 0.4],
    ],
  ] as const)('%s', (_, found, scores) => {
    const regions = found.map(([region, detection]) => ({ region, detections: [detection] }));
    for (const order of [regions, regions.toReversed()]) expect(mergeRegions(order, picture, 10).map(({ score }) => score)).toEqual(scores);
  });

  it('is no more than asked for, the surest', () => {
    const detections = [0.2, 0.9, 0.5].map((score, i) => car(at(100 * i, 0, 100 * i + 50, 50), score));
    expect(mergeRegions([{ region: whole, detections }], picture, 2).map(({ score }) => score)).toEqual([0.9, 0.5]);
  });
});
