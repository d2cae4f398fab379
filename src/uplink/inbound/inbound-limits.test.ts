import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../testing/test-clock.js';
import { createInboundLimits } from './inbound-limits.js';

const admitted = (limits: ReturnType<typeof createInboundLimits>, topic: string, tries: number): number => {
  let count = 0;
  for (let i = 0; i < tries; i++) if (limits.admits(topic)) count++;
  return count;
};

describe('what comes from outside', () => {
  it.each([
    ['ack', 20_000, 5_000],
    ['need', 1_000, 100],
    ['cases/01KJM3QZ80T7V9C2M4N6P8R0S2/state', 20_000, 100],
    ['cmd/ping', 200, 50],
    ['__proto__', 100, 10],
    ['', 100, 10],
  ])('%s: so many at once, so many a second', async (topic, burst, aSecond) => {
    const clock = createTestClock();
    const limits = createInboundLimits(clock);
    expect(admitted(limits, topic, 100_000)).toBe(burst);
    await clock.advance(1_000);
    expect(admitted(limits, topic, 100_000)).toBe(aSecond);
  });

  it('limits each kind for itself', () => {
    const limits = createInboundLimits(createTestClock());
    admitted(limits, 'cmd/ping', 1_000);
    expect(limits.admits('ack')).toBe(true);
    expect(limits.admits('cmd/status')).toBe(false);
  });
});
