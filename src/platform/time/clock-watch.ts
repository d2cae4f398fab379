import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';

/** What became of the wall clock since the watch began. */
export interface ClockFigures {
  /** Times that it was set. */
  readonly steps: number;
  /** How far it was set and slewed altogether, against time that never jumps, milliseconds; positive: forward. */
  readonly offsetMs: number;
}

/** Tells when somebody sets the wall clock: a time server after a boot in 1970, a person, a machine that has slept. */
export interface ClockWatch {
  /** Call it every few seconds. */
  look(): void;
  figures(): ClockFigures;
}

/** A smaller difference between two looks is slewing, at most 0.5 ms a second, and the time between the two readings, milliseconds. */
const STEP_MS = 1_000;

/**
 * Events keep their order by number whatever the wall clock does; what it said is in them, and this is what it was wrong by. Each step is one
 * line in the log, with both times, so that what was recorded before it can be put right by who must know.
 */
export function createClockWatch(clock: Clock, logger: Logger): ClockWatch {
  const aheadMs = (): number => clock.now() - clock.monotonic();
  const firstMs = aheadMs();
  let lastMs = firstMs;
  let steps = 0;
  return {
    look() {
      const nowMs = aheadMs();
      const stepMs = Math.round(nowMs - lastMs);
      lastMs = nowMs;
      if (Math.abs(stepMs) < STEP_MS) return;
      steps++;
      const is = clock.now();
      const line = { event: 'clock-set', stepMs, was: new Date(is - stepMs).toISOString(), is: new Date(is).toISOString() };
      logger.warn(
        line,
        `the wall clock was set ${stepMs > 0 ? 'forward' : 'back'} by ${(Math.abs(stepMs) / 1000).toFixed(1)} s; the order of events is kept`,
      );
    },
    figures: () => ({ steps, offsetMs: lastMs - firstMs }),
  };
}
