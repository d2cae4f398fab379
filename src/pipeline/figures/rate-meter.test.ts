import { expect, test } from 'vitest';
import { createRateMeter } from './rate-meter.js';

test('gives the rate over the last seconds only', () => {
  const meter = createRateMeter();
  expect(meter.perSecond()).toBe(0);
  for (let s = 0; s <= 20; s += 2) meter.note(s * 25, s * 1000);
  expect(meter.perSecond()).toBe(25);
  for (let s = 22; s <= 32; s += 2) meter.note(500, s * 1000);
  expect(meter.perSecond()).toBe(0);
});
