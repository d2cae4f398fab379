import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arithmetic, asText, parseFleet } from './arithmetic.mjs';
import { compare } from './centre.mjs';
import { city, ratesOf } from './city.mjs';
import { describeLatency, percentile } from './latencies.mjs';
import { whatIsFull } from './saturate.mjs';
import { createSchedule } from './schedule.mjs';
import { mostInASecond } from './storm.mjs';

test("the city's rate", () => {
  const { casesPerS, eventsPerS, videoShare, filesPerS } = ratesOf(city, 100);
  // 25,000 in 2,592,000 s.
  expect(casesPerS).toBeCloseTo(0.9645, 4);
  expect(eventsPerS).toBeCloseTo(1.929, 3);
  expect(videoShare).toBe(0.32);
  expect(filesPerS).toBeCloseTo(1.2346, 4);
});

describe('percentiles', () => {
  test.each([
    [[5, 1, 3], 0.5, 3],
    [[1, 2, 3, 4], 0.5, 2],
    [Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
    [[7], 0.01, 7],
    [[7, 9], 1, 9],
  ])('%j at %d', (values, share, expected) => expect(percentile(values, share)).toBe(expected));

  test('of nothing', () => {
    expect(percentile([], 0.5)).toBeNaN();
    expect(describeLatency([])).toBe('none');
  });
});

test.each([1, 40, 900])('the schedule keeps %i calls a second, whatever comes late', (perSecond) => {
  let nowMs = 0;
  let calls = 0;
  const timers = [];
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const schedule = createSchedule(() => calls++, {
    random,
    now: () => nowMs,
    setTimer: (run, ms) => timers.push({ run, atMs: nowMs + ms }),
    clearTimer: () => (timers.length = 0),
  });
  schedule.setRate(perSecond);
  for (let i = 0; i < 1e6 && nowMs < 1_000_000; i++) {
    const { run, atMs } = timers.shift();
    // Every timer comes some milliseconds late.
    nowMs = Math.max(nowMs, atMs) + 10 * random();
    run();
  }
  expect(calls / (nowMs / 1000) / perSecond).toBeCloseTo(1, perSecond === 1 ? 0 : 1);
  schedule.setRate(0);
  expect(timers).toEqual([]);
});

test('the most in any second is counted wherever it begins', () => {
  expect(mostInASecond([])).toBe(0);
  expect(mostInASecond([0, 999, 1_000, 2_000])).toBe(2);
  expect(mostInASecond([500, 900, 1_100, 1_400, 1_600])).toBe(4);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5_000 })), (moments) => {
      const slow = moments.map((from) => moments.filter((at) => at >= from && at < from + 1_000).length);
      expect(mostInASecond(moments)).toBe(Math.max(0, ...slow));
    }),
  );
});

test.each([
  [{ mosquitto: 0.3, receiver: 0.96, agents: 1.2 }, 0.1, /^receiver, with 0\.96 cores$/],
  [{ mosquitto: 0.3, receiver: 0.5, agents: 1.2 }, 0.02, /^the machine: no core is free/],
  [{ mosquitto: 0.1, receiver: 0.2, agents: 0.3 }, 1.4, /^no processor: something waits for the disk/],
])('what is full: %j with %d idle', (cores, idleCores, expected) => expect(whatIsFull({ cpu: { cores, idleCores } })).toMatch(expected));

describe('what was made against what has come', () => {
  const event = (seq, sha256 = 'a') => ({ site: 's', agent: 'b', camera: 'c', id: `e${seq}`, seq, sha256 });
  const made = [1, 2, 3].map((seq) => ({ what: 'event', ...event(seq) }));
  test.each([
    ['all of it', [event(1), event(2), event(3)], { lost: 0, twice: 0, strange: 0 }],
    ['one lost', [event(1), event(3)], { lost: 1, twice: 0, strange: 0 }],
    ['one twice', [event(1), event(2), event(2), event(3)], { lost: 0, twice: 1, strange: 0 }],
    ['one altered', [event(1), event(2, 'b'), event(3)], { lost: 1, twice: 0, strange: 1 }],
  ])('%s', (_, events, expected) => expect(compare(made, { events, files: [] }, () => '').events).toEqual({ made: 3, ...expected }));

  test('a file that is not on the disk counts as altered', () => {
    const file = { site: 's', agent: 'b', camera: 'c', event: 'e', id: 'f', kind: 'clip', bytes: 1, sha256: 'a' };
    const { files } = compare([{ what: 'file', ...file }], { events: [], files: [file] }, () => '/nowhere/clip.mp4');
    expect(files).toEqual({ made: 1, lost: 0, twice: 0, strange: 0, altered: 1 });
  });
});

describe('the arithmetic of a fleet', () => {
  const fleet = parseFleet([]);
  const of = (differ) => new Map(arithmetic({ ...fleet, ...differ }));

  test('of the city', () => {
    const lines = of({});
    expect(lines.get('boxes, each a connection, a client id and a key')).toBe('750');
    // 2 events, a record, manifest and complete for each of 4 files, 54 + 6 + 4 + 1 chunks, "all complete"; 2 + 4 + 4 + 1 acknowledgements.
    expect(lines.get('a case with video')).toBe('80 messages up, 11 down, 8.07 MB');
    expect(lines.get('files a month; a year')).toBe('64.3 GB; 772 GB');
  });

  test('stands in docs/fleet.md as it is', () => {
    const document = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../docs/fleet.md'), 'utf8');
    expect(document).toContain(`\`\`\`\n${asText(arithmetic(fleet))}\n\`\`\``);
  });

  test('follows what it is given', () => {
    expect(of({ mbit: 8 }).get('files a month; a year')).toBe('120 GB; 1,440 GB');
    expect(of({ camerasABox: 1 }).get('boxes, each a connection, a client id and a key')).toBe('3,000');
    expect(of({ keepDays: 30 }).get("files on the centre's disk, kept 30 days")).toBe('64.3 GB');
  });

  test.each([[['--cameras', 'some']], [['--video', '30000']], [['--busy', '0']]])('%j is refused', (args) => {
    expect(() => parseFleet(args)).toThrow(/^--/);
  });
});
