/** Pictures of one camera that were given to a model, counted since it was opened. */
export interface PaceCounters {
  /** Never looked at, because a later one came first. */
  readonly replaced: number;
  readonly answered: number;
}

/** Whether a model keeps up with a camera. */
export interface ModelPace {
  /** Notes the counts at a moment, milliseconds of a clock that only rises; call it with every picture. @returns whether the judgement has changed. */
  note(counters: PaceCounters, atMs: number): boolean;
  /** Pictures that it looks at in a second where that is too few; `null` where it keeps up, or too little is known. */
  tooFew(): number | null;
}

/** Over how long a judgement is made, milliseconds: a minute with more to do than usual is no reason to buy another box. */
const SPAN_MS = 60_000;
/**
 * Pictures a second below which a model is too slow for a street. A car at 50 km/h goes 14 m in a second: between two pictures it comes and
 * goes unseen. What stands is still seen.
 */
const LEAST_PER_SECOND = 1;

export function createModelPace(): ModelPace {
  let since: (PaceCounters & { readonly atMs: number }) | null = null;
  let few: number | null = null;
  return {
    note({ replaced, answered }, atMs) {
      since ??= { replaced, answered, atMs };
      if (atMs - since.atMs < SPAN_MS) return false;
      const perSecond = ((answered - since.answered) * 1000) / (atMs - since.atMs);
      const before = few;
      // Where nothing moves it is given few, and takes them all.
      few = replaced > since.replaced && perSecond < LEAST_PER_SECOND ? perSecond : null;
      since = { replaced, answered, atMs };
      return (before === null) !== (few === null);
    },
    tooFew: () => few,
  };
}
