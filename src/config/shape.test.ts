import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cornersProblem, orderProblem, polygonProblem, threeInLine } from './shape.js';

type Xy = readonly [number, number];
const tower: readonly Xy[] = [
  [0.31, 0.02],
  [0.69, 0.02],
  [0.8, 0.97],
  [0.2, 0.97],
];
const pick = (...order: number[]): Xy[] => order.map((i) => tower[i] as Xy);

describe('facade corners', () => {
  test.each([
    ['in order', pick(0, 1, 2, 3), null],
    ['bottom corners swapped', pick(0, 1, 3, 2), /sides of the facade cross/],
    ['anticlockwise', pick(1, 0, 3, 2), /anticlockwise/],
    ['upside down', pick(2, 3, 0, 1), /below its bottom edge/],
    ['all the same', pick(0, 0, 0, 0), /enclose nothing/],
    ['dented', [tower[0], tower[1], [0.45, 0.2], tower[3]] as Xy[], /dented at corner 3/],
    [
      'outside the picture',
      [
        [-0.2, -0.5],
        [1.2, -0.4],
        [1.1, 1.4],
        [-0.1, 1.3],
      ] as Xy[],
      null,
    ],
  ])('%s', (_name, corners, expected) => {
    const problem = cornersProblem(corners);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toMatch(expected);
  });

  test('of the 24 orders exactly one is right', () => {
    const orders = [0, 1, 2, 3].flatMap((a) =>
      [0, 1, 2, 3].flatMap((b) => [0, 1, 2, 3].flatMap((c) => [0, 1, 2, 3].map((d) => [a, b, c, d]))),
    );
    const right = orders.filter((order) => new Set(order).size === 4 && cornersProblem(pick(...order)) === null);
    expect(right).toEqual([[0, 1, 2, 3]]);
  });
});

describe('polygons', () => {
  test.each([
    [
      'a triangle',
      [
        [0, 0],
        [1, 0],
        [0.5, 1],
      ],
      null,
    ],
    [
      'a dented one',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0.5, 0.2],
        [0, 1],
      ],
      null,
    ],
    [
      'a bow tie',
      [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
      ],
      /edges 1 and 3 cross/,
    ],
    [
      'a line',
      [
        [0, 0],
        [0.5, 0.5],
        [1, 1],
      ],
      /encloses nothing/,
    ],
  ])('%s', (_name, points, expected) => {
    const problem = polygonProblem(points as unknown as Xy[]);
    if (expected === null) expect(problem).toBeNull();
    else expect(problem).toMatch(expected);
  });

  test('points around a circle, in order of their angle, are always good', () => {
    const angles = fc.uniqueArray(fc.integer({ min: 0, max: 35 }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(angles, (found) => {
        const points = found
          .toSorted((a, b) => a - b)
          .map((k): Xy => [0.5 + 0.4 * Math.cos((k * Math.PI) / 18), 0.5 + 0.4 * Math.sin((k * Math.PI) / 18)]);
        expect(polygonProblem(points)).toBeNull();
      }),
    );
  });
});

describe('places on the ground', () => {
  /** What a camera above the origin, some metres up, sees of the ground before it: depth 3 m and more. */
  const seen = ([x, depth]: Xy, height: number, pitch: number): Xy => {
    const forward = depth * Math.cos(pitch) + height * Math.sin(pitch);
    const down = height * Math.cos(pitch) - depth * Math.sin(pitch);
    return [0.5 + x / forward, 0.5 + down / forward];
  };
  const four = fc.tuple(
    ...[0, 1, 2, 3].map(() => fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: 3, max: 40, noNaN: true }))),
  );
  const general = (points: readonly Xy[]): boolean => threeInLine(points as [Xy, Xy, Xy, Xy]) === null;

  test('as a camera sees them are in order, whichever way the metres are counted', () => {
    fc.assert(
      fc.property(
        four,
        fc.double({ min: 2, max: 12, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (metres, height, pitch, mirrored) => {
          const picture = metres.map((place) => seen(place, height, pitch));
          fc.pre(general(metres) && general(picture));
          const counted = metres.map(([x, y]): Xy => (mirrored ? [-x, y] : [x, y]));
          expect(orderProblem(picture as [Xy, Xy, Xy, Xy], counted as [Xy, Xy, Xy, Xy])).toBeNull();
        },
      ),
    );
  });

  test('two neighbours of a crossing that have changed places are none', () => {
    const metres: [Xy, Xy, Xy, Xy] = [
      [-3, 4],
      [3, 4],
      [3, 20],
      [-3, 20],
    ];
    const picture = metres.map((place) => seen(place, 5, 0.3)) as [Xy, Xy, Xy, Xy];
    const [a, b, c, d] = metres;
    expect(orderProblem(picture, [b, a, c, d])).toMatch(/same order/);
    expect(orderProblem(picture, [a, b, d, c])).toMatch(/same order/);
  });
});
