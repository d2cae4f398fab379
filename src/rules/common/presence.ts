/** How an object or place has been seen to be in a state, as far as it was seen. */
export interface Spell {
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
export interface Presence<K> {
  /**
   * Tells what a look at `key` showed. Returns its spell while the state holds, in spite of short interruptions; `null` otherwise.
   *
   * @param sincePtsMs since when the state has held where that is known only now; the time between was observed.
   */
  look(key: K, ptsMs: number, holds: boolean, sincePtsMs?: number): Spell | null;
  /** Forgets keys that were not looked at since; returns those whose spell ended by that. */
  prune(beforePtsMs: number): readonly K[];
  spell(key: K): Spell | null;
  forget(key: K): void;
}

export interface PresenceOptions {
  /** How long the state may not hold before it has ended, milliseconds. */
  readonly inertiaMs: number;
  /** Longer than this between two looks is no observation, milliseconds. */
  readonly longestGapMs: number;
}

export function createPresence<K>({ inertiaMs, longestGapMs }: PresenceOptions): Presence<K> {
  const spells = new Map<K, { sincePtsMs: number; lastPtsMs: number; lookedPtsMs: number; observedMs: number }>();
  return {
    look(key, ptsMs, holds, sincePtsMs = ptsMs) {
      const spell = spells.get(key);
      if (spell === undefined) {
        if (!holds) return null;
        const begun = { sincePtsMs, lastPtsMs: ptsMs, lookedPtsMs: ptsMs, observedMs: ptsMs - sincePtsMs };
        spells.set(key, begun);
        return begun;
      }
      const gapMs = ptsMs - spell.lookedPtsMs;
      spell.lookedPtsMs = ptsMs;
      if (holds) {
        if (gapMs <= longestGapMs) spell.observedMs += gapMs;
        spell.lastPtsMs = ptsMs;
        return spell;
      }
      if (ptsMs - spell.lastPtsMs <= inertiaMs) return spell;
      spells.delete(key);
      return null;
    },
    prune(beforePtsMs) {
      const gone = [...spells].filter(([, spell]) => spell.lookedPtsMs < beforePtsMs).map(([key]) => key);
      for (const key of gone) spells.delete(key);
      return gone;
    },
    spell: (key) => spells.get(key) ?? null,
    forget: (key) => void spells.delete(key),
  };
}
