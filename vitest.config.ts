import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.{ts,mjs}'],
    // Builds dist once when it is stale: tests that start a process start dist/main.js.
    globalSetup: ['scripts/build-if-stale.mjs'],
    // Most of the time tests wait for real programs: two at a time even on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Tests talk to real programs (ffmpeg, mosquitto, an RTSP server): on a busy two-core machine a start takes seconds.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
