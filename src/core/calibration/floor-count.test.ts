import { expect, test } from 'vitest';
import { placeFloors } from './floor-count.js';

const side = { at: 0, by: 'edge' } as const;
type End = 'edge' | 'texture' | 'cut';
const extent = (top: End, bottom: End) => ({
  extent: { left: side, right: side, top: { at: -10, by: top }, bottom: { at: 8, by: bottom } },
});

test.each<[top: End, bottom: End, hints: { first: number | null; floors: number | null }, placed: object]>([
  ['edge', 'edge', { first: null, floors: null }, { top: -10, bottom: 8, first: 1, last: 18 }],
  ['edge', 'edge', { first: 3, floors: null }, { top: -10, bottom: 8, first: 3, last: 20 }],
  ['edge', 'texture', { first: null, floors: 20 }, { top: -10, bottom: 10, first: 1, last: 20, trust: 1 }],
  ['edge', 'cut', { first: null, floors: 33 }, { top: -10, bottom: 23, first: 1, last: 33, trust: 1 }],
  ['cut', 'edge', { first: null, floors: 33 }, { top: -25, bottom: 8, first: 1, last: 33, trust: 1 }],
  ['cut', 'cut', { first: 7, floors: 33 }, { top: -10, bottom: 8, first: 7, last: 24 }],
  ['edge', 'edge', { first: null, floors: 6 }, { top: -10, bottom: -4, first: 1, last: 6, trust: 0.6 }],
])('roof by %s, foot by %s, given %j', (top, bottom, hints, placed) => {
  expect(placeFloors(extent(top, bottom), hints)).toMatchObject(placed);
});

test('what cannot be known is asked for', () => {
  expect(placeFloors(extent('edge', 'cut'), { first: null, floors: null }).checks.join()).toContain('--first');
  expect(placeFloors(extent('edge', 'texture'), { first: null, floors: null }).checks.join()).toContain('--floors');
  expect(placeFloors(extent('cut', 'cut'), { first: null, floors: 33 }).checks.join()).toContain('cannot be placed');
  expect(placeFloors(extent('edge', 'edge'), { first: 1, floors: 18 }).checks).toEqual([]);
});
