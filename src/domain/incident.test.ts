import { expect, test } from 'vitest';
import { wallClockMs } from './incident.js';

test('wallClockMs goes by the incident’s own start', () => {
  const incident = { startedAtMs: 1_772_350_872_480, streamTime: { start: 12.48, end: 15.92 } };
  expect(wallClockMs(incident, 12.48)).toBe(1_772_350_872_480);
  expect(wallClockMs(incident, 7.48)).toBe(1_772_350_867_480);
  expect(wallClockMs(incident, 15.92)).toBe(1_772_350_875_920);
});
