import { expect, test } from 'vitest';
import { median } from './median.js';

test('median', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([3, 1, 2, 10])).toBe(2.5);
  expect(median([])).toBeNaN();
});
