import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Point } from '../../domain/geometry.js';
import { createRandom } from '../../testing/random.js';
import { homographyFrom, mapPoint } from '../geometry/homography.js';
import type { LumaPicture } from './luma-picture.js';
import { type CalibrationHints, type FacadeProposal, proposeFacade } from './proposal.js';

const hints: CalibrationHints = { focus: { x: 0.5, y: 0.5 }, first: null, floors: null, floorHeightM: 3, units: [] };
const width = 960;
const height = 540;
type Corners = readonly [Point, Point, Point, Point];
const unit: Corners = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];

/** A tower before the sky: per storey and bay a window, per storey a ledge. Corners normalised. */
function tower(corners: Corners, floors: number, bays: number, seed = 1): LumaPicture {
  const random = createRandom(seed);
  const inward = homographyFrom(corners.map(({ x, y }) => ({ x: x * width, y: y * height })) as unknown as Corners, unit);
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let grey = 0;
      for (const [dx, dy] of [
        [0.25, 0.25],
        [0.75, 0.25],
        [0.25, 0.75],
        [0.75, 0.75],
      ] as const) {
        const p = mapPoint(inward, { x: x + dx, y: y + dy });
        grey += shade(p.x, p.y, floors, bays) / 4;
      }
      data[y * width + x] = Math.round(grey + 3 * (random() - 0.5));
    }
  }
  return { width, height, data };
}

function shade(x: number, y: number, floors: number, bays: number): number {
  if (x < 0 || x >= 1) return 205;
  if (y < 0) return 205;
  if (y >= 1) return 110;
  const [bay, storey] = [(x * bays) % 1, (y * floors) % 1];
  if (storey > 0.93) return 180;
  return bay > 0.22 && bay < 0.7 && storey > 0.18 && storey < 0.68 ? 70 : 140;
}

const lookingUp: Corners = [
  { x: 0.4, y: 0.08 },
  { x: 0.62, y: 0.07 },
  { x: 0.7, y: 0.9 },
  { x: 0.31, y: 0.91 },
];

function proposed(picture: LumaPicture, given: Partial<CalibrationHints> = {}): FacadeProposal {
  const proposal = proposeFacade(picture, { ...hints, ...given });
  if ('why' in proposal) throw new Error(proposal.why);
  return proposal;
}

/** Largest error of a corner, parts of the picture. */
function cornerError(found: readonly Point[], wanted: readonly Point[]): number {
  return Math.max(...found.map(({ x, y }, i) => Math.hypot(x - (wanted[i] as Point).x, y - (wanted[i] as Point).y)));
}

describe('a tower that is wholly in the picture', () => {
  test('corners within two hundredths of the picture, every floor counted', () => {
    const { facade, confidence } = proposed(tower(lookingUp, 16, 9));
    expect(facade.floors).toEqual({ first: 1, last: 16, heightM: 3 });
    expect(cornerError(facade.corners, lookingUp)).toBeLessThan(0.02);
    expect(confidence).toBeGreaterThan(0.5);
  });

  test('the mirrored picture gives the mirrored facade', () => {
    const mirrored = [lookingUp[1], lookingUp[0], lookingUp[3], lookingUp[2]].map(({ x, y }) => ({ x: 1 - x, y })) as unknown as Corners;
    const { facade } = proposed(tower(mirrored, 16, 9));
    expect(facade.floors.last).toBe(16);
    expect(cornerError(facade.corners, mirrored)).toBeLessThan(0.02);
  });

  test('wherever it stands and however many floors it has, lines lie on floors', () => {
    const shape = fc.record({
      shift: fc.double({ min: -0.12, max: 0.12, noNaN: true }),
      lean: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
      narrow: fc.double({ min: 0, max: 0.1, noNaN: true }),
      floors: fc.integer({ min: 10, max: 18 }),
      bays: fc.integer({ min: 6, max: 11 }),
    });
    fc.assert(
      fc.property(shape, ({ shift, lean, narrow, floors, bays }) => {
        const corners: Corners = [
          { x: 0.33 + narrow + shift, y: 0.08 + lean },
          { x: 0.67 - narrow + shift, y: 0.08 - lean },
          { x: 0.7 + shift, y: 0.9 + lean },
          { x: 0.3 + shift, y: 0.9 - lean },
        ];
        const { facade } = proposed(tower(corners, floors, bays));
        const count = facade.floors.last - facade.floors.first + 1;
        expect(Math.abs(count - floors)).toBeLessThanOrEqual(1);
        const lines = homographyFrom(unit, facade.corners);
        const truth = homographyFrom(corners, unit);
        for (let k = 1; k < count; k++) {
          const at = mapPoint(truth, mapPoint(lines, { x: 0.5, y: k / count })).y * floors;
          expect(Math.abs(at - Math.round(at))).toBeLessThan(0.3);
        }
      }),
      { numRuns: 3, seed: 7 },
    );
  });
});

test('where the roof is out of the picture, the given number of floors is counted from the foot', () => {
  const tall: Corners = [
    { x: 0.42, y: -0.6 },
    { x: 0.6, y: -0.6 },
    { x: 0.7, y: 0.9 },
    { x: 0.3, y: 0.9 },
  ];
  const { facade, reasons } = proposed(tower(tall, 24, 9), { floors: 24 });
  expect(facade.floors).toMatchObject({ first: 1, last: 24 });
  expect(reasons.join()).toMatch(/\b1\d floors seen; the roof is out of the picture/);
  expect(cornerError(facade.corners, tall)).toBeLessThan(0.1);
});

describe('no facade, no proposal', () => {
  const picture = (grey: (x: number, y: number) => number): LumaPicture => ({
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => grey(i % width, Math.floor(i / width))),
  });
  const random = createRandom(3);
  const noise = Float32Array.from({ length: width * height }, () => 255 * random());

  test.each<[string, LumaPicture]>([
    ['an empty sky', picture((_, y) => 200 - y / 20)],
    ['noise', { width, height, data: noise }],
    ['a fence: uprights alone', picture((x) => (x % 40 < 8 ? 60 : 180))],
    ['one box', picture((x, y) => (x > 300 && x < 700 && y > 100 && y < 400 ? 80 : 200))],
  ])('%s', (_, still) => {
    expect(proposeFacade(still, hints)).toHaveProperty('why');
  });
});
