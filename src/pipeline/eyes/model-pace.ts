/** Whether a model keeps up with a camera, told by what becomes of the pictures that it is given. */
export interface ModelPace {
  /** A picture was never looked at, because a later one came first. */
  replaced(): void;
  /** A picture was looked at. @param atMs milliseconds of a clock that only rises. @returns whether the judgement has changed. */
  answered(atMs: number): boolean;
  /** The model was away: what comes next begins anew. */
  interrupted(): void;
  /** Pictures that it looks at in a second where that is too few; `null` where it keeps up, or too little is known. */
  tooFew(): number | null;
}

/** How often judgement is passed, milliseconds: a minute with more to do than usual is no reason to buy another box. */
const SPAN_MS = 60_000;
/** Least time with pictures waiting on which a judgement rests, milliseconds. */
const LEAST_BUSY_MS = 10_000;
/**
 * Pictures a second below which a model is too slow for a street. A car at 50 km/h goes 14 m in a second: between two pictures it comes and
 * goes unseen. What stands is still seen.
 */
const LEAST_PER_SECOND = 1;

/** Only time between two answers counts in which a picture was passed over: where nothing moves a model is given few, and takes them all. */
export function createModelPace(): ModelPace {
  let sinceMs: number | null = null;
  let lastMs: number | null = null;
  let passedOver = false;
  let busyMs = 0;
  let busyAnswers = 0;
  let few: number | null = null;
  return {
    replaced() {
      passedOver = true;
    },
    answered(atMs) {
      sinceMs ??= atMs;
      if (passedOver && lastMs !== null) {
        busyMs += atMs - lastMs;
        busyAnswers++;
      }
      lastMs = atMs;
      passedOver = false;
      if (atMs - sinceMs < SPAN_MS) return false;
      const before = few;
      const perSecond = busyMs < LEAST_BUSY_MS ? null : (busyAnswers * 1000) / busyMs;
      few = perSecond !== null && perSecond < LEAST_PER_SECOND ? perSecond : null;
      sinceMs = atMs;
      busyMs = 0;
      busyAnswers = 0;
      return (before === null) !== (few === null);
    },
    interrupted() {
      lastMs = null;
      passedOver = false;
    },
    tooFew: () => few,
  };
}
