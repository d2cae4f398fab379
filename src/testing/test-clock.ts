import type { Clock } from '../platform/clock.js';

interface Timer {
  readonly atMs: number;
  readonly fire: () => void;
}

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  /**
   * Moves time on. Timers fire in order, and after each everything that it set off runs as far as it can without time
   * or real input and output.
   */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as a time server would; durations are unaffected. */
  setWall(ms: number): void;
  /** Timers that wait. */
  waiting(): number;
}

export function createTestClock(startMs = 1_700_000_000_000): TestClock {
  let elapsedMs = 0;
  let wallOffsetMs = startMs;
  const timers = new Set<Timer>();
  return {
    now: () => wallOffsetMs + elapsedMs,
    monotonic: () => elapsedMs,
    delay(ms, signal) {
      return new Promise((resolve, reject) => {
        const abort = (): void => {
          timers.delete(timer);
          reject(signal?.reason);
        };
        const timer: Timer = {
          atMs: elapsedMs + ms,
          fire: () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        if (signal?.aborted === true) return reject(signal.reason);
        signal?.addEventListener('abort', abort, { once: true });
        timers.add(timer);
      });
    },
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settle();
      for (;;) {
        const next = [...timers].sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined || next.atMs > untilMs) break;
        elapsedMs = Math.max(elapsedMs, next.atMs);
        timers.delete(next);
        next.fire();
        await settle();
      }
      elapsedMs = untilMs;
    },
    setWall(ms) {
      wallOffsetMs = ms - elapsedMs;
    },
    waiting: () => timers.size,
  };
}

/** Lets promises that are ready run, and those that these make ready. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}
