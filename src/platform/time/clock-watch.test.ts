import { describe, expect, it } from 'vitest';
import { recordingLogger } from '../../testing/delivery-fixtures.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createClockWatch } from './clock-watch.js';

const HOUR_MS = 3_600_000;

describe('the watch over the wall clock', () => {
  it.each([
    ['forward by an hour', HOUR_MS, 'forward by 3600.0 s'],
    ['back by an hour', -HOUR_MS, 'back by 3600.0 s'],
    ['from 1970 to the present', Date.UTC(2026, 2, 1), 'forward by'],
  ])('tells of a step %s, once', async (_name, stepMs, said) => {
    const startMs = stepMs > 24 * HOUR_MS ? 0 : Date.UTC(2026, 2, 1);
    const clock = createTestClock(startMs);
    const log = recordingLogger();
    const watch = createClockWatch(clock, log.logger);
    watch.look();
    await clock.advance(2_000);
    clock.setWall(clock.now() + stepMs);
    for (let i = 0; i < 3; i++) {
      watch.look();
      await clock.advance(2_000);
    }
    expect(watch.figures()).toEqual({ steps: 1, offsetMs: stepMs });
    const was = new Date(startMs + 2_000).toISOString();
    const is = new Date(startMs + 2_000 + stepMs).toISOString();
    expect(log.lines()).toMatchObject([{ event: 'clock-set', stepMs, was, is, msg: expect.stringContaining(said) }]);
  });

  it('does not take slewing for steps, and adds it up', async () => {
    const clock = createTestClock();
    const log = recordingLogger();
    const watch = createClockWatch(clock, log.logger);
    for (let i = 0; i < 3_000; i++) {
      await clock.advance(2_000);
      clock.setWall(clock.now() - 1);
      watch.look();
    }
    expect(watch.figures()).toEqual({ steps: 0, offsetMs: -3_000 });
    expect(log.lines()).toEqual([]);
  });
});
