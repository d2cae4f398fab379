import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../platform/clock.js';
import { type Bandwidth, createBandwidth } from './bandwidth.js';

/** Time that only moves when told: nothing here waits. */
function createHandClock(): Clock & { advance(ms: number): void } {
  let nowMs = 0;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    delay: () => Promise.reject(new TypeError('nothing waits here')),
    advance(ms) {
      nowMs += ms;
    },
  };
}

/** Sends pieces as fast as it may for so long; returns what went. */
function drain(clock: ReturnType<typeof createHandClock>, bandwidth: Bandwidth, pieceBytes: number, forMs: number): number {
  const endMs = clock.monotonic() + forMs;
  let sent = 0;
  while (clock.monotonic() < endMs) {
    const waitMs = bandwidth.waitMs();
    if (waitMs > 0) {
      clock.advance(waitMs);
      continue;
    }
    bandwidth.spend(pieceBytes);
    sent += pieceBytes;
  }
  return sent;
}

describe('bandwidth', () => {
  it('holds the rate within 5 %, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 10_000_000 }), fc.integer({ min: 1_000, max: 262_144 }), (rate, piece) => {
        const clock = createHandClock();
        const seconds = Math.max(20, (50 * piece) / rate);
        const sent = drain(clock, createBandwidth(clock, rate), piece, seconds * 1000);
        expect(sent / seconds / rate).toBeGreaterThan(0.95);
        expect(sent / seconds / rate).toBeLessThan(1.05);
      }),
      { numRuns: 100 },
    );
  });

  it('does not save up while nothing goes', () => {
    const clock = createHandClock();
    const bandwidth = createBandwidth(clock, 100_000);
    clock.advance(3_600_000);
    expect(drain(clock, bandwidth, 1_000, 1_000)).toBeLessThanOrEqual(100_000 * 1.25 + 1_000);
  });

  it('takes another limit at once: what was overdrawn takes as long at the new rate', () => {
    const clock = createHandClock();
    const bandwidth = createBandwidth(clock, 1_000);
    bandwidth.spend(20_000);
    expect(bandwidth.waitMs()).toBe(20_000);
    bandwidth.limit(10_000_000);
    expect(bandwidth.waitMs()).toBeLessThanOrEqual(20_000);
    bandwidth.limit(null);
    expect(bandwidth.waitMs()).toBe(0);
    bandwidth.limit(1_000);
    expect(bandwidth.waitMs()).toBe(0);
  });

  it.each([0, -1, Number.NaN, 0.5])('refuses %d bytes a second', (rate) => {
    expect(() => createBandwidth(createHandClock(), rate)).toThrow(RangeError);
  });
});
