import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBackoff } from './backoff.js';

/** Uniform and the same in every run. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the backoff', () => {
  it('stays within its bounds whatever is drawn', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999999, noNaN: true }), { minLength: 1, maxLength: 50 }), (draws) => {
        let index = 0;
        const backoff = createBackoff({ random: () => draws[index++ % draws.length] ?? 0 });
        for (let i = 0; i < 50; i++) {
          const waitMs = backoff.next(i < 25 ? 0 : 3_600_000);
          expect(waitMs).toBeGreaterThanOrEqual(1_000);
          expect(waitMs).toBeLessThanOrEqual(i < 25 ? 80_000 : 300_000);
        }
      }),
    );
  });

  it.each([1, 5, 20, 45, 60, 90, 120, 300, 600])('brings 3,000 agents back at 100 a second after an outage of %i s', (outageS) => {
    const perSecond = new Map<number, number>();
    let latestMs = 0;
    for (let agent = 0; agent < 3_000; agent++) {
      const backoff = createBackoff({ random: seeded(agent * 7_919 + outageS) });
      let atMs = 0;
      while (atMs < outageS * 1_000) atMs += backoff.next(atMs);
      latestMs = Math.max(latestMs, atMs);
      const second = Math.floor(atMs / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    // The mean is below 76; single seconds scatter by chance, 4 sigma is 35.
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(110);
    expect(perSecond.size).toBeGreaterThan(60);
    expect(latestMs).toBeLessThanOrEqual(outageS * 1_000 + 80_000);
  });

  it('begins anew after a reset', () => {
    const backoff = createBackoff({ random: () => 0.999_999 });
    const hours = 7_200_000;
    const waits = [backoff.next(hours), backoff.next(hours)];
    expect(waits.map(Math.round)).toEqual([80_000, 240_000]);
    backoff.reset();
    expect(Math.round(backoff.next(hours))).toBe(80_000);
  });

  it('refuses bounds that make no sense', () => {
    expect(() => createBackoff({ minMs: 0 })).toThrow(RangeError);
    expect(() => createBackoff({ minMs: 10, spreadMs: 5 })).toThrow(RangeError);
  });
});
