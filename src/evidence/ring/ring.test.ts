import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segmentListName } from '../../media/decoder.js';
import type { Clock } from '../../platform/clock.js';
import { createLogger } from '../../platform/logger.js';
import { createSegmentRing, type SegmentRing, type SegmentRingOptions } from './ring.js';
import { parseSegmentList } from './segment-list.js';

/** The ring's clock: its loop goes round once for each `step`, so that no test sleeps. */
function createStepClock(startMs: number) {
  let nowMs = startMs;
  let wake: (() => void) | null = null;
  let sleeping: () => void = () => undefined;
  let asleep = new Promise<void>((resolve) => {
    sleeping = resolve;
  });
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs - 1_000_000,
    delay: (_ms, signal) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => reject(signal?.reason);
        wake = () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        };
        if (signal?.aborted) giveUp();
        signal?.addEventListener('abort', giveUp);
        sleeping();
      }),
  };
  return {
    clock,
    /** Moves time and waits until the ring has looked at the disk and sleeps again. */
    async step(ms: number) {
      await asleep;
      nowMs += ms;
      asleep = new Promise<void>((resolve) => {
        sleeping = resolve;
      });
      wake?.();
      await asleep;
    },
  };
}

const startMs = Date.parse('2026-03-01T07:41:00Z');
const never = new AbortController().signal;

