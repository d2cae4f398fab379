import type { Clock } from '../platform/clock.js';

/** What of `process` is needed. */
export interface Signalled {
  on(name: 'SIGINT' | 'SIGTERM', heard: () => void): unknown;
  exit(code: number): void;
}

/** Exit codes of a program ended by a signal: 128 and the signal's number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Signals within this of the first are the same one, milliseconds: `timeout`, `npm` and shells signal a program and then its whole group, a moment later. Nobody
 * presses Ctrl-C twice as fast; longer, and who does it on purpose would wait.
 */
const ECHO_MS = 300;

/** The first SIGINT or SIGTERM asks for an orderly end: it aborts the signal that is returned. One that comes later than its echo ends the program at once. */
export function stopOnSignals(process: Signalled, clock: Pick<Clock, 'monotonic'>): AbortSignal {
  const stop = new AbortController();
  let askedMs = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!stop.signal.aborted) {
        askedMs = clock.monotonic();
        stop.abort();
      } else if (clock.monotonic() - askedMs > ECHO_MS) process.exit(exitCodes[name]);
    });
  }
  return stop.signal;
}
