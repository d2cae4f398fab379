import { afterAll } from 'vitest';

/** What the tests of a suite share, until the last of them is over. */
export interface SuiteTeardown {
  /** Gives back what it is given, to be disposed of then. */
  keep<T extends AsyncDisposable>(part: T): T;
  /** The same for what is no disposable. */
  defer(end: () => unknown): void;
}

/**
 * Ends what a suite has started, the newest first, also where its `beforeAll` failed halfway. One part that fails to end keeps no other from ending, and fails the
 * suite. Call it in the suite, beside `beforeAll`.
 *
 * @example
 * const { keep } = endAfterSuite();
 * beforeAll(async () => { broker = keep(await startMosquitto()); });
 */
export function endAfterSuite(): SuiteTeardown {
  const ends: (() => unknown)[] = [];
  afterAll(async () => {
    const failures: unknown[] = [];
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
      try {
        await end();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'what the suite had started did not end in order');
  });
  return {
    keep(part) {
      ends.push(() => part[Symbol.asyncDispose]());
      return part;
    },
    defer: (end) => void ends.push(end),
  };
}
