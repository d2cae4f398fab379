/** Milliseconds. */
export interface BackoffOptions {
  /** Shortest wait; default 1 s. */
  readonly minMs?: number;
  /**
   * Upper end of the first wait; default 30 s. When one broker restarts, all its agents lose it in the same moment: 3,000
   * of them come back over 30 s at about 100 a second, which one core can answer with TLS handshakes. A single box may
   * take a shorter one.
   */
  readonly firstMaxMs?: number;
  /** Longest wait while the outage is young; default 60 s: somebody is mending it, and alerts are waiting. */
  readonly earlyMaxMs?: number;
  /** How long an outage is young; default one hour. */
  readonly earlyForMs?: number;
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
 * Decorrelated jitter: each wait is drawn between the shortest wait and three times the last one, so that agents that
 * lost the broker together do not come back together, nor in waves.
 *
 * @example createBackoff({ random: () => 0 }).next(0) // 1000
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const {
    minMs = 1_000,
    firstMaxMs = 30_000,
    earlyMaxMs = 60_000,
    earlyForMs = 3_600_000,
    maxMs = 300_000,
    random = Math.random,
  } = options;
  if (!(minMs > 0 && firstMaxMs >= minMs)) throw new RangeError(`backoff needs 0 < minMs <= firstMaxMs: ${minMs}, ${firstMaxMs}`);
  let upperMs = firstMaxMs;
  return {
    next(outageMs) {
      const capMs = Math.max(minMs, outageMs < earlyForMs ? earlyMaxMs : maxMs);
      const waitMs = Math.min(capMs, minMs + random() * (Math.max(upperMs, minMs) - minMs));
      upperMs = waitMs * 3;
      return waitMs;
    },
    reset() {
      upperMs = firstMaxMs;
    },
  };
}
