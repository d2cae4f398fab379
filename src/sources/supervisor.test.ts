import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeferred, type Deferred } from '../media/deferred.js';
import { AgentError } from '../platform/errors.js';
import { createTestClock, type TestClock } from '../testing/test-clock.js';
import { retryDelayMs } from './backoff.js';
import type { Source, SourceConnection, SourceEnd, StopReason } from './contract.js';
import { type Consumer, createSupervisor, type StateChange, type Supervisor } from './supervisor.js';

type ConsumerEnd = Awaited<Consumer['ended']>;

/** A connection and its reader, moved by hand. */
interface Link {
  readonly atMs: number;
  frames: number;
  readonly stopped: StopReason[];
  readonly end: Deferred<SourceEnd>;
  readonly consumed: Deferred<ConsumerEnd>;
  terminated: boolean;
  disposed: boolean;
}

let clock: TestClock;
let links: Link[];
let attempts: number[];
let states: StateChange[];
let supervisor: Supervisor;
let stop: AbortController;
let running: Promise<SourceEnd>;
let reachable: boolean;
/** What the next connections do; after the last, they succeed. */
let refusals: Error[];
/** A connection that is not recorded could be now. */
let recordable: boolean;
/** Connecting does not end before this does. */
let hang: Deferred<void> | null;

const refusal = (code: 'SOURCE_UNREACHABLE' | 'SOURCE_UNAUTHORIZED'): AgentError => new AgentError(code, `camera: ${code}`);

function createFakeSource(live: boolean): Source {
  return {
    name: 'camera',
    live,
    reachable: async () => reachable,
    async connect() {
      attempts.push(clock.monotonic());
      const error = refusals.shift();
      if (error !== undefined) throw error;
      await hang?.promise;
      const link: Link = {
        atMs: clock.monotonic(),
        frames: 0,
        stopped: [],
        end: createDeferred(),
        consumed: createDeferred(),
        terminated: false,
        disposed: false,
      };
      links.push(link);
      const connection: SourceConnection = {
        framesFds: { fds: [-1], holdsBytes: 0 },
        pixelFormat: 'gray',
        wallClock: { kind: 'live' },
        stream: { codec: 'h264', pixelFormat: 'yuv420p', width: 64, height: 48, fps: 25, durationS: null, creationTimeMs: null },
        ended: link.end.promise,
        stop(reason) {
          link.stopped.push(reason);
          link.end.resolve({ reason, detail: null });
          link.consumed.resolve({ reason: 'ended' });
        },
        async [Symbol.asyncDispose]() {
          link.disposed = true;
        },
      };
      return connection;
    },
  };
}

function begin(live = true): void {
  supervisor = createSupervisor({
    source: createFakeSource(live),
    clock,
    logger: pino({ level: 'silent' }),
    stallMs: 20_000,
    random: () => 0.5,
    onState: (change) => states.push(change),
    canRecordAgain: () => recordable,
    consume: () => {
      const link = links.at(-1);
      if (link === undefined) throw new Error('nothing to read from');
      return {
        frames: () => link.frames,
        ended: link.consumed.promise,
        terminate: async () => {
          link.terminated = true;
          link.consumed.resolve({ reason: 'crashed' });
        },
      };
    },
  });
  running = supervisor.run(stop.signal);
}

/** Time passes with pictures coming. */
async function show(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    const link = links.at(-1);
    if (link !== undefined) link.frames += 25;
    await clock.advance(1000);
  }
}

function disconnect(): void {
  const link = links.at(-1);
  link?.end.resolve({ reason: 'disconnected', detail: null });
  link?.consumed.resolve({ reason: 'ended' });
}

beforeEach(() => {
  clock = createTestClock();
  links = [];
  attempts = [];
  states = [];
  refusals = [];
  hang = null;
  recordable = false;
  reachable = true;
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await clock.advance(20_000);
  await running;
});

describe('retryDelayMs', () => {
  it.each([
    [1, 0.5, 1000],
    [2, 0.5, 2000],
    [4, 0.5, 8000],
    [7, 0.5, 60_000],
    [1000, 0.99, 60_000],
    [3, 0, 3000],
    [3, 1, 5000],
    [1, 0, 1000],
  ])('after %d failures with %d waits %d ms', (failures, random, expected) => expect(retryDelayMs(failures, random)).toBe(expected));
});

