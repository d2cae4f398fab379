import type { FootageInput } from '../../media/input.js';
import { AgentError } from '../../platform/errors.js';
import type { HeldSpan, SegmentRing } from './ring.js';

/** Which footage an incident needs. Seconds on the stream's own clock, but `atMs`. */
export interface FootageRequest {
  /** The connection whose clock is meant; `null` after a restart, when it must be found by `momentS` and `atMs`. */
  readonly connectionId: string | null;
  /** A moment that the footage surely shows, … */
  readonly momentS: number;
  /** … and its wall clock, UTC milliseconds since 1970. */
  readonly atMs: number;
  readonly fromS: number;
  readonly toS: number;
}

/** Footage on disk. It may cover less than was asked for, where there is no more. */
export interface FootageSpan {
  readonly input: FootageInput;
  /** Seconds on the stream's own clock. */
  readonly fromS: number;
  readonly toS: number;
}

/** Footage that is kept from deletion until disposed of. */
export interface FootageClaim extends Disposable {
  /**
   * Waits until the footage reaches `toS` or there will be no more.
   *
   * @throws {AgentError} MEDIA_FAILED when nothing of the span is on disk; the signal's reason when aborted.
   */
  span(fromS: number, toS: number, signal: AbortSignal): Promise<FootageSpan>;
}

/** Recorded pictures of one camera. */
export interface Footage {
  /**
   * Claims what is there, and what will be there, of a span.
   *
   * @throws {AgentError} MEDIA_FAILED when no footage of the moment is left.
   */
  claim(request: FootageRequest): FootageClaim;
  /** What is recorded of a span of wall time, UTC milliseconds since 1970; of a file nothing, for it has no wall clock. */
  held(fromMs: number, toMs: number): readonly HeldSpan[];
}

/** Footage of a live camera. */
export function createRingFootage(ring: SegmentRing): Footage {
  return {
    held: (fromMs, toMs) => ring.held(fromMs, toMs),
    claim(request) {
      const connectionId = request.connectionId ?? ring.connectionAt(request.momentS, request.atMs);
      if (connectionId === null) {
        throw new AgentError(
          'MEDIA_FAILED',
          `no recording of ${new Date(request.atMs).toISOString()} is left; a larger evidence ring keeps it longer`,
        );
      }
      const hold = ring.hold(connectionId, request.fromS, request.toS);
      return {
        async span(fromS, toS, signal) {
          await ring.waitFor(connectionId, toS, signal);
          const found = ring.covering(connectionId, fromS, toS);
          if (found === null)
            throw new AgentError('MEDIA_FAILED', `the recording holds nothing of ${fromS.toFixed(1)} to ${toS.toFixed(1)} s`);
          return { input: { kind: 'segments', paths: found.paths, startS: found.fromS }, fromS: found.fromS, toS: found.toS };
        },
        [Symbol.dispose]: () => hold[Symbol.dispose](),
      };
    },
  };
}

/**
 * Footage of a file.
 *
 * @param durationS length of the file; `null` when it is not known, then it is taken to hold whatever is asked for.
 */
export function createFileFootage(path: string, durationS: number | null): Footage {
  const lastS = durationS ?? Number.POSITIVE_INFINITY;
  return {
    held: () => [],
    claim: () => ({
      async span(fromS, toS) {
        return { input: { kind: 'file', path }, fromS: Math.max(0, fromS), toS: Math.min(lastS, toS) };
      },
      [Symbol.dispose]: () => undefined,
    }),
  };
}
