/** Milliseconds. */
export interface BackoffOptions {
  /** Shortest wait; default 1 s. */
  readonly minMs?: number;
  /**
   * Longest first wait, and from then on the least time between two tries; default 60 s. All agents of a broker lose it in the same moment, and
   * what counts is how many come back in one second: 3,000 of them are 50 a second on average and 85 in the worst one of 540 outages, which one core
   * can answer with TLS handshakes; with 30 s it would be twice that. Fewer agents may take a shorter one: events wait in the
   * outbox, so it costs delay, never loss.
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
  /** The outage is over; the next one begins with a first wait. */
  reset(): void;
}

/** Later waits are longer than the spread by up to this share, so that agents that have met do not stay together. */
const JITTER = 0.1;

/**
 * Spreads the agents that lost a broker together evenly over the first wait, and keeps them spread: each tries again a full spread later. Waits
 * drawn anew for each try would heap them up, 2.7 times the average where the longest first waits end.
 *
 * @example createBackoff({ random: () => 0 }).next(0) // 1000
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { minMs = 1_000, spreadMs = 60_000, youngForMs = 3_600_000, maxMs = 300_000, random = Math.random } = options;
  if (!(minMs > 0 && spreadMs >= minMs)) throw new RangeError(`backoff needs 0 < minMs <= spreadMs: ${minMs}, ${spreadMs}`);
  /** `null`: no outage. */
  let lastMs: number | null = null;
  const between = (fromMs: number, toMs: number): number => fromMs + random() * (toMs - fromMs);

  return {
    next(outageMs) {
      if (lastMs === null) lastMs = between(minMs, spreadMs);
      else if (outageMs < youngForMs) lastMs = between(spreadMs, (1 + JITTER) * spreadMs);
      else lastMs = between(minMs, Math.max(spreadMs, Math.min(maxMs, lastMs * 3)));
      return lastMs;
    },
    reset() {
      lastMs = null;
    },
  };
}
