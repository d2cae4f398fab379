import type { Clock } from '../clock.js';
import { AgentError, errorMessage } from '../errors.js';
import type { Logger } from '../logger.js';
import { diskTrouble } from './disk-trouble.js';

export interface DiskPatienceOptions {
  /** The folder whose disk is waited for. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the wait; without it there is none. */
  readonly signal?: AbortSignal;
}

/** How often a disk that fails at the start is tried again, milliseconds. */
const RETRY_MS = 10_000;

/**
 * Starts something, again and again while the disk is full, read-only or failing: whoever has it started by a service manager again and
 * again helps nobody.
 *
 * @throws what `start` throws while the disk is well, or when `signal` has ended the wait.
 */
export async function retryWhileDiskFails<T>({ dataDir, clock, logger, signal }: DiskPatienceOptions, start: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      const trouble = error instanceof AgentError ? await diskTrouble(dataDir) : null;
      if (trouble === null || signal === undefined) throw error;
      logger.error(
        { event: 'disk', tier: 'failed', trouble, reason: errorMessage(error) },
        `the agent cannot start: the disk of ${dataDir} says ${trouble}; it is tried again until that is mended`,
      );
      await clock.delay(RETRY_MS, signal).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}
