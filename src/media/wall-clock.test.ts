import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWallClock } from './wall-clock.js';

describe('the wall clock of a live stream', () => {
  it('begins when the first picture is read and then follows the stream', () => {
    let nowMs = 1_000_000;
    const clock = createWallClock({ kind: 'live' }, () => nowMs);
    expect(clock.at(500)).toBe(1_000_000);
    nowMs += 40;
    expect(clock.at(540)).toBe(1_000_040);
  });

  it('is corrected by at most 1 ms a second, in both directions', () => {
    for (const jumpMs of [5000, -5000, -3_600_000]) {
      let nowMs = 1_000_000;
      const clock = createWallClock({ kind: 'live' }, () => nowMs);
      clock.at(0);
      nowMs += 10_000 + jumpMs;
      expect(clock.at(10_000)).toBeCloseTo(1_010_000 + Math.sign(jumpMs) * 10, 6);
    }
  });

  it('follows a clock that was set forward by more than a minute', () => {
    let nowMs = 0;
    const clock = createWallClock({ kind: 'live' }, () => nowMs);
    clock.at(0);
    nowMs = 1_700_000_000_000;
    expect(clock.at(40)).toBe(1_700_000_000_000);
  });

  it('never goes back, whatever the wall clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: -1e8, max: 1e8 }))), (steps) => {
        let nowMs = 1e12;
        let ptsMs = 0;
        let last = Number.NEGATIVE_INFINITY;
        const clock = createWallClock({ kind: 'live' }, () => nowMs);
        for (const [stepMs, jumpMs] of steps) {
          ptsMs += stepMs;
          nowMs += stepMs + jumpMs;
          const at = clock.at(ptsMs);
          expect(at).toBeGreaterThan(last);
          last = at;
        }
      }),
      { seed: 7 },
    );
  });
});

it('the wall clock of a file is its beginning and the time in it', () => {
  expect(createWallClock({ kind: 'file', epochMs: 1000 }, () => Number.NaN).at(12.5)).toBe(1012.5);
});
