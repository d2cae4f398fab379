import type { Clock } from '../platform/clock.js';
import { AgentError, type ErrorCode, errorMessage } from '../platform/errors.js';
import { createLinkedAbort } from '../platform/lifecycle/linked-abort.js';
import type { Logger } from '../platform/logger.js';
import { retryDelayMs } from './backoff.js';
import type { Source, SourceConnection, SourceEnd, SourceEndReason, StopReason } from './contract.js';

/** `connecting`: never yet seen since it was tried. `offline`: waiting for the next try. */
export type SourceState = 'connecting' | 'online' | 'stalled' | 'offline';

/** Why a camera had to be connected anew. */
export type RestartReason = 'unreachable' | 'unauthorized' | 'no-video' | SourceEndReason;

export interface StateChange {
  readonly state: SourceState;
  /** Wall clock, UTC milliseconds since 1970. */
  readonly sinceMs: number;
  /** One line for people on why it is not online; `null` when there is nothing to say. */
  readonly detail: string | null;
}

/** Whoever reads a connection's pictures. */
export interface Consumer {
  /** Pictures read so far: while the count stands still, the connection counts as stalled. */
  frames(): number;
  /** Resolves when it has ended, by the stream's end or its own; never rejects. */
  readonly ended: Promise<{ readonly reason: 'ended' | 'cut' | 'resolution-changed' | 'malformed' | 'crashed' }>;
  /** For one that goes on although the stream has ended. */
  terminate(): Promise<void>;
}

export interface SupervisorOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After so many milliseconds without a picture the connection is made anew. */
  readonly stallMs: number;
  /** Folder to record a new connection in; `null`: none. */
  readonly segmentsFolder?: () => Promise<string | null>;
  /** Whether a connection that is not recorded could be now: then it is made anew. */
  readonly canRecordAgain?: () => boolean;
  /** Takes over a new connection. */
  readonly consume: (connection: SourceConnection) => Consumer;
  readonly onState?: (change: StateChange) => void;
  /** 0..1; spreads the tries of many cameras. */
  readonly random?: () => number;
}

/** Keeps a source connected, whatever happens to it. */
export interface Supervisor {
  /**
   * Runs until the signal aborts; a source that is not live, until it ends.
   *
   * @returns how the last connection ended.
   * @throws {AgentError} when a source that is not live cannot be opened.
   */
  run(signal: AbortSignal): Promise<SourceEnd>;
  state(): StateChange;
  /** Connections made anew, by reason. */
  restarts(): Readonly<Partial<Record<RestartReason, number>>>;
  /**
   * Since it last did something by itself, milliseconds: looked after its pictures, waited a little, began or ended a connection. A camera that
   * is away keeps it busy; what makes this grow is a step that does not end. 0 while it does not run.
   */
  quietMs(): number;
}

