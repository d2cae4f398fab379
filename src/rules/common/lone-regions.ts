import type { TrackedObject } from '../../domain/street.js';

/**
 * Without a model two vehicles that meet are seen as one region: its lower edge is the nearer one's, and its middle goes any way. Such a region is higher at once by
 * what the one stands farther away than the other.
 */
export interface LoneRegions {
  /** Whether an object is seen as itself, as far as is known; asked once a picture. */
  isLone(object: TrackedObject): boolean;
  /** Forgets who was not seen since. */
  prune(beforePtsMs: number): void;
}

/** By which factor a region may grow higher from one look to the next: who comes nearer grows by a tenth, and edges tremble by as much. */
const JUMP = 1.2;
/** And how near to what it was it is alone again. */
const AS_BEFORE = 1.1;
/** Who is that high for so long is that high, milliseconds: he came out from behind something. Two that meet have parted by then. */
const LONGEST_MS = 4_000;

interface Known {
  /** While it was alone. */
  readonly height: number;
  /** Since when it has been more than itself; `null`: it is not. */
  readonly mergedPtsMs: number | null;
  readonly seenPtsMs: number;
}

export function createLoneRegions(): LoneRegions {
  const known = new Map<number, Known>();

  function judge(before: Known | undefined, height: number, ptsMs: number): Known {
    const grown = before === undefined ? 1 : height / Math.max(1e-6, before.height);
    const limit = before?.mergedPtsMs === null ? JUMP : AS_BEFORE;
    const isOver = before !== undefined && before.mergedPtsMs !== null && ptsMs - before.mergedPtsMs > LONGEST_MS;
    if (before === undefined || grown <= limit || isOver) return { height, mergedPtsMs: null, seenPtsMs: ptsMs };
    return { height: before.height, mergedPtsMs: before.mergedPtsMs ?? ptsMs, seenPtsMs: ptsMs };
  }

  return {
    isLone({ id, path, box }) {
      const last = path.at(-1);
      const { y1, y2 } = last?.seen ?? box;
      const now = judge(known.get(id), y2 - y1, last?.ptsMs ?? 0);
      known.set(id, now);
      return now.mergedPtsMs === null;
    },
    prune(beforePtsMs) {
      for (const [id, { seenPtsMs }] of known) if (seenPtsMs < beforePtsMs) known.delete(id);
    },
  };
}
