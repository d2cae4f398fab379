/** Turns a count that rises into a rate. */
export interface RateMeter {
  /** Notes the count at a moment; call it every few seconds. */
  note(count: number, atMs: number): void;
  /** A second, over the window's span; 0 before two notes. */
  perSecond(): number;
}

/** Over how long the rate is taken, milliseconds: long enough that a frame more or less is 1 %. */
const WINDOW_MS = 10_000;

/** @example const meter = createRateMeter(); meter.note(0, 0); meter.note(50, 2000); meter.perSecond() // 25 */
export function createRateMeter(): RateMeter {
  const notes: { readonly count: number; readonly atMs: number }[] = [];
  return {
    note(count, atMs) {
      notes.push({ count, atMs });
      while (notes.length > 2 && (notes[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) notes.shift();
    },
    perSecond() {
      const first = notes[0];
      const last = notes.at(-1);
      if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
      return ((last.count - first.count) * 1000) / (last.atMs - first.atMs);
    },
  };
}
