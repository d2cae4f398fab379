import type { Frame } from '../../domain/frame.js';
import type { FindingTime, Stretch } from '../incidents/incident-maker.js';

/**
 * The clock of a pipeline that outlives its connections. On the first it is the stream's own; between two it stands still, so that what stood still meanwhile is not
 * unseen for the time in which nobody looked.
 */
export interface PipelineClock {
  /** The same picture by this clock. */
  take(frame: Frame): Frame;
  /** The connection is over: the next picture is of another. */
  pause(): void;
  time(): FindingTime;
  /** By the stream's own clock: of what is over with its connection. */
  streamTime(): FindingTime;
}

/**
 * Step of the clock from one connection to the next, milliseconds: what a decoder skips now and then. Longer than the patience of rules for those whom they do not
 * see (the shortest is 1.5 s), and whoever stands there would have left.
 */
const STEP_MS = 1_000;
/** Connections whose mapping is remembered: what began before them is told as of the oldest. */
const MAX_STRETCHES = 64;

export function createPipelineClock(): PipelineClock {
  let stretches: readonly Stretch[] = [{ fromPtsMs: 0, wallOffsetMs: 0 }];
  let newestPtsMs = 0;
  let newestSeq = -1;
  let newest: Pick<Frame, 'ptsMs' | 'capturedAtMs'> = { ptsMs: 0, capturedAtMs: 0 };
  let ahead = { ms: 0, seq: 0 };
  let paused = false;
  return {
    take(frame) {
      const joins = paused && newestSeq >= 0;
      paused = false;
      if (joins) ahead = { ms: newestPtsMs + STEP_MS - frame.ptsMs, seq: newestSeq + 1 - frame.seq };
      const [ptsMs, seq] = [frame.ptsMs + ahead.ms, frame.seq + ahead.seq];
      const earlier = joins ? stretches.slice(-MAX_STRETCHES) : stretches.slice(0, -1);
      const fromPtsMs = joins ? ptsMs : (stretches.at(-1)?.fromPtsMs ?? 0);
      stretches = [...earlier, { fromPtsMs, wallOffsetMs: frame.capturedAtMs - ptsMs }];
      [newestPtsMs, newestSeq] = [ptsMs, seq];
      newest = { ptsMs: frame.ptsMs, capturedAtMs: frame.capturedAtMs };
      return ahead.ms === 0 && ahead.seq === 0 ? frame : { ...frame, ptsMs, seq };
    },
    pause() {
      paused = true;
    },
    time: () => ({ stretches, newestPtsMs, aheadMs: ahead.ms }),
    streamTime: () => ({
      stretches: [{ fromPtsMs: Number.NEGATIVE_INFINITY, wallOffsetMs: newest.capturedAtMs - newest.ptsMs }],
      ...{ newestPtsMs: newest.ptsMs, aheadMs: 0 },
    }),
  };
}
