import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange, rangeHead } from './byte-range.js';

describe('a range', () => {
  it.each([
    ['bytes=0-0', 10, { first: 0, last: 0 }],
    ['bytes=2-5', 10, { first: 2, last: 5 }],
    ['bytes=2-500', 10, { first: 2, last: 9 }],
    ['bytes=7-', 10, { first: 7, last: 9 }],
    ['bytes=-3', 10, { first: 7, last: 9 }],
    ['bytes=-300', 10, { first: 0, last: 9 }],
    [undefined, 10, null],
    ['bytes=-', 10, null],
    ['bytes=5-2', 10, null],
    ['bytes=0-1,4-5', 10, null],
    ['lines=0-1', 10, null],
    ['bytes=a-b', 10, null],
    ['bytes=0-99999999999999999999', 10, null],
  ])('%s of %i bytes', (header, bytes, expected) => {
    expect(parseRange(header, bytes)).toEqual(expected);
  });

  it.each([
    ['bytes=10-', 10],
    ['bytes=10-12', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ])('%s of %i bytes lies outside', (header, bytes) => {
    expect(parseRange(header, bytes)).toBe('outside');
  });

  it('never leaves the file', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
        ),
        fc.nat(1_000),
        (header, bytes) => {
          const range = parseRange(header, bytes);
          if (range === null || range === 'outside') return;
          expect(0 <= range.first && range.first <= range.last && range.last < bytes).toBe(true);
          expect(rangeHead(range, bytes)).toMatchObject({ status: 206, length: range.last - range.first + 1 });
        },
      ),
    );
  });
});