/** A connection that showed pictures for so long counts as good: the next failure starts from the shortest wait. */
const healthyMs = 60_000;
/** How often a connection is looked after, milliseconds; a stall is found at most so much late. */
const watchMs = 1000;
/** How often it is asked, during a long wait, whether the camera is back, milliseconds. Twice that is lost at most. */
const askMs = 2000;
/** Failures that a camera keeps when it comes back: its port opens before its streams do. Waits of some 4 s at most. */
const failuresWhenBack = 2;
/** Least wait after a refused password, milliseconds: many cameras lock the account after five tries in a few minutes. */
const refusedMs = 60_000;
/** How long a consumer may go on after its stream's end, milliseconds; a picture takes some 20. */
const consumerEndMs = 10_000;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { source, clock, logger } = options;
  const random = options.random ?? Math.random;
  const restarts: Partial<Record<RestartReason, number>> = {};
  let current: StateChange = { state: 'connecting', sinceMs: clock.now(), detail: null };
  let failures = 0;
  /** Monotonic, of the last step; `null` while it does not run. */
  let steppedAtMs: number | null = null;

  function step(): void {
    steppedAtMs = clock.monotonic();
  }

  function enter(state: SourceState, detail: string | null = null): void {
    if (state === current.state && detail === current.detail) return;
    current = { state, sinceMs: state === current.state ? current.sinceMs : clock.now(), detail };
    options.onState?.(current);
  }

  /** Looks after one connection until it and its consumer have ended. */
  async function attend(connection: SourceConnection, signal: AbortSignal): Promise<SourceEnd> {
    await using held = connection;
    const consumer = options.consume(held);
    let over = false;
    const consumed = consumer.ended.then((end) => {
      const reason = stopReasons[end.reason];
      if (reason !== null) held.stop(reason);
    });
    const ended = held.ended.finally(() => {
      over = true;
    });
    using watching = createLinkedAbort(signal);
    const watch = watchFrames(consumer, held, watching.signal, () => over);
    const end = await ended;
    watching.abort();
    await watch;
    await endConsumer(consumer, consumed);
    return end;
  }

  async function watchFrames(consumer: Consumer, connection: SourceConnection, signal: AbortSignal, over: () => boolean): Promise<void> {
    let seen = 0;
    let seenAtMs = clock.monotonic();
    let onlineAtMs: number | null = null;
    while (await pause(watchMs, signal)) {
      step();
      if (over()) return;
      if (options.canRecordAgain?.() === true) {
        connection.stop('recording-resumed');
        return;
      }
      const nowMs = clock.monotonic();
      const frames = consumer.frames();
      if (frames > seen) {
        seen = frames;
        seenAtMs = nowMs;
        onlineAtMs ??= nowMs;
        if (nowMs - onlineAtMs >= healthyMs) failures = 0;
        enter('online');
      } else if (nowMs - seenAtMs >= options.stallMs) {
        enter('stalled', `no picture for ${Math.round((nowMs - seenAtMs) / 1000)} s`);
        connection.stop('stalled');
        return;
      }
    }
    if (signal.aborted && !over()) connection.stop('shutdown');
  }

  async function endConsumer(consumer: Consumer, consumed: Promise<void>): Promise<void> {
    const limit = new AbortController();
    const late = pause(consumerEndMs, limit.signal).then((elapsed) => (elapsed ? 'late' : 'ended'));
    const result = await Promise.race([consumed.then(() => 'ended' as const), late]);
    limit.abort();
    if (result === 'late') {
      logger.error({ event: 'reader-hung' }, 'the thread that reads the pictures did not end with them; it is terminated');
      await consumer.terminate();
    }
    await consumed;
  }

  /** Resolves true after `ms`, false at once when aborted. */
  async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
    try {
      await clock.delay(ms, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  /** Waits for the next try: its time, or the moment when a camera that was away answers again. */
  async function waitForRetry(reason: RestartReason, signal: AbortSignal): Promise<void> {
    const delayMs = Math.max(retryDelayMs(failures, random()), reason === 'unauthorized' ? refusedMs : 0);
    logger.warn(
      { event: 'camera-restart', reason, waitMs: Math.round(delayMs), detail: current.detail },
      `connecting again in ${(delayMs / 1000).toFixed(1)} s`,
    );
    const untilMs = clock.monotonic() + delayMs;
    let wasThere = delayMs <= askMs || (await source.reachable(signal));
    for (let leftMs = delayMs; leftMs > 0; leftMs = untilMs - clock.monotonic()) {
      step();
      if (!(await pause(Math.min(askMs, leftMs), signal))) return;
      if (delayMs <= askMs) continue;
      const isThere = await source.reachable(signal);
      if (isThere && !wasThere) {
        failures = Math.min(failures, failuresWhenBack);
        return;
      }
      wasThere = isThere;
    }
  }

  async function connectOnce(signal: AbortSignal): Promise<{ readonly end: SourceEnd; readonly reason: RestartReason }> {
    step();
    enter('connecting', current.detail);
    let connection: SourceConnection;
    try {
      connection = await source.connect((await options.segmentsFolder?.()) ?? null, signal);
    } catch (error) {
      if (signal.aborted) return { end: { reason: 'shutdown', detail: null }, reason: 'shutdown' };
      // A full disk or too many open files are trouble too that may pass; a mistake in the program is not.
      if (!source.live || error instanceof TypeError || error instanceof RangeError) throw error;
      const reason = error instanceof AgentError ? connectReasons[error.code] : undefined;
      return { end: { reason: 'failed', detail: errorMessage(error) }, reason: reason ?? 'failed' };
    }
    const { codec, width, height, fps } = connection.stream;
    logger.info({ event: 'camera-connected', codec, width, height, fps }, `connected: ${codec} ${width}x${height}`);
    const end = await attend(connection, signal);
    return { end, reason: end.reason };
  }

  async function keepConnected(signal: AbortSignal): Promise<SourceEnd> {
    for (;;) {
      const { end, reason } = await connectOnce(signal);
      enter('offline', end.detail ?? offlineTexts[end.reason] ?? null);
      if (signal.aborted || !source.live) return end;
      // We ended it for our own sake: the camera is there, and has not failed.
      if (reason !== 'recording-resumed') failures++;
      restarts[reason] = (restarts[reason] ?? 0) + 1;
      if (reason !== 'recording-resumed') await waitForRetry(reason, signal);
      // What ended the last connection is not why the camera ends now.
      if (signal.aborted) return { reason: 'shutdown', detail: null };
    }
  }

  return {
    async run(signal) {
      try {
        return await keepConnected(signal);
      } finally {
        steppedAtMs = null;
      }
    },
    state: () => current,
    restarts: () => ({ ...restarts }),
    quietMs: () => (steppedAtMs === null ? 0 : clock.monotonic() - steppedAtMs),
  };
}

/** What a consumer's end asks of the connection; `null`: it has ended itself. */
const stopReasons: Readonly<Record<Awaited<Consumer['ended']>['reason'], StopReason | null>> = {
  ended: null,
  cut: null,
  'resolution-changed': 'resolution-changed',
  malformed: 'malformed',
  crashed: 'reader-failed',
};

const connectReasons: Readonly<Partial<Record<ErrorCode, RestartReason>>> = {
  SOURCE_UNREACHABLE: 'unreachable',
  SOURCE_UNAUTHORIZED: 'unauthorized',
  SOURCE_NOT_VIDEO: 'no-video',
};

const offlineTexts: Readonly<Partial<Record<SourceEndReason, string>>> = {
  disconnected: 'the camera closed the connection',
  stalled: 'the camera stopped sending pictures',
  'resolution-changed': 'the camera changed the size of its pictures',
  malformed: 'the decoded pictures could not be read',
  'reader-failed': 'the thread that looks at the pictures failed',
  'recording-resumed': 'there is room for the recording again',
};
