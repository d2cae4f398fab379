import { describe, expect, it } from 'vitest';
import { createSchedule, type Schedule, scheduleSchema } from './schedule.js';

const at = (iso: string): number => Date.parse(iso);

describe('a schedule', () => {
  it.each<[string, Schedule[number], string, string, boolean]>([
    ['before it begins', { days: ['sat'], from: '08:00', to: '18:00' }, 'UTC', '2026-11-21T07:59:59Z', false],
    ['as it begins', { days: ['sat'], from: '08:00', to: '18:00' }, 'UTC', '2026-11-21T08:00:00Z', true],
    ['as it ends', { days: ['sat'], from: '08:00', to: '18:00' }, 'UTC', '2026-11-21T18:00:00Z', false],
    ['on another day', { days: ['sun'], from: '08:00', to: '18:00' }, 'UTC', '2026-11-21T12:00:00Z', false],
    ['past midnight, by the day that it began on', { days: ['fri'], from: '22:00', to: '06:00' }, 'UTC', '2026-11-21T05:59:00Z', true],
    ['past midnight, not by the day that it ends on', { days: ['sat'], from: '22:00', to: '06:00' }, 'UTC', '2026-11-21T05:59:00Z', false],
    ['all day', { days: ['sat'], from: '00:00', to: '24:00' }, 'UTC', '2026-11-21T23:59:59Z', true],
    ['where it is eight hours later', { days: ['sun'], from: '00:00', to: '01:00' }, 'Asia/Shanghai', '2026-11-21T16:30:00Z', true],
    // Clocks in Berlin went forward from 2:00 to 3:00 on 29 March 2026, and back from 3:00 to 2:00 on 25 October.
    ['in summer time', { days: ['sun'], from: '03:00', to: '04:00' }, 'Europe/Berlin', '2026-03-29T01:30:00Z', true],
    ['the hour that is left out', { days: ['sun'], from: '02:00', to: '03:00' }, 'Europe/Berlin', '2026-03-29T01:00:00Z', false],
    ['the hour that comes twice, first', { days: ['sun'], from: '02:00', to: '03:00' }, 'Europe/Berlin', '2026-10-25T00:30:00Z', true],
    ['the hour that comes twice, again', { days: ['sun'], from: '02:00', to: '03:00' }, 'Europe/Berlin', '2026-10-25T01:30:00Z', true],
    ['after both', { days: ['sun'], from: '02:00', to: '03:00' }, 'Europe/Berlin', '2026-10-25T02:30:00Z', false],
  ])('%s', (_, span, timeZone, moment, within) => {
    expect(createSchedule([span], timeZone)(at(moment))).toBe(within);
  });

  it('is always, when it says nothing', () => {
    expect(createSchedule([], 'UTC')(at('2026-11-21T05:00:00Z'))).toBe(true);
  });

  it('takes any of several spans', () => {
    const isOn = createSchedule(
      [
        { days: ['sat'], from: '08:00', to: '09:00' },
        { days: ['sat'], from: '20:00', to: '21:00' },
      ],
      'UTC',
    );
    expect(['08:30', '12:00', '20:30'].map((time) => isOn(at(`2026-11-21T${time}:00Z`)))).toEqual([true, false, true]);
  });

  it.each(['25:00', '7:30', '07:60', 'noon'])('refuses %s', (time) => {
    expect(scheduleSchema('When it works').safeParse([{ from: time }]).success).toBe(false);
  });

  it('knows no such place', () => {
    expect(() => createSchedule([{ days: ['sat'], from: '08:00', to: '09:00' }], 'Europe/Nowhere')).toThrow(RangeError);
  });
});
