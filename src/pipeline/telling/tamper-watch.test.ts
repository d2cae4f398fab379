import { expect, test } from 'vitest';
import { makeIncident } from '../../testing/delivery-fixtures.js';
import { cameraSnapshot } from '../../testing/snapshot.js';
import { createTamperWatch } from './tamper-watch.js';

const [first, second] = ['01JMCV0B0W0000000000000001', '01JMCV0B0W0000000000000002'];
const tamper = (id: string, startedAtMs: number, endedAtMs: number | null = null) =>
  makeIncident({
    ...{ id, cameraId: 'gate', type: 'camera_tamper', labels: ['covered'], startedAtMs, endedAtMs },
    phase: endedAtMs === null ? 'new' : 'end',
  });
const online = cameraSnapshot({ id: 'gate', sinceMs: 1_000 });

test('a camera is tampered with from the first such incident to the end of the last', () => {
  const watch = createTamperWatch();
  expect(watch.note(makeIncident({ cameraId: 'gate', type: 'crowd' }))).toBe(false);
  expect(watch.seen(online)).toEqual(online);
  expect(watch.note(tamper(first, 5_000))).toBe(true);
  expect(watch.note({ ...tamper(first, 5_000), phase: 'update' })).toBe(false);
  expect(watch.note(tamper(second, 6_000))).toBe(false);
  expect(watch.seen(online)).toEqual({ ...online, state: 'tampered', sinceMs: 5_000, reason: 'its picture is not of its scene: covered' });
  expect(watch.note(tamper(first, 5_000, 7_000))).toBe(false);
  expect(watch.seen(online).sinceMs).toBe(6_000);
  expect(watch.note(tamper(second, 6_000, 9_000))).toBe(true);
  expect(watch.seen(online)).toEqual({ ...online, sinceMs: 9_000 });
});

test('one that sends nothing is what it is, one that comes back later is online since then, others are not concerned', () => {
  const watch = createTamperWatch();
  watch.note(tamper(first, 5_000));
  for (const state of ['connecting', 'stalled', 'offline'] as const) expect(watch.seen({ ...online, state })).toEqual({ ...online, state });
  expect(watch.seen({ ...online, id: 'roof' })).toEqual({ ...online, id: 'roof' });
  watch.note(tamper(first, 5_000, 7_000));
  expect(watch.seen({ ...online, sinceMs: 20_000 }).sinceMs).toBe(20_000);
});

test('what a lost thread had open is forgotten', () => {
  const watch = createTamperWatch();
  expect(watch.forget('gate', 8_000)).toBe(false);
  watch.note(tamper(first, 5_000));
  expect(watch.forget('gate', 8_000)).toBe(true);
  expect(watch.seen(online)).toEqual({ ...online, sinceMs: 8_000 });
});
