import { expect, test } from 'vitest';
import { medianPicture } from './luma-picture.js';

test('what passes through is gone from the median', () => {
  const frames = [Uint8Array.of(10, 200, 30), Uint8Array.of(10, 20, 200), Uint8Array.of(200, 20, 30)];
  expect([...medianPicture(frames, 3, 1).data]).toEqual([10, 20, 30]);
  expect(() => medianPicture([], 3, 1)).toThrow(RangeError);
  expect(() => medianPicture([Uint8Array.of(1)], 3, 1)).toThrow('3 × 1');
});
