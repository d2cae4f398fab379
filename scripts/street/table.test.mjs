import { expect, test } from 'vitest';
import { tableText, wilson } from './table.mjs';

test.each([
  [4, 4, [51, 100]],
  [0, 3, [0, 56]],
  [150, 151, [96, 100]],
  [6, 7, [49, 97]],
])('%i of %i may be %j %% in truth', (found, of, interval) => {
  expect(wilson(found, of)).toEqual(interval);
});

test('a row without incidents has no share', () => {
  const none = { found: 0, of: 0 };
  const row = {
    scenes: 18,
    hours: 3,
    recall: none,
    told: none,
    falseConfirmed: 0,
    falseSuspected: 2,
    repeats: 0,
    delayS: { median: null, p95: null },
  };
  expect(tableText({ 'negatives nothing model': { row, made: '2026-11-21', engine: 'abc' } })).toContain(
    '| negatives | nothing | model | 18 | 3.00 | – | – | 0 | 2 | 0 | – | 2026-11-21 abc |',
  );
});
