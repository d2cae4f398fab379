import { expect, test } from 'vitest';
import { createTestClock } from '../testing/test-clock.js';
import { createSenderLimits } from './sender-limits.js';

test('takes what a long outage leaves, then 1,000 a second of each', async () => {
  const clock = createTestClock();
  const limits = createSenderLimits(clock);
  let admitted = 0;
  while (limits.admits('estate/box')) admitted++;
  expect(admitted).toBe(100_000);
  expect(limits.admits('estate/other')).toBe(true);
  await clock.advance(1_000);
  while (limits.admits('estate/box')) admitted++;
  expect(admitted).toBe(101_000);
});

test('of a sender that is not believed, looks into ten a second', async () => {
  const clock = createTestClock();
  const limits = createSenderLimits(clock);
  const believed = (tries: number): number => {
    let looked = 0;
    for (let i = 0; i < tries; i++) {
      if (!limits.admits('forger')) continue;
      looked++;
      limits.doubt('forger');
    }
    return looked;
  };
  expect(believed(5_000)).toBe(1_000);
  await clock.advance(10_000);
  expect(believed(5_000)).toBe(100);
  expect(limits.admits('estate/box')).toBe(true);
});

test('remembers no more senders than it can hold', () => {
  const limits = createSenderLimits(createTestClock());
  for (let i = 0; i < 1_000; i++) limits.doubt('forger');
  expect(limits.admits('forger')).toBe(false);
  for (let i = 0; i < 20_000; i++) limits.admits(`made up ${i}`);
  // Forgotten with the rest: it has to begin anew.
  expect(limits.admits('forger')).toBe(true);
});
