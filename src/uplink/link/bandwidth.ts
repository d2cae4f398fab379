import type { Clock } from '../../platform/clock.js';

/** Shares one limit among all that carries evidence. */
export interface Bandwidth {
  /** Milliseconds until the next piece may go, whatever its size; 0 when it may now. */
  waitMs(): number;
  /** A piece goes: what follows waits until it has been paid for. */
  spend(bytes: number): void;
  /** From now on. @param bytesPerSecond `null`: no limit. @throws {RangeError} below 1. */
  limit(bytesPerSecond: number | null): void;
}

/**
 * Time that may be caught up, milliseconds: timers are late by some, and waiting for an acknowledgement costs a round trip; without it the rate
 * would fall short of the limit. More would let a quiet link begin with a burst.
 */
const CATCH_UP_MS = 250;

/**
 * A token bucket that may be overdrawn by one piece: a piece is sent whole, however large it is beside the limit, and the rate is right on
 * average.
 *
 * @param bytesPerSecond `null`: no limit.
 * @throws {RangeError} below 1.
 */
export function createBandwidth(clock: Clock, bytesPerSecond: number | null): Bandwidth {
  let rate = checked(bytesPerSecond);
  /** Bytes that may go now; below 0 they have gone already. */
  let balance = 0;
  let filledMs = clock.monotonic();

  function fill(): void {
    const nowMs = clock.monotonic();
    if (rate !== null) balance = Math.min((rate * CATCH_UP_MS) / 1000, balance + ((nowMs - filledMs) * rate) / 1000);
    filledMs = nowMs;
  }

  return {
    waitMs() {
      if (rate === null) return 0;
      fill();
      return balance >= 0 ? 0 : Math.ceil((-balance / rate) * 1000);
    },
    spend(bytes) {
      if (rate === null) return;
      fill();
      balance -= bytes;
    },
    limit(next) {
      const after = checked(next);
      fill();
      // What was overdrawn at the old rate takes as long at the new one, or a lower limit would begin with a long silence.
      if (rate !== null && after !== null && balance < 0) balance *= after / rate;
      if (after === null) balance = 0;
      rate = after;
    },
  };
}

function checked(bytesPerSecond: number | null): number | null {
  if (bytesPerSecond !== null && !(bytesPerSecond >= 1)) throw new RangeError(`no bandwidth: ${bytesPerSecond} bytes a second`);
  return bytesPerSecond;
}
