import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.js';

test.each([
  ['hieght', ['first', 'last', 'height'], 'height'],
  ['URL', ['url', 'username'], 'url'],
  ['camera', ['cameras', 'console'], 'cameras'],
  ['pre-capture', ['pre_capture', 'post_capture'], 'pre_capture'],
  ['zzz', ['url', 'stall'], null],
  ['colour', [], null],
])('%s of %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});

test('edit distance is 0 only for equal words, symmetric, and at most the longer length', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance === 0).toBe(a === b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});
