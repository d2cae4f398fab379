import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.{ts,mjs}'],
    // Builds dist once when it is stale: tests that start a process start dist/main.js.
    globalSetup: ['scripts/build-if-stale.mjs'],
    // Most of the time tests wait for real programs: two at a time even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Only for what hangs: where time matters, the test measures it. A busy machine with two cores takes minutes for some.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
