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
        let outageMs = 0;
        for (let i = 0; i < 150; i++) {
          const waitMs = backoff.next(outageMs);
          expect(waitMs).toBeGreaterThanOrEqual(i === 0 || outageMs >= 3_600_000 ? 1_000 : 60_000);
          expect(waitMs).toBeLessThanOrEqual(i === 0 ? 60_000 : outageMs < 3_600_000 ? 66_000 : 300_000);
          outageMs += waitMs;
        }
      }),
    );
  });

  const AGENTS = 3_000;
  /** How many of them come back in the fullest second, and when the last one does, seconds after the broker. */
  function comeBack(outageMs: number): { readonly most: number; readonly latestS: number } {
    const perSecond = new Map<number, number>();
    let latestMs = 0;
    for (let agent = 0; agent < AGENTS; agent++) {
      const backoff = createBackoff({ random: seeded(agent * 7_919 + outageMs) });
      let atMs = 0;
      while (atMs < outageMs) atMs += backoff.next(atMs);
      latestMs = Math.max(latestMs, atMs);
      const second = Math.floor(atMs / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    return { most: Math.max(...perSecond.values()), latestS: (latestMs - outageMs) / 1_000 };
  }

  it.each([1, 5, 20, 45, 58, 59, 60, 61, 66, 90, 120, 300, 600, 3_500])(
    'brings 3,000 agents back at 100 a second at most after an outage of %i s',
    (outageS) => {
      const { most, latestS } = comeBack(outageS * 1_000);
      expect(most).toBeLessThanOrEqual(100);
      expect(latestS).toBeLessThanOrEqual(66);
    },
  );

  it('draws a first wait for each outage', () => {
    const backoff = createBackoff({ random: () => 0.5 });
    expect([backoff.next(0), backoff.next(30_500), backoff.next(93_500)]).toEqual([30_500, 63_000, 63_000]);
    backoff.reset();
    expect(backoff.next(0)).toBe(30_500);
  });

  it('asks ever less often once nobody seems to mend it', () => {
    const backoff = createBackoff({ random: () => 0.999_999 });
    const hour = 3_600_000;
    backoff.next(0);
    expect([hour, hour + 1, hour + 2].map((outageMs) => Math.round(backoff.next(outageMs)))).toEqual([180_000, 300_000, 300_000]);
  });

  it('refuses bounds that make no sense', () => {
    expect(() => createBackoff({ minMs: 0 })).toThrow(RangeError);
    expect(() => createBackoff({ minMs: 10, spreadMs: 5 })).toThrow(RangeError);
  });
});
