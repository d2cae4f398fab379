import { expect, test } from 'vitest';
import { createTestClock } from '../../testing/test-clock.js';
import { createSleeper } from './sleeper.js';

function createBench() {
  const clock = createTestClock(0);
  const sleeper = createSleeper(clock);
  const stop = new AbortController();
  const ended: number[] = [];
  const sleep = (ms: number): Promise<void> => sleeper.sleep(ms, stop.signal).then(() => void ended.push(clock.monotonic()));
  const start = clock.monotonic();
  return { clock, sleeper, stop, sleep, endedAfter: () => ended.map((ms) => ms - start) };
}

test('sleeps for its time', async () => {
  const { clock, sleep, endedAfter } = createBench();
  const slept = sleep(1_000);
  await clock.advance(999);
  expect(endedAfter()).toEqual([]);
  await clock.advance(1);
  await slept;
  expect(endedAfter()).toEqual([1_000]);
});

test('is woken, or told to stop, before it is over', async () => {
  const { clock, sleeper, stop, sleep, endedAfter } = createBench();
  const woken = sleep(1_000);
  await clock.advance(300);
  sleeper.wake();
  await woken;
  const stopped = sleep(1_000);
  await clock.advance(300);
  stop.abort();
  await stopped;
  await sleep(1_000);
  expect(endedAfter()).toEqual([300, 600, 600]);
});

test('does not sleep over what it was woken for while awake, and sleeps again after that', async () => {
  const { clock, sleeper, sleep, endedAfter } = createBench();
  sleeper.wake();
  sleeper.wake();
  await sleep(1_000);
  const second = sleep(1_000);
  await clock.advance(1_000);
  await second;
  expect(endedAfter()).toEqual([0, 1_000]);
});
