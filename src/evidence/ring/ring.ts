import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaTools } from '../../media/footage-tools.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { createRingConnection, type RingConnection, type Segment } from './ring-connection.js';

/**
 * How often the lists are read and the caps enforced, milliseconds. Segments last 1 to 2 s: reading more often finds
 * nothing, reading more rarely delays every piece of evidence by as much.
 */
const refreshEveryMs = 500;
/**
 * How far the wall clock of a segment's file and that of an incident may lie apart when a past connection is looked for,
 * milliseconds. It must hold the delay from lens to disk (2 to 5 s with a 2 s segment) and slow clock corrections, and
 * stay below the time in which a connection can be replaced by another whose stream clock shows the same value.
 */
const sameMomentMs = 15_000;

/** Segments of one connection that overlap a span, oldest first, and what they cover together. */
export interface RingSpan {
  readonly paths: readonly string[];
  /** Seconds on the connection's stream clock. */
  readonly fromS: number;
  readonly toS: number;
}

/** A stretch of one connection's recording, without a gap. */
export interface HeldSpan {
  readonly connectionId: string;
  /** Seconds on the connection's stream clock. */
  readonly fromS: number;
  readonly toS: number;
  /** Wall clock by when the segments were written, UTC milliseconds since 1970: some seconds after the lens saw it, at most. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The last minutes of one camera's recording on disk, bounded in bytes and age. */
export interface SegmentRing extends AsyncDisposable {
  /**
   * Makes the folder into which the segments of a new connection go: `<number>.ts` and the list
   * `segmentListName` of media. Ids sort in the order of the connections.
   *
   * @throws {RangeError} when the id is in use or is no plain file name.
   * @throws {AgentError} DISK_FULL while there is no room to record in.
   */
  begin(connectionId: string): Promise<string>;
  /** What the disk allows, where that is known. */
  readonly room: RingRoom | null;
  /** Nothing more is written for this connection. Its footage stays until the caps take it. */
  end(connectionId: string): Promise<void>;
  /** What is on disk of a span; `null` when nothing is. */
  covering(connectionId: string, fromS: number, toS: number): RingSpan | null;
  /** Resolves once the segments reach `toS` or the connection has ended. Rejects with the signal's reason. */
  waitFor(connectionId: string, toS: number, signal: AbortSignal): Promise<void>;
  /** Keeps a span from deletion, what is not yet written included, until disposed of. */
  hold(connectionId: string, fromS: number, toS: number): Disposable;
  /** The connection that recorded `streamS` at about `atMs` (UTC milliseconds); `null` when none did or it is gone. */
  connectionAt(streamS: number, atMs: number): string | null;
  /** What is on disk of a span of wall time, UTC milliseconds since 1970, oldest first: one stretch for each connection that has some. */
  held(fromMs: number, toMs: number): readonly HeldSpan[];
  usage(): { readonly segments: number; readonly bytes: number };
}

/** What the disk of recordings allows for the time being. */
export interface RingRoom {
  /** What of their room recordings may use, 0..1. */
  share(): number;
  /** Whether a connection may be recorded. */
  isOpen(): boolean;
  /** How often it was opened again: what failed before may be tried once more then. */
  timesReopened(): number;
}

export interface SegmentRingOptions {
  /** Folder of this camera alone, for example `<data>/ring/<camera>`. */
  readonly folder: string;
  /** Bytes on disk, indexes included. Only held footage may pass it. */
  readonly maxBytes: number;
  /** What the disk allows. Default: everything. */
  readonly room?: RingRoom;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads a last segment that was cut off before it was listed. */
  readonly measureSegment: MediaTools['measureSegment'];
  readonly signal: AbortSignal;
}

/**
 * Opens the ring, takes in what earlier runs left, and keeps it in bounds until the signal or disposal. What is no recording
 * in its folder is left alone.
 *
 * @throws {AgentError} STORE_FAILED or DISK_FULL when the folder cannot be made or read.
 */
export async function createSegmentRing(options: SegmentRingOptions): Promise<SegmentRing> {
  const { folder, clock, logger } = options;
  const lifetime = new AbortController();
  const signal = AbortSignal.any([options.signal, lifetime.signal]);
  const connections = new Map<string, RingConnection>();
  const holds = new Set<{ readonly connectionId: string; readonly fromS: number; readonly toS: number }>();
  const waiters = new Set<() => void>();

  for (const id of await earlierConnections(folder)) {
    const connection = createRingConnection(id, join(folder, id), options);
    try {
      await connection.close();
      connections.set(id, connection);
    } catch (error) {
      logger.error(
        { event: 'recording-unreadable', connection: id, reason: errorMessage(error) },
        `an earlier recording cannot be read and is left alone; mend or remove ${connection.folder}`,
      );
    }
  }

  function known(connectionId: string): RingConnection {
    const connection = connections.get(connectionId);
    if (connection === undefined) throw new RangeError(`the ring knows no connection ${connectionId}`);
    return connection;
  }

  /** Reading lists, deleting and closing take turns: each works on the connections' segments across several awaits. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }

  async function refresh(): Promise<void> {
    for (const connection of connections.values()) if (!connection.ended) await connection.refresh();
    await enforceCaps();
    for (const wake of waiters) wake();
  }

  const isHeld = (connectionId: string, segment: Segment): boolean =>
    [...holds].some((hold) => hold.connectionId === connectionId && segment.endS > hold.fromS && segment.startS < hold.toS);

  async function enforceCaps(): Promise<void> {
    const oldestAllowedMs = clock.monotonic() - options.maxAgeMs;
    let excessBytes = usage().bytes - options.maxBytes * (options.room?.share() ?? 1);
    for (const connection of connections.values()) {
      for (const segment of [...connection.segments]) {
        if (excessBytes <= 0 && segment.writtenAtMonotonicMs >= oldestAllowedMs) break;
        if (isHeld(connection.id, segment)) continue;
        await rm(segment.path, { force: true });
        connection.segments.splice(connection.segments.indexOf(segment), 1);
        excessBytes -= segment.bytes;
      }
      if (connection.ended && connection.segments.length === 0) {
        await rm(connection.folder, { recursive: true, force: true });
        connections.delete(connection.id);
        excessBytes -= connection.indexBytes();
      }
    }
  }

  function usage(): { segments: number; bytes: number } {
    let segments = 0;
    let bytes = 0;
    for (const connection of connections.values()) {
      segments += connection.segments.length;
      bytes += connection.indexBytes() + connection.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    }
    return { segments, bytes };
  }

  async function keepRefreshing(): Promise<void> {
    while (!signal.aborted) {
      try {
        await inTurn(refresh);
      } catch (error) {
        logger.error({ event: 'ring-refresh-failed', reason: errorMessage(error) }, 'could not tend the recording on disk; trying again');
      }
      await clock.delay(refreshEveryMs, signal).catch(() => undefined);
    }
  }
  const tended = keepRefreshing();

  return {
    async begin(connectionId) {
      if (!/^[\w-][\w.-]*$/.test(connectionId)) throw new RangeError(`connection id is no plain file name: ${connectionId}`);
      if (connections.has(connectionId)) throw new RangeError(`connection id is in use: ${connectionId}`);
      if (options.room?.isOpen() === false) throw new AgentError('DISK_FULL', `no room is left for recordings in ${folder}; make some`);
      const connection = createRingConnection(connectionId, join(folder, connectionId), options);
      await mkdir(connection.folder);
      connections.set(connectionId, connection);
      return connection.folder;
    },
    room: options.room ?? null,
    async end(connectionId) {
      const connection = known(connectionId);
      await inTurn(async () => {
        await connection.close();
        await refresh();
      });
    },
    covering(connectionId, fromS, toS) {
      const overlapping = connections.get(connectionId)?.segments.filter((s) => s.endS > fromS && s.startS < toS) ?? [];
      const first = overlapping[0];
      const last = overlapping.at(-1);
      if (first === undefined || last === undefined) return null;
      return { paths: overlapping.map((s) => s.path), fromS: first.startS, toS: last.endS };
    },
    async waitFor(connectionId, toS, callerSignal) {
      const connection = known(connectionId);
      const either = AbortSignal.any([callerSignal, signal]);
      while (!connection.ended && (connection.segments.at(-1)?.endS ?? Number.NEGATIVE_INFINITY) < toS) {
        either.throwIfAborted();
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiters.delete(wake);
            either.removeEventListener('abort', wake);
            resolve();
          };
          waiters.add(wake);
          either.addEventListener('abort', wake);
        });
      }
    },
    hold(connectionId, fromS, toS) {
      const hold = { connectionId, fromS, toS };
      holds.add(hold);
      return { [Symbol.dispose]: () => void holds.delete(hold) };
    },
    connectionAt(streamS, atMs) {
      const candidates = [...connections.values()].flatMap((connection) => {
        const segment = connection.segments.find((s) => streamS < s.endS);
        if (segment === undefined || streamS < segment.startS) return [];
        const recordedAtMs = segment.writtenAtMs - 1000 * (segment.endS - streamS);
        return [{ id: connection.id, apartMs: Math.abs(recordedAtMs - atMs) }];
      });
      const nearest = candidates.sort((a, b) => a.apartMs - b.apartMs)[0];
      return nearest === undefined || nearest.apartMs > sameMomentMs ? null : nearest.id;
    },
    held: (fromMs, toMs) =>
      [...connections.values()].flatMap((connection) => heldOf(connection, fromMs, toMs)).sort((a, b) => a.fromMs - b.fromMs),
    usage,
    async [Symbol.asyncDispose]() {
      lifetime.abort(new DOMException('the ring was closed', 'AbortError'));
      await tended;
    },
  };
}

/** What one connection has of a span of wall time: one stretch, or none. */
function heldOf({ id, segments }: RingConnection, fromMs: number, toMs: number): readonly HeldSpan[] {
  const startMs = (segment: Segment): number => segment.writtenAtMs - 1000 * (segment.endS - segment.startS);
  const overlapping = segments.filter((segment) => segment.writtenAtMs > fromMs && startMs(segment) < toMs);
  const [first, last] = [overlapping[0], overlapping.at(-1)];
  if (first === undefined || last === undefined) return [];
  const beginMs = Math.max(fromMs, startMs(first));
  const endMs = Math.min(toMs, last.writtenAtMs);
  const fromS = first.startS + (beginMs - startMs(first)) / 1000;
  const toS = last.endS - (last.writtenAtMs - endMs) / 1000;
  return toS > fromS ? [{ connectionId: id, fromS, toS, fromMs: beginMs, toMs: endMs }] : [];
}

/** Makes the ring's folder and names the connections in it, in their order. */
async function earlierConnections(folder: string): Promise<readonly string[]> {
  try {
    await mkdir(folder, { recursive: true });
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new AgentError('DISK_FULL', `no room is left for recordings in ${folder}; make room or choose another data_dir`, {
        cause: error,
      });
    }
    const why = errorMessage(error);
    throw new AgentError('STORE_FAILED', `the folder for recordings cannot be used (${why}); mend it or choose another data_dir`, {
      cause: error,
    });
  }
}
