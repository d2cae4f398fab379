import { errorMessage } from '../errors.js';
import type { Logger } from '../logger.js';

/** Ends what has been started, in the opposite order. */
export interface Teardown extends AsyncDisposable {
  /** The next thing to be ended, before all that were named earlier. */
  defer(name: string, end: () => void | Promise<void>): void;
}

/** One part that fails to end is logged and keeps no other from ending. Disposing twice does nothing the second time. */
export function createTeardown(logger: Logger): Teardown {
  const ends: { readonly name: string; readonly end: () => void | Promise<void> }[] = [];
  return {
    defer: (name, end) => void ends.push({ name, end }),
    async [Symbol.asyncDispose]() {
      for (let next = ends.pop(); next !== undefined; next = ends.pop()) {
        try {
          await next.end();
        } catch (error) {
          logger.error({ event: 'teardown-failed', part: next.name, reason: errorMessage(error) }, `${next.name} did not end in order`);
        }
      }
    },
  };
}
