/** Milliseconds. */
export interface BackoffOptions {
  /** Shortest wait; default 1 s. */
  readonly minMs?: number;
  /**
   * Longest wait while the outage is young; default 80 s. All agents of a broker lose it in the same moment, and what
   * counts is how many come back in one second: 3,000 of them with waits drawn from 1 to 80 s make 75 tries a second on
   * average and stay below 100 save chance, which one core can answer with TLS handshakes; with 30 s it would be 200. Fewer
   * agents may take a shorter one: events wait in the outbox, so it costs delay, never loss.
   */
  readonly spreadMs?: number;
  /** How long an outage is young; default one hour: somebody is mending it. */
  readonly youngForMs?: number;
  /** Longest wait after that; default 5 min: nobody is looking, and every try costs power, mobile data and a log line. */
  readonly maxMs?: number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export interface Backoff {
  /** The next wait, milliseconds, given how long the outage has lasted. */
  next(outageMs: number): number;
  reset(): void;
}

/**
 * Decorrelated jitter from a wide start: each wait is drawn between the shortest one and three times the last (the spread at
 * least), so that agents that lost the broker together come back neither together nor in waves.
 *
 * @example createBackoff({ random: () => 0 }).next(0) // 1000
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { minMs = 1_000, spreadMs = 80_000, youngForMs = 3_600_000, maxMs = 300_000, random = Math.random } = options;
  if (!(minMs > 0 && spreadMs >= minMs)) throw new RangeError(`backoff needs 0 < minMs <= spreadMs: ${minMs}, ${spreadMs}`);
  let lastMs = 0;
  return {
    next(outageMs) {
      const capMs = outageMs < youngForMs ? spreadMs : Math.max(spreadMs, maxMs);
      const upperMs = Math.min(capMs, Math.max(spreadMs, lastMs * 3));
      lastMs = minMs + random() * (upperMs - minMs);
      return lastMs;
    },
    reset() {
      lastMs = 0;
    },
  };
}