describe('supervisor', () => {
  it('goes online with the first picture and says so once', async () => {
    begin();
    await show(5);
    expect(states.map((change) => change.state)).toEqual(['online']);
    expect(supervisor.state()).toMatchObject({ state: 'online', detail: null });
  });

  it('makes a step every 2 s whatever its camera does, unless a step does not end', async () => {
    begin();
    expect(supervisor.quietMs()).toBe(0);
    const quietest = async (seconds: number): Promise<number> => {
      let longestMs = 0;
      for (let i = 0; i < seconds; i++) {
        await clock.advance(999);
        longestMs = Math.max(longestMs, supervisor.quietMs());
        await clock.advance(1);
      }
      return longestMs;
    };
    await show(5);
    expect(await quietest(15)).toBeLessThan(1_000);
    refusals = Array.from({ length: 8 }, () => refusal('SOURCE_UNREACHABLE'));
    reachable = false;
    expect(await quietest(200)).toBeLessThan(2_000);
    expect(supervisor.restarts()).toMatchObject({ stalled: 1, unreachable: 8 });
    hang = createDeferred();
    disconnect();
    expect(await quietest(300)).toBeGreaterThan(250_000);
    hang.resolve();
    await show(2);
    expect(supervisor.quietMs()).toBeLessThan(1_001);
    stop.abort();
    await clock.advance(1_000);
    expect(supervisor.quietMs()).toBe(0);
  });

  it('waits 1, 2, 4 … 60 s between tries that fail', async () => {
    refusals = Array.from({ length: 9 }, () => refusal('SOURCE_UNREACHABLE'));
    begin();
    await clock.advance(250_000);
    const waits = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(supervisor.restarts()).toEqual({ unreachable: 9 });
    expect(links.length).toBe(1);
  });

  it('starts from 1 s again only after 60 s of pictures', async () => {
    refusals = Array.from({ length: 4 }, () => refusal('SOURCE_UNREACHABLE'));
    begin();
    await clock.advance(15_000);
    await show(30);
    disconnect();
    await clock.advance(0);
    const brief = clock.monotonic();
    await clock.advance(17_000);
    expect((attempts.at(-1) ?? 0) - brief).toBe(16_000);
    await show(70);
    disconnect();
    await clock.advance(0);
    const long = clock.monotonic();
    await clock.advance(10_000);
    expect((attempts.at(-1) ?? 0) - long).toBe(1000);
  });

  it('is back at once when a camera that was away answers again', async () => {
    refusals = Array.from({ length: 8 }, () => refusal('SOURCE_UNREACHABLE'));
    reachable = false;
    begin();
    await clock.advance(150_000);
    expect(links.length).toBe(0);
    refusals = [refusal('SOURCE_UNREACHABLE')]; // Its port is open before its stream is.
    reachable = true;
    const backAtMs = clock.monotonic();
    await clock.advance(10_000);
    expect(links.length).toBe(1);
    expect((links[0]?.atMs ?? 0) - backAtMs).toBeLessThan(8000);
  });

  it('does not hurry to a camera that answers and refuses', async () => {
    refusals = Array.from({ length: 3 }, () => refusal('SOURCE_UNAUTHORIZED'));
    begin();
    await clock.advance(170_000);
    expect(attempts).toEqual([0, 60_000, 120_000]);
    expect(supervisor.restarts()).toEqual({ unauthorized: 2 + 1 });
    expect(supervisor.state().detail).toContain('SOURCE_UNAUTHORIZED');
  });

  it('tries again after trouble of the machine', async () => {
    refusals = [Object.assign(new Error('ENOSPC: no space left on device, mkdir'), { code: 'ENOSPC' })];
    begin();
    await clock.advance(1500);
    expect(supervisor.restarts()).toEqual({ failed: 1 });
    expect(links.length).toBe(1);
  });

  it('restarts a connection on which no picture comes for 20 s', async () => {
    begin();
    await show(5);
    await clock.advance(19_000);
    expect(links[0]?.stopped).toEqual([]);
    await clock.advance(2000);
    expect(links[0]?.stopped).toEqual(['stalled']);
    expect(states.map((change) => change.state)).toContain('stalled');
    await clock.advance(2000);
    expect(links.length).toBe(2);
    expect(links[0]?.disposed).toBe(true);
    expect(supervisor.restarts()).toEqual({ stalled: 1 });
  });

  it.each([
    ['resolution-changed', 'resolution-changed'],
    ['malformed', 'malformed'],
    ['crashed', 'reader-failed'],
  ] as const)('restarts when the reader ends with %s', async (reason, expected) => {
    begin();
    await show(3);
    links[0]?.consumed.resolve({ reason });
    await clock.advance(3000);
    expect(links[0]?.stopped).toEqual([expected]);
    expect(supervisor.restarts()).toEqual({ [expected]: 1 });
    expect(links.length).toBe(2);
  });

  it('terminates a reader that does not end with its stream', async () => {
    begin();
    await show(2);
    links[0]?.end.resolve({ reason: 'disconnected', detail: null });
    await clock.advance(9000);
    expect(links[0]?.disposed).toBe(false);
    await clock.advance(2000);
    expect(links[0]?.terminated).toBe(true);
    expect(links[0]?.disposed).toBe(true);
  });

  it('stops in order: the connection first, then its reader, and nothing is left', async () => {
    begin();
    await show(2);
    stop.abort();
    await clock.advance(0);
    expect(await running).toEqual({ reason: 'shutdown', detail: null });
    expect(links[0]).toMatchObject({ stopped: ['shutdown'], disposed: true });
    expect(supervisor.state().state).toBe('offline');
    expect(clock.waiting()).toBe(0);
  });

  it('a camera that was away when the agent stopped ends by that, not by its absence', async () => {
    refusals = [refusal('SOURCE_UNREACHABLE'), refusal('SOURCE_UNREACHABLE')];
    begin();
    await clock.advance(0);
    stop.abort();
    await clock.advance(0);
    expect(await running).toEqual({ reason: 'shutdown', detail: null });
  });

  it('reads what is not live once, and throws why it cannot', async () => {
    begin(false);
    await show(2);
    links[0]?.end.resolve({ reason: 'end-of-file', detail: null });
    links[0]?.consumed.resolve({ reason: 'ended' });
    expect(await running).toEqual({ reason: 'end-of-file', detail: null });
    expect(supervisor.restarts()).toEqual({});
    refusals = [refusal('SOURCE_UNREACHABLE')];
    begin(false);
    await expect(running).rejects.toThrow('SOURCE_UNREACHABLE');
    running = Promise.resolve({ reason: 'shutdown', detail: null });
  });

  it('connects anew at once when recording is possible again, and takes that for no failure of the camera', async () => {
    begin();
    await clock.advance(1_000);
    (links[0] as Link).frames = 5;
    await clock.advance(1_000);
    recordable = true;
    await clock.advance(1_000);
    recordable = false;
    expect(links[0]?.stopped).toEqual(['recording-resumed']);
    expect(links).toHaveLength(2);
    expect(attempts[1]).toBe(clock.monotonic());
    expect(supervisor.restarts()).toEqual({ 'recording-resumed': 1 });
  });
});
