import type { Clock } from '../clock.js';

/** Waits that somebody may cut short. */
export interface Sleeper {
  /** Resolves after the time, when it is woken, or when the signal aborts. Woken since the last wait ended, it does not wait at all. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** There is something to do. */
  wake(): void;
}

export function createSleeper(clock: Pick<Clock, 'delay'>): Sleeper {
  let asleep: AbortController | null = null;
  let woken = false;
  return {
    async sleep(ms, signal) {
      if (!woken && !signal.aborted) {
        const waking = new AbortController();
        asleep = waking;
        try {
          await clock.delay(ms, AbortSignal.any([signal, waking.signal]));
        } catch (error) {
          if (!waking.signal.aborted && !signal.aborted) throw error;
        } finally {
          asleep = null;
        }
      }
      woken = false;
    },
    wake() {
      woken = true;
      asleep?.abort();
    },
  };
}
