import { describe, expect, test } from 'vitest';
import { judgeSpans, judgeTracks } from './alarms.mjs';

/** One thing that falls through the middle from 10 to 11 s, and one that is never seen. */
const positions = Array.from({ length: 26 }, (_, i) => ({ t: 10 + i / 25, x: 0.5, y: 0.2 + 0.02 * i, wPx: 5, hPx: 5 }));
const clip = { name: 'c', tags: [], widthPx: 1920, heightPx: 1080, durationS: 30, throws: [{ positions }, { positions: [] }] };
const trackOf = (list) => ({ start: list[0].t, end: list.at(-1).t, trajectory: list.map(({ t, x, y }) => [t, x, y, 0.003, 0.005]) });

describe('tracks', () => {
  const along = trackOf(positions);
  const beside = trackOf(positions.map((p) => ({ ...p, x: p.x + 0.1 })));
  const later = trackOf(positions.map((p) => ({ ...p, t: p.t + 5 })));
  test.each([
    ['none', [], 0, 0],
    ['on the path', [along], 1, 0],
    ['beside it', [beside], 0, 1],
    ['later', [later], 0, 1],
    ['twice', [along, along], 1, 1],
    ['all of them', [later, along, beside], 1, 2],
  ])('%s', (_, tracks, found, falseAlarms) => {
    expect(judgeTracks(clip, tracks)).toEqual({ throws: 1, found, falseAlarms });
  });
});

test.each([
  ['none', [], 0, 0],
  ['around it', [[9, 12]], 1, 0],
  ['a second early', [[8, 9.5]], 1, 0],
  [
    'at other times',
    [
      [2, 4],
      [20, 22],
    ],
    0,
    2,
  ],
  [
    'in parts',
    [
      [9, 10.4],
      [10.6, 12],
    ],
    1,
    0,
  ],
])('spans: %s', (_, spans, found, falseAlarms) => {
  expect(judgeSpans(clip, spans)).toEqual({ throws: 1, found, falseAlarms });
});
