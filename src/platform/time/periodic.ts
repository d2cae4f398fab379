import type { Clock } from '../clock.js';
import { errorMessage } from '../errors.js';
import type { Logger } from '../logger.js';

export interface PeriodicOptions {
  /** What is done, for the log. */
  readonly name: string;
  /** Between the end of one round and the start of the next, milliseconds. */
  readonly everyMs: number;
  readonly work: () => void | Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Does something every so often, first at once, until the signal aborts. A round that fails is logged, and the next one comes. */
export async function runPeriodically(options: PeriodicOptions): Promise<void> {
  const { name, everyMs, work, clock, logger, signal } = options;
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      logger.error({ event: 'periodic-failed', task: name, reason: errorMessage(error) }, `${name} failed; it is tried again`);
    }
    await clock.delay(everyMs, signal).catch(() => undefined);
  }
}
