import type { Clock } from '../clock.js';

/** Lets through so many at once, and so many over time. */
export interface TokenBucket {
  /** True when one more may pass now. */
  take(): boolean;
  /** Milliseconds until the next may pass; 0 when it may now. */
  waitMs(): number;
}

/**
 * @param burst how many may pass at once after a quiet time, at least 1.
 * @param everyMs time after which one more may pass, milliseconds.
 * @throws {RangeError} when either is out of bounds.
 */
export function createTokenBucket(clock: Clock, burst: number, everyMs: number): TokenBucket {
  if (!(burst >= 1) || !(everyMs > 0)) throw new RangeError(`no token bucket holds ${burst}, one every ${everyMs} ms`);
  let tokens = burst;
  let filledMs = clock.monotonic();

  function fill(): void {
    const nowMs = clock.monotonic();
    tokens = Math.min(burst, tokens + (nowMs - filledMs) / everyMs);
    filledMs = nowMs;
  }

  return {
    take() {
      fill();
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs() {
      fill();
      return tokens >= 1 ? 0 : Math.ceil((1 - tokens) * everyMs);
    },
  };
}
