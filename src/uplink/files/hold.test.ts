import { describe, expect, it } from 'vitest';
import { heldAbove, NO_HOLD } from './hold.js';

/** A local time of a day. */
const at = (time: string): number => new Date(`2026-03-01T${time}:00`).getTime();

describe('hold', () => {
  it.each([
    ['never', [], '12:00', null],
    ['always', [], '12:00', 500],
    ['always', ['00:00-24:00'], '12:00', 500],
    ['schedule', ['23:00-06:00'], '22:59', 500],
    ['schedule', ['23:00-06:00'], '23:00', null],
    ['schedule', ['23:00-06:00'], '05:59', null],
    ['schedule', ['23:00-06:00'], '06:00', 500],
    ['schedule', ['01:00-02:00', '12:30-13:00'], '12:45', null],
    ['schedule', ['01:00-02:00', '12:30-13:00'], '02:00', 500],
    ['schedule', ['00:00-24:00'], '23:59', null],
  ] as const)('%s %j at %s', (hold, freeHours, time, expected) => {
    expect(heldAbove({ hold, freeHours, holdOverBytes: 500 }, at(time))).toBe(expected);
  });

  it('holds nothing by default, and does not guess at spans', () => {
    expect(heldAbove(NO_HOLD, 0)).toBeNull();
    expect(() => heldAbove({ hold: 'schedule', freeHours: ['night'], holdOverBytes: 0 }, 0)).toThrow(RangeError);
  });
});
