import type { Clock } from '../platform/clock.js';

/** A file that something has come of, and whose manifest is not here. */
export interface Stranger {
  readonly site: string;
  readonly agent: string;
  readonly evidence: string;
}

/** Which strangers are not to be asked for now. Of whoever is forgotten for want of room, one question more is asked. */
export interface Strangers {
  /** Whether it was asked for, or silenced, of late. */
  has(stranger: Stranger): boolean;
  /** Whether it may be asked for; if so, not again for a while. */
  mayAsk(stranger: Stranger): boolean;
  /** It is not asked for within this time, milliseconds. */
  silence(stranger: Stranger, forMs: number): void;
}

/** Remembered at most: a forger must not fill the memory with names. */
const MAX_STRANGERS = 10_000;
/** From one question for the same manifest to the next, milliseconds: an agent answers within moments, or is away. */
const ASK_AGAIN_MS = 10_000;

export function createStrangers(clock: Pick<Clock, 'monotonic'>): Strangers {
  /** The time at which each may be asked for again, monotonic. */
  const silentUntilMs = new Map<string, number>();
  const keyOf = ({ site, agent, evidence }: Stranger): string => `${site}/${agent}/${evidence}`;

  const strangers: Strangers = {
    has: (stranger) => silentUntilMs.has(keyOf(stranger)),
    mayAsk(stranger) {
      if ((silentUntilMs.get(keyOf(stranger)) ?? 0) > clock.monotonic()) return false;
      strangers.silence(stranger, ASK_AGAIN_MS);
      return true;
    },
    silence(stranger, forMs) {
      const nowMs = clock.monotonic();
      for (const [other, untilMs] of silentUntilMs) if (untilMs <= nowMs || silentUntilMs.size > MAX_STRANGERS) silentUntilMs.delete(other);
      silentUntilMs.set(keyOf(stranger), nowMs + forMs);
    },
  };
  return strangers;
}
