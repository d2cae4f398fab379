/**
 * Calls at random moments, so many a second on average, each independent of the last (Poisson), until the rate is set to 0. A process
 * that comes late makes up for it, so that the rate holds.
 *
 * @param {() => void} work
 * @param {{random?: () => number, now?: () => number, setTimer?: (run: () => void, ms: number) => unknown, clearTimer?: (timer: never) => void}} parts for tests
 */
export function createSchedule(work, parts = {}) {
  const { random = Math.random, now = () => performance.now(), setTimer = setTimeout, clearTimer = clearTimeout } = parts;
  let ratePerS = 0;
  let nextMs = 0;
  let timer = null;

  const gapMs = () => (-Math.log(1 - random()) * 1000) / ratePerS;

  function wait() {
    timer = setTimer(
      () => {
        while (ratePerS > 0 && nextMs <= now()) {
          work();
          nextMs += gapMs();
        }
        if (ratePerS > 0) wait();
      },
      Math.max(0, nextMs - now()),
    );
  }

  return {
    /** @param {number} perSecond */
    setRate(perSecond) {
      clearTimer(timer);
      ratePerS = perSecond;
      if (perSecond === 0) return;
      nextMs = now() + gapMs();
      wait();
    },
  };
}
