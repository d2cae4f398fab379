/** How a stream's clock is mapped to wall clock; plain data, so that it can be sent to a worker. */
export type WallClockSpec = { readonly kind: 'live' } | { readonly kind: 'file'; readonly epochMs: number };

/** Maps the stream's clock to wall clock. */
export interface WallClock {
  /** UTC milliseconds since 1970 of a picture. Call with rising `ptsMs`; the results rise too. */
  at(ptsMs: number): number;
}

/**
 * The most that the mapping is corrected, milliseconds a second of stream. Cameras' clocks drift by less than 0.1; much
 * more, and speeds computed from wall clock would be wrong by as much.
 */
const maxSlewMsPerS = 1;
/**
 * A wall clock that runs ahead of the mapping by more than this was set (an agent that booted in 1970 and then found a
 * time server), milliseconds; the mapping follows at once. Smaller, and a network that hangs would count as that.
 */
const setForwardMs = 60_000;

/**
 * The first picture of a connection is taken to be captured when it is read; from there on the stream's own clock counts,
 * corrected by at most 1 ms a second towards the wall clock. A wall clock set back is followed only at that pace, so
 * that order is kept; one set forward by more than a minute is followed at once.
 *
 * @param now wall clock, UTC milliseconds since 1970.
 */
export function createWallClock(spec: WallClockSpec, now: () => number): WallClock {
  if (spec.kind === 'file') return { at: (ptsMs) => spec.epochMs + ptsMs };
  let offsetMs: number | null = null;
  let lastPtsMs = 0;
  return {
    at(ptsMs) {
      const wantedMs = now() - ptsMs;
      if (offsetMs === null) {
        offsetMs = wantedMs;
      } else {
        const errorMs = wantedMs - offsetMs;
        const limitMs = (Math.max(0, ptsMs - lastPtsMs) / 1000) * maxSlewMsPerS;
        offsetMs += errorMs > setForwardMs ? errorMs : Math.min(limitMs, Math.max(-limitMs, errorMs));
      }
      lastPtsMs = ptsMs;
      return offsetMs + ptsMs;
    },
  };
}
