import { describe, expect, test } from 'vitest';
import { median, slope } from './facts.mjs';
import { readTree } from './process-tree.mjs';
import { assignEvents, listThrows } from './throws.mjs';

/** A throw from 8 to 11 s of a scene of 30 s. */
const truth = { video: { duration_s: 30 }, throws: [{ visible_span: [8, 11] }, { visible_span: null }] };
const connection = (servedS, onlineS, brokenS) => ({ servedAtMs: servedS * 1000, onlineAtMs: onlineS * 1000, brokenAtMs: brokenS * 1000 });
const event = (atS, start) => ({ started_at: new Date(atS * 1000).toISOString(), stream_time: { start } });

describe('the throws of a served scene', () => {
  test.each([
    ['none began', [100, 102, 107], []],
    ['one may have been cut', [100, 102, 112], ['1.1 straddling']],
    ['one may have begun', [100, 102, 109], ['1.1 straddling']],
    ['one is whole', [100, 102, 113.5], ['1.1 shown']],
    ['the second turn is cut', [100, 102, 140], ['1.1 shown', '1.2 straddling']],
  ])('%s', (_, times, expected) => {
    expect(listThrows(truth, [connection(...times)]).map(({ name, kind }) => `${name} ${kind}`)).toEqual(expected);
  });

  test('events go to the throw of their own connection, others are strays', () => {
    const thrown = listThrows(truth, [connection(100, 102, 130), connection(140, 142, 170)]);
    const events = [event(109, 8), event(149, 8.2), event(149.1, 8), event(120, 20), event(135, 8)];
    const { shown, found, strays } = assignEvents(thrown, events);
    expect(shown.map((one) => found.get(one)?.length)).toEqual([1, 2]);
    expect(strays).toEqual([events[3], events[4]]);
  });
});

test('the middle and the slope of numbers', () => {
  expect(median([3, 1, 2, 10])).toBe(2.5);
  expect(slope([...Array(5).keys()].map((x) => [x, 7 - 2 * x]))).toBeCloseTo(-2);
});

test.skipIf(process.platform !== 'linux')('a process tree has memory and has worked', () => {
  const tree = readTree(process.pid);
  expect(tree.treeRssMb).toBeGreaterThanOrEqual(tree.rssMb);
  expect(tree.peakRssMb).toBeGreaterThanOrEqual(tree.rssMb - 5);
  expect(tree.cpuS).toBeGreaterThan(0);
});
