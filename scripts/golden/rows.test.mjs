import { describe, expect, test } from 'vitest';
import { rowOf, worsenings } from './rows.mjs';
import { tableText } from './table.mjs';

const ratio = (count, of) => ({ count, of, share: of === 0 ? null : count / of });
const spread = (median, p95) => ({ count: 3, median, p95, max: p95 });

/** What `parapet score --json` says of four clips with ten throws. */
function score(over = {}) {
  return {
    total: {
      clips: 4,
      hours: 0.04,
      recall: ratio(9, 10),
      precision: ratio(9, 10),
      falseAlarms: 1,
      falseAlarmsPerHour: 25,
      recallWithSuspected: ratio(10, 10),
      falseSuspected: 2,
      ...over.total,
    },
    byCondition: {
      day: {
        clips: 4,
        hours: 0.04,
        recall: ratio(9, 10),
        precision: ratio(9, 10),
        falseAlarms: 1,
        falseAlarmsPerHour: 25,
        falseSuspected: 2,
      },
    },
    recallByVisibility: { clear: ratio(6, 6), small: ratio(3, 3), hard: ratio(0, 1) },
    duplicates: 0,
    cleanClips: ratio(3, 4),
    temporalIou: { mean: 0.85, median: 0.9 },
    distancePx: { median: 0.8 },
    floorExact: ratio(8, 9),
    floorWithin1: ratio(9, 9),
    unitExact: ratio(9, 9),
    massRight: ratio(4, 4),
    massWrong: ratio(0, 9),
    alarmDelay: spread(0.2, 0.5),
    newDelay: spread(0.1, 0.3),
    ...over,
    ...(over.total === undefined ? {} : { total: { ...score().total, ...over.total } }),
  };
}

const kept = rowOf(score());

describe('against the kept row', () => {
  test('the same is not worse, and better is not worse', () => {
    expect(worsenings(kept, rowOf(score()))).toEqual([]);
    const better = score({ total: { recall: ratio(10, 10), falseAlarms: 0, falseSuspected: 0 }, temporalIou: { mean: 0.9, median: 0.9 } });
    expect(worsenings(kept, rowOf(better))).toEqual([]);
  });

  test.each([
    ['a throw lost', { total: { recall: ratio(8, 10) } }, /^recall: 9 of 10 before, 8 of 10 now/],
    ['a clear one lost', { recallByVisibility: { clear: ratio(5, 6), small: ratio(3, 3), hard: ratio(1, 1) } }, /^clear/],
    ['one false alarm more', { total: { falseAlarms: 2 } }, /^falseAlarms: 1 before, 2 now/],
    ['one false suspicion more', { total: { falseSuspected: 3 } }, /^falseSuspected/],
    ['a floor wrong', { floorExact: ratio(7, 9) }, /^floorExact/],
    ['a unit wrong', { unitExact: ratio(8, 9) }, /^unit/],
    ['a weight wrong', { massWrong: ratio(1, 9) }, /^massWrong/],
    ['extents that fit less', { temporalIou: { mean: 0.82, median: 0.9 } }, /^temporalIou/],
    ['paths off', { distancePx: { median: 1.4 } }, /^pathErrorPx/],
    ['alarms later', { alarmDelay: spread(0.2, 0.7) }, /^alarmDelayS/],
    ['other clips', { total: { clips: 5 } }, /^other clips/],
  ])('%s', (_, over, line) => {
    const lines = worsenings(kept, rowOf(score(over)));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  test('a throw found in addition may have its floor wrong', () => {
    const more = score({ total: { recall: ratio(10, 10) }, floorExact: ratio(8, 10) });
    expect(worsenings(kept, rowOf(more))).toEqual([]);
  });

  test('a mean may move by what another encoder makes of it', () => {
    expect(worsenings(kept, rowOf(score({ temporalIou: { mean: 0.835, median: 0.9 }, distancePx: { median: 1.2 } })))).toEqual([]);
  });
});

test('the table says of what each share is', () => {
  const text = tableText({ rows: { small: { about: 'four clips', engine: 'abc', made: '2026-03-01', row: kept } } });
  expect(text).toContain('| throws found (confirmed) | 90.0 % (9/10) |');
  expect(text).toContain('| alarm after its last picture, s (median; 95 %) | 0.20; 0.50 |');
  expect(text).toContain('| day | 0.04 | 90.0 % (9/10) | 1 | 2 |');
});
