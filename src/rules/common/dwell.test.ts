import { expect, it } from 'vitest';
import { createDwellTracker } from './dwell.js';

const tracker = () => createDwellTracker<number>({ inertiaMs: 1_000, longestGapMs: 2_000 });

it('counts what was observed, and bridges short interruptions', () => {
  const zone = tracker();
  for (const ms of [0, 500, 1_000]) zone.look(1, ms, true);
  expect(zone.look(1, 1_500, false)).toMatchObject({ sincePtsMs: 0, lastPtsMs: 1_000 });
  expect(zone.look(1, 2_000, true)).toMatchObject({ sincePtsMs: 0, lastPtsMs: 2_000, observedMs: 1_500 });
  expect(zone.look(1, 2_500, false)).not.toBeNull();
  expect(zone.look(1, 3_500, false)).toBeNull();
  expect(zone.look(1, 4_000, true)).toMatchObject({ sincePtsMs: 4_000, observedMs: 0 });
});

it('counts what it is told of later', () => {
  const zone = tracker();
  expect(zone.look(1, 5_000, true, 3_000)).toMatchObject({ sincePtsMs: 3_000, observedMs: 2_000 });
  expect(zone.look(1, 5_500, true, 4_000)).toMatchObject({ sincePtsMs: 3_000, observedMs: 2_500 });
});

it('does not count what nobody saw', () => {
  const zone = tracker();
  zone.look(1, 0, true);
  expect(zone.look(1, 60_000, true)).toMatchObject({ sincePtsMs: 0, observedMs: 0 });
});

it('forgets whom nobody looks at any more', () => {
  const zone = tracker();
  zone.look(1, 0, true);
  zone.look(2, 5_000, true);
  expect(zone.prune(4_000)).toEqual([1]);
  expect(zone.dwell(1)).toBeNull();
  expect(zone.dwell(2)).not.toBeNull();
});
