/** How an object or place has been seen to be in a state, as far as it was seen. */
export interface Dwell {
  /** Since when, milliseconds on the stream's clock. */
  readonly sincePtsMs: number;
  readonly lastPtsMs: number;
  /** Observed time in the state, milliseconds: what nobody saw does not count. */
  readonly observedMs: number;
}

/**
 * Follows for each key whether a state holds, with inertia: one that flickers at a zone's border neither begins nor ends anew each time. Time counts
 * as observed between two looks at most `longestGapMs` apart.
 */
export interface DwellTracker<K> {
  /**
   * Tells what a look at `key` showed. Returns its dwell while the state holds, in spite of short interruptions; `null` otherwise.
   *
   * @param sincePtsMs since when the state has held where that is known only now; the time between was observed.
   */
  look(key: K, ptsMs: number, holds: boolean, sincePtsMs?: number): Dwell | null;
  /** Forgets keys that were not looked at since; returns those whose dwell ended by that. */
  prune(beforePtsMs: number): readonly K[];
  dwell(key: K): Dwell | null;
  forget(key: K): void;
}

export interface DwellOptions {
  /** How long the state may not hold before it has ended, milliseconds. */
  readonly inertiaMs: number;
  /** Longer than this between two looks is no observation, milliseconds. */
  readonly longestGapMs: number;
}

export function createDwellTracker<K>({ inertiaMs, longestGapMs }: DwellOptions): DwellTracker<K> {
  const dwells = new Map<K, { sincePtsMs: number; lastPtsMs: number; lookedPtsMs: number; observedMs: number }>();
  return {
    look(key, ptsMs, holds, sincePtsMs = ptsMs) {
      const dwell = dwells.get(key);
      if (dwell === undefined) {
        if (!holds) return null;
        const begun = { sincePtsMs, lastPtsMs: ptsMs, lookedPtsMs: ptsMs, observedMs: ptsMs - sincePtsMs };
        dwells.set(key, begun);
        return begun;
      }
      const gapMs = ptsMs - dwell.lookedPtsMs;
      dwell.lookedPtsMs = ptsMs;
      if (holds) {
        if (gapMs <= longestGapMs) dwell.observedMs += gapMs;
        dwell.lastPtsMs = ptsMs;
        return dwell;
      }
      if (ptsMs - dwell.lastPtsMs <= inertiaMs) return dwell;
      dwells.delete(key);
      return null;
    },
    prune(beforePtsMs) {
      const gone = [...dwells].filter(([, dwell]) => dwell.lookedPtsMs < beforePtsMs).map(([key]) => key);
      for (const key of gone) dwells.delete(key);
      return gone;
    },
    dwell: (key) => dwells.get(key) ?? null,
    forget: (key) => void dwells.delete(key),
  };
}
