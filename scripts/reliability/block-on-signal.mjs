import { isMainThread } from 'node:worker_threads';

/** Preloaded into the agent (NODE_OPTIONS=--import=…): SIGUSR2 blocks its event loop for a minute, as an endless computation would. */
const BLOCKED_MS = 60_000;

if (isMainThread) process.on('SIGUSR2', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCKED_MS));
