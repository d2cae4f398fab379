import { describe, expect, it } from 'vitest';
import type { Facade } from '../../domain/facade.js';
import type { Point, Polygon } from '../../domain/geometry.js';
import { facadeWithout, tallestFloor } from './facade-cells.js';
import { createFacadePlane } from './facade-plane.js';
import { insidePolygon } from './polygon.js';

const square: Facade = {
  corners: [
    { x: 0.2, y: 0.1 },
    { x: 0.8, y: 0.1 },
    { x: 0.8, y: 0.9 },
    { x: 0.2, y: 0.9 },
  ],
  floors: { first: 1, last: 4, heightM: 3 },
  units: ['01', '02', '03'],
  widthM: 12,
};
/** Seen from below, on the left. */
const leaning: Facade = {
  ...square,
  corners: [
    { x: 0.35, y: 0.05 },
    { x: 0.6, y: 0.12 },
    { x: 0.85, y: 0.95 },
    { x: 0.15, y: 1.1 },
  ],
};

const covers = (parts: readonly Polygon[], point: Point): number => parts.filter((part) => insidePolygon(part, point)).length;

describe('the parts of a facade', () => {
  it.each([
    ['square', square],
    ['leaning', leaning],
  ])('cover every window once but those left out, %s', (_, facade) => {
    const parts = facadeWithout(facade, [{ low: 2, high: 3, unit: '02' }]);
    const plane = createFacadePlane(facade, 1, 1);
    for (let floor = 1; floor <= 4; floor++) {
      for (const [unit, name] of facade.units.entries()) {
        const middle = plane.toPixels({ x: ((unit + 0.5) / 3) * plane.widthM, y: (floor - 0.5) * 3 });
        expect(covers(parts, middle), `floor ${floor}, unit ${name}`).toBe(name === '02' && (floor === 2 || floor === 3) ? 0 : 1);
      }
    }
    expect(covers(parts, { x: 0.01, y: 0.5 })).toBe(0);
  });

  it.each([
    ['nothing left out', [], 4],
    ['a floor left out', [{ low: 1, high: 1, unit: null }], 3],
    ['a window left out', [{ low: 1, high: 1, unit: '02' }], 5],
    ['a window at the edge left out', [{ low: 4, high: 9, unit: '01' }], 4],
    ['a unit that is not there', [{ low: 1, high: 4, unit: '99' }], 4],
    ['everything left out', [{ low: -3, high: 30, unit: null }], 0],
  ])('are as few as can be: %s', (_, except, count) => {
    expect(facadeWithout(square, except)).toHaveLength(count);
  });

  it('know the height of the floor that is nearest', () => {
    expect(tallestFloor(square)).toBeCloseTo(0.2, 6);
    expect(tallestFloor(leaning)).toBeGreaterThan(0.25);
  });
});
