import type { Clock } from './clock.js';
import type { Logger } from './logger.js';

/** How long a trouble that repeats stays silent after its line, milliseconds. Shorter ones let a flood fill the log. */
const SILENCE_MS = 10_000;

/**
 * One line for repeated trouble: the first is logged at once, the next line comes 10 s later at the soonest and
 * says how many there were in between.
 *
 * @example warn('not JSON') // "bad message from the centre: not JSON", later "… (214 more in 12 s)"
 */
export function createAggregatedWarning(logger: Logger, clock: Clock, event: string, text: string): (detail: string) => void {
  let lastMs: number | null = null;
  let silenced = 0;
  return (detail) => {
    const nowMs = clock.monotonic();
    if (lastMs !== null && nowMs - lastMs < SILENCE_MS) {
      silenced++;
      return;
    }
    const more = silenced > 0 && lastMs !== null ? ` (${silenced} more in ${Math.round((nowMs - lastMs) / 1000)} s)` : '';
    logger.warn({ event, count: silenced + 1 }, `${text}: ${detail}${more}`);
    lastMs = nowMs;
    silenced = 0;
  };
}
