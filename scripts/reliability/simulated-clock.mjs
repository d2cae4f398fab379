import { delay } from './rig.mjs';

/** A wait is looked after so often, milliseconds of real time: a change of speed counts for waits that have begun. */
const LOOK_MS = 20;

/**
 * A clock that can run faster than time, and whose wall clock can be set.
 *
 * @param {number} startMs wall clock, UTC milliseconds since 1970
 */
export function createSimulatedClock(startMs) {
  let speed = 1;
  let markMs = performance.now();
  let passedMs = 0;
  let wallMs = startMs;
  const monotonic = () => passedMs + (performance.now() - markMs) * speed;
  return {
    monotonic,
    now: () => Math.round(wallMs + monotonic()),
    async delay(ms, signal) {
      const dueMs = monotonic() + ms;
      for (let leftMs = ms; leftMs > 0; leftMs = dueMs - monotonic()) {
        await delay(Math.min(LOOK_MS, leftMs / speed), undefined, signal === undefined ? {} : { signal });
      }
      signal?.throwIfAborted();
    },
    /** Of simulated time to real time. */
    setSpeed(times) {
      passedMs = monotonic();
      markMs = performance.now();
      speed = times;
    },
    /** As a time server would; durations are unaffected. */
    setWall(ms) {
      wallMs = ms - monotonic();
    },
  };
}
