import { describe, expect, it } from 'vitest';
import type { Facade } from '../../domain/facade.js';
import type { Point } from '../../domain/geometry.js';
import { pixelRoi, type Roi } from '../../domain/roi.js';
import { createFacadePlane } from './facade-plane.js';
import { facadeRoi } from './facade-roi.js';

/** Twenty floors of 3 m, 24 m wide, seen from before their middle: 1 m is a hundredth of the picture. */
const facade = (corners: readonly (readonly [number, number])[], widthM: number | null = 24): Facade => ({
  corners: corners.map(([x, y]) => ({ x, y })) as [Point, Point, Point, Point],
  floors: { first: 1, last: 20, heightM: 3 },
  units: [],
  widthM,
});
const straight = facade([
  [0.39, 0],
  [0.61, 0],
  [0.61, 1],
  [0.39, 1],
]);

/** Where what was thrown from a place of the facade is after some seconds, shares of the picture. */
function fallOf(of: Facade, from: Point, mps: { readonly across: number; readonly out: number }, seconds: number): Point {
  const place = { x: from.x + mps.across * seconds, y: from.y - 4.9 * seconds ** 2 };
  const pixel = createFacadePlane(of, 1920, 1080).toPixels(place, mps.out * seconds);
  return { x: pixel.x / 1920, y: pixel.y / 1080 };
}

const holds = ({ from, to }: Roi, { x }: Point): boolean => x >= from && x <= to;

describe('the region of interest of a facade', () => {
  it('is what lies beside the facade, on both sides alike, and holds what falls near it', () => {
    const roi = facadeRoi(straight) as Roi;
    expect(roi.from + roi.to).toBeCloseTo(1, 9);
    expect(roi.from).toBeGreaterThan(0.25);
    expect(roi.from).toBeLessThan(0.35);
    for (const x of [0, 24]) {
      for (const across of [-1.6, 1.6])
        expect(holds(roi, fallOf(straight, { x, y: 60 }, { across, out: 1 }, 3)), `${x} ${across}`).toBe(true);
    }
  });

  it('reaches farther to the side to which what leaves a facade comes, seen from its corner', () => {
    // The camera stands to the left: metres are longer there, and what comes out goes to the left.
    const oblique = facade([
      [0.35, 0.1],
      [0.6, 0.35],
      [0.6, 0.75],
      [0.35, 0.95],
    ]);
    const roi = facadeRoi(oblique) as Roi;
    const thrown = fallOf(oblique, { x: 12, y: 60 }, { across: 0, out: 1 }, 3);
    expect(0.35 - roi.from).toBeGreaterThan(roi.to - 0.6);
    expect(holds(roi, thrown)).toBe(true);
  });

  it('stays as it is when a corner is drawn a little otherwise', () => {
    const redrawn = facade([
      [0.391, 0.001],
      [0.6095, 0],
      [0.611, 0.998],
      [0.3895, 1],
    ]);
    expect(facadeRoi(redrawn)).toEqual(facadeRoi(straight));
  });

  it('of a facade far away is wide enough to tell the camera’s shake by, also at the picture’s edge', () => {
    const at = (x: number): Facade =>
      facade([
        [x, 0.4],
        [x + 0.02, 0.4],
        [x + 0.02, 0.5],
        [x, 0.5],
      ]);
    expect(facadeRoi(at(0.49))).toEqual({ from: 0.359375, to: 0.640625 });
    expect(facadeRoi(at(0))).toEqual({ from: 0, to: 0.28125 });
    expect(facadeRoi(at(0.98))).toEqual({ from: 0.71875, to: 1 });
  });

  it.each<[string, Facade]>([
    [
      'it fills the picture',
      facade([
        [0.05, 0],
        [0.95, 0],
        [0.95, 1],
        [0.05, 1],
      ]),
    ],
    [
      'none of it is to be seen',
      facade([
        [1.5, 0],
        [1.9, 0],
        [1.9, 1],
        [1.5, 1],
      ]),
    ],
  ])('is none where %s', (_, given) => expect(facadeRoi(given)).toBeNull());

  it('passes over what lies behind the camera', () => {
    // It looks up at the upper floors: the lower ones lie far below the picture, and their metres grow beyond all bounds.
    const steep = facade([
      [0.42, 0.3],
      [0.58, 0.3],
      [1.4, 6],
      [-0.4, 6],
    ]);
    const roi = facadeRoi(steep) as Roi;
    expect(roi.from + roi.to).toBeCloseTo(1, 9);
    expect(roi.to - roi.from).toBeLessThan(0.8);
  });
});

it('a region in pixels is widened to whole steps, and ends with the picture', () => {
  expect(pixelRoi({ from: 0.25, to: 0.75 }, 1920)).toEqual({ left: 480, width: 960, pictureWidth: 1920 });
  expect(pixelRoi({ from: 0.3, to: 0.7 }, 1280)).toEqual({ left: 384, width: 512, pictureWidth: 1280 });
  expect(pixelRoi({ from: 0.5, to: 1 }, 1000)).toEqual({ left: 480, width: 520, pictureWidth: 1000 });
});
