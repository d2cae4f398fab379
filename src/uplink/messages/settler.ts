import type { Clock } from '../../platform/clock.js';

/** Has acknowledged rows leave the outbox in groups: each transaction is a sync of the disk. */
export interface Settler {
  /** With all that came in one piece with it. */
  soon(): void;
  /** With all that comes in the next moments: the centre acknowledges one by one. */
  grouped(): void;
}

/** How long a row may wait for others to leave the outbox with, milliseconds: at a thousand a second, twenty in one sync. */
const GROUP_MS = 20;

/** @param signal ends what waits; the end settles what is left. */
export function createSettler(clock: Clock, signal: AbortSignal, settle: () => void): Settler {
  let queued = false;
  let grouping = false;

  function soon(): void {
    if (queued) return;
    queued = true;
    setImmediate(() => {
      queued = false;
      settle();
    });
  }

  async function group(): Promise<void> {
    if (grouping) return;
    grouping = true;
    try {
      await clock.delay(GROUP_MS, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    } finally {
      grouping = false;
    }
    settle();
  }

  return { soon, grouped: () => void group() };
}