describe('the segment ring', () => {
  let folder: string;
  let time: ReturnType<typeof createStepClock>;
  let ring: SegmentRing | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parapet-ring-'));
    time = createStepClock(startMs);
  });
  afterEach(async () => {
    await ring?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function openRing(over: Partial<SegmentRingOptions> = {}): Promise<SegmentRing> {
    ring = await createSegmentRing({
      folder,
      maxBytes: 1_000_000,
      maxAgeMs: 600_000,
      clock: time.clock,
      logger: createLogger('silent'),
      measureSegment: async () => ({ startS: 0, durationS: 0.4 }),
      signal: never,
      ...over,
    });
    return ring;
  }

  /** Writes one-second segments `from … to - 1` of 100 bytes each, as ffmpeg would, written at the clock's present. */
  async function record(connection: string, from: number, to: number, listed = to): Promise<void> {
    for (let s = from; s < to; s++) {
      const path = join(folder, connection, `${String(s).padStart(6, '0')}.ts`);
      await writeFile(path, Buffer.alloc(100));
      const writtenAtS = (time.clock.now() + 1000 * (s + 1 - to)) / 1000;
      await utimes(path, writtenAtS, writtenAtS);
    }
    const lines = Array.from(
      { length: listed - from },
      (_, i) => `${String(from + i).padStart(6, '0')}.ts,${from + i}.0,${from + i + 1}.0\n`,
    );
    await writeFile(join(folder, connection, segmentListName), lines.join(''), { flag: 'a' });
  }
  const namesOf = (paths: readonly string[] | undefined): number[] => (paths ?? []).map((path) => Number.parseInt(path.slice(-9), 10));

  it.each([
    { from: 2.5, to: 4.2, segments: [2, 3, 4], actual: [2, 5] },
    { from: 3, to: 4, segments: [3], actual: [3, 4] },
    { from: -5, to: 1.5, segments: [0, 1], actual: [0, 2] },
    { from: 8.5, to: 99, segments: [8, 9], actual: [8, 10] },
  ])('covers $from to $to s with whole segments, never less where there is footage', async ({ from, to, segments, actual }) => {
    await openRing();
    await ring?.begin('a');
    await record('a', 0, 10);
    await time.step(500);
    const span = ring?.covering('a', from, to);
    expect(namesOf(span?.paths)).toEqual(segments);
    expect([span?.fromS, span?.toS]).toEqual(actual);
  });

  it.each([
    { what: 'all of it', from: -1, to: 99, held: [[0, 10]] },
    { what: 'the middle', from: 2.5, to: 4.25, held: [[2.5, 4.25]] },
    { what: 'nothing before it', from: -60, to: 0, held: [] },
    { what: 'nothing after it', from: 10, to: 20, held: [] },
  ])('finds by wall clock $what', async ({ from, to, held }) => {
    await openRing();
    await ring?.begin('a');
    // Ten segments, the last one written now: the first began 10 s ago.
    await record('a', 0, 10);
    const beganMs = startMs - 10_000;
    await time.step(500);
    const spans = ring?.held(beganMs + 1000 * from, beganMs + 1000 * to) ?? [];
    expect(spans.map(({ fromS, toS }) => [fromS, toS])).toEqual(held);
    expect(spans.map(({ fromMs, toMs }) => [fromMs - beganMs, toMs - beganMs])).toEqual(held.map((span) => span.map((s) => 1000 * s)));
  });

  it('finds the parts that several connections have of a span, in their order', async () => {
    await openRing();
    await ring?.begin('a');
    await record('a', 0, 3);
    await time.step(500);
    await ring?.end('a');
    await ring?.begin('b');
    await time.step(9_500);
    await record('b', 100, 104);
    await time.step(500);
    const spans = ring?.held(startMs - 60_000, startMs + 60_000) ?? [];
    expect(spans.map(({ connectionId, fromS, toS }) => [connectionId, fromS, toS])).toEqual([
      ['a', 0, 3],
      ['b', 100, 104],
    ]);
    expect(spans.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([3_000, 4_000]);
  });

  it('has nothing for a span outside its footage or an unknown connection', async () => {
    await openRing();
    await ring?.begin('a');
    await record('a', 5, 7);
    await time.step(500);
    expect(ring?.covering('a', 7, 9)).toBeNull();
    expect(ring?.covering('a', 1, 5)).toBeNull();
    expect(ring?.covering('b', 5, 7)).toBeNull();
  });

  it('waits until the segments reach the asked-for moment', async () => {
    await openRing();
    await ring?.begin('a');
    let reached = false;
    const waiting = ring?.waitFor('a', 3.2, never).then(() => {
      reached = true;
    });
    await record('a', 0, 3);
    await time.step(500);
    expect(reached).toBe(false);
    await record('a', 3, 4);
    await time.step(500);
    await waiting;
    expect(ring?.covering('a', 0, 3.2)?.toS).toBe(4);
  });

  it('stops waiting when the connection ends, and takes in the segment that was cut off', async () => {
    await openRing();
    await ring?.begin('a');
    const waiting = ring?.waitFor('a', 60, never);
    await record('a', 0, 4, 3);
    await ring?.end('a');
    await waiting;
    const span = ring?.covering('a', 0, 60);
    expect(namesOf(span?.paths)).toEqual([0, 1, 2, 3]);
    expect(span?.toS).toBeCloseTo(3.4);
  });

  it('gives up waiting when it is told to', async () => {
    await openRing();
    await ring?.begin('a');
    const stop = new AbortController();
    const waiting = ring?.waitFor('a', 60, stop.signal);
    stop.abort(new Error('shutting down'));
    await expect(waiting).rejects.toThrow('shutting down');
  });

  it('keeps to its bytes by deleting the oldest, but never what is held', async () => {
    await openRing({ maxBytes: 500 });
    await ring?.begin('a');
    const hold = ring?.hold('a', 1.5, 2.5);
    await record('a', 0, 10);
    await time.step(500);
    const left = async () =>
      (await readdir(join(folder, 'a'))).filter((name) => name.endsWith('.ts')).map((name) => Number.parseInt(name, 10));
    const withHold = await left();
    expect(withHold.slice(0, 2)).toEqual([1, 2]);
    expect(withHold.at(-1)).toBe(9);
    expect(ring?.usage().bytes).toBeLessThanOrEqual(500);
    expect(ring?.usage().bytes).toBeGreaterThan(300);

    hold?.[Symbol.dispose]();
    await record('a', 10, 12);
    await time.step(500);
    expect((await left()).includes(2)).toBe(false);
  });

  it('keeps to its age, and removes an ended connection with its last segment', async () => {
    await openRing({ maxAgeMs: 10_000 });
    await ring?.begin('a');
    await record('a', 0, 3);
    await ring?.end('a');
    await time.step(7_000);
    expect(ring?.usage().segments).toBe(3);
    await time.step(4_000);
    expect(ring?.usage()).toEqual({ segments: 0, bytes: 0 });
    expect(await readdir(folder)).toEqual([]);
  });

  it('knows after a restart how old the footage of earlier runs is', async () => {
    await mkdir(join(folder, 'a'));
    await record('a', 0, 20);
    await openRing({ maxAgeMs: 10_500 });
    await time.step(0);
    expect(ring?.covering('a', 0, 99)?.fromS).toBe(9);
  });

  it('finds the connection that recorded a moment, by stream and wall clock together', async () => {
    await mkdir(join(folder, 'a'));
    await record('a', 0, 20);
    const aEndedAtMs = time.clock.now();
    const later = createStepClock(startMs + 40_000);
    time = later;
    await mkdir(join(folder, 'b'));
    await record('b', 0, 20);
    await openRing();
    expect(ring?.connectionAt(12, aEndedAtMs - 8_000)).toBe('a');
    expect(ring?.connectionAt(12, aEndedAtMs + 40_000 - 8_000)).toBe('b');
    expect(ring?.connectionAt(12, aEndedAtMs + 300_000)).toBeNull();
    expect(ring?.connectionAt(25, aEndedAtMs)).toBeNull();
  });

  it('removes a cut-off segment that nothing can be read from', async () => {
    await mkdir(join(folder, 'a'));
    await record('a', 0, 2, 1);
    await openRing({ measureSegment: async () => null });
    expect(ring?.covering('a', 0, 9)?.toS).toBe(1);
    expect(await readdir(join(folder, 'a'))).toEqual(['000000.ts', 'index.csv', segmentListName]);
  });

  it('takes in what a list that moved on no longer names', async () => {
    await openRing({ measureSegment: async () => ({ startS: 0, durationS: 1 }) });
    await ring?.begin('a');
    await record('a', 0, 3);
    await time.step(500);
    await record('a', 3, 8);
    await writeFile(join(folder, 'a', segmentListName), '000006.ts,6.0,7.0\n000007.ts,7.0,8.0\n');
    await time.step(500);
    expect(namesOf(ring?.covering('a', 0, 99)?.paths)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ring?.covering('a', 4.5, 4.6)).toMatchObject({ fromS: 4, toS: 5 });
  });

  it('keeps no more of a connection that lasts than is on disk, over restarts too', async () => {
    await openRing({ maxAgeMs: 600_000 });
    await ring?.begin('a');
    // Beyond a million, names no longer sort as their numbers do.
    const numbers = Array.from({ length: 4800 }, (_, i) => 998_000 + i);
    for (let i = 0; i < numbers.length; i += 200) {
      const added = numbers.slice(i, i + 200);
      for (const n of added) await writeFile(join(folder, 'a', `${n}.ts`), 'x');
      await writeFile(join(folder, 'a', segmentListName), added.map((n) => `${n}.ts,${n}.0,${n + 1}.0\n`).join(''));
      await time.step(400_000);
    }
    // The last two rounds are on disk; of those before them, no more than what the index may have to spare.
    const usage = ring?.usage() ?? { segments: 0, bytes: 0 };
    expect(usage.segments).toBe(400);
    expect(usage.bytes).toBeLessThan(2_500 * '1000000.ts,1000000,1000001\n'.length);
    await rm(join(folder, 'a', segmentListName));
    await ring?.[Symbol.asyncDispose]();
    await openRing({ measureSegment: async () => null });
    expect(ring?.usage().segments).toBe(400);
    expect(ring?.covering('a', 0, 2_000_000)).toMatchObject({ fromS: 1_002_400, toS: 1_002_800 });
  });

  it('leaves alone what is no recording, and a recording that cannot be read', async () => {
    await writeFile(join(folder, '.DS_Store'), 'x');
    await mkdir(join(folder, 'a'));
    await mkdir(join(folder, 'a', segmentListName));
    await mkdir(join(folder, 'b'));
    await record('b', 0, 3);
    await openRing();
    expect(ring?.usage().segments).toBe(3);
    expect(ring?.covering('a', 0, 9)).toBeNull();
    expect((await readdir(folder)).sort()).toEqual(['.DS_Store', 'a', 'b']);
  });

  it('says what is wrong with a folder that it cannot use', async () => {
    await writeFile(join(folder, 'file'), 'x');
    await expect(openRing({ folder: join(folder, 'file') })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it.each(['../../b', 'a/b', '.hidden', ''])('refuses the connection id %j', async (id) => {
    await openRing();
    await expect(ring?.begin(id)).rejects.toThrow(RangeError);
  });
});

describe('parseSegmentList', () => {
  it.each([
    ['a.ts,0.000000,1.500000\nb.ts,1.5,2\n', 2, 0],
    ['a.ts,0,1\nb.ts,1,', 1, 0],
    ['', 0, 0],
    ['../../etc/passwd,0,1\n', 0, 1],
    ['..,0,1\na.ts,nan,1\na.ts,2,1\n\n', 0, 3],
    ['a.ts,-1.5,0.25\r\n', 1, 0],
  ])('%j', (text, segments, badLines) => {
    const part = parseSegmentList(Buffer.from(text));
    expect(part.segments).toHaveLength(segments);
    expect(part.badLines).toBe(badLines);
  });
});
