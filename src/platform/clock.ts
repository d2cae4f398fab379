import { setTimeout as delayTimer } from 'node:timers/promises';

/** Time as a dependency, so that tests own it. */
export interface Clock {
  /** Wall clock, UTC milliseconds since 1970. It may jump. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start; never jumps. Durations are measured with this one. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  delay: async (ms, signal) => {
    await delayTimer(ms, undefined, signal === undefined ? {} : { signal });
  },
};
