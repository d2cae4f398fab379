import { createAssigner } from '../objects/assignment.js';
import type { ScoredClip } from './tracking-pictures.js';

/** Overlaps at which a box counts as found: 0.05, 0.1 … 0.95. */
const OVERLAPS = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
/** Overlaps are quotients of sums: a box that is shifted by exactly half has 0.333… */
const ROUNDING = 1e-9;

/**
 * Higher order tracking accuracy, and its two parts, each the mean over all overlaps.
 *
 * In each picture those are set together who overlap well and whose ids go together in the whole clip. Of each pair that is one at
 * an overlap it is asked in which share of all pictures of either its two ids are together.
 *
 * @source Luiten et al., HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking, IJCV 2020.
 */
export function hota(clips: readonly ScoredClip[]): { readonly both: number; readonly found: number; readonly kept: number } {
  const assigner = createAssigner();
  const pairs = OVERLAPS.map(() => ({ both: 0, together: 0 }));
  let boxes = 0;
  for (const { truthIds, foundIds, pictures } of clips) {
    const { likely, truthCount, foundCount } = alignment({ truthIds, foundIds, pictures });
    const matched = OVERLAPS.map(() => new Map<number, number>());
    for (const { truth, found, overlap } of pictures) {
      boxes += truth.length + found.length;
      const costs = overlap.map((share, i) => {
        const pair = (truth[Math.floor(i / found.length)] as number) * foundIds + (found[i % found.length] as number);
        return share > 0 ? 1 - share * (likely.get(pair) as number) : Number.POSITIVE_INFINITY;
      });
      const chosen = assigner.assign(costs, truth.length, found.length, 1);
      truth.forEach((id, row) => {
        const column = chosen[row] as number;
        if (column < 0) return;
        const share = overlap[row * found.length + column] as number;
        const pair = id * foundIds + (found[column] as number);
        OVERLAPS.forEach((least, a) => {
          if (share >= least - ROUNDING) matched[a]?.set(pair, (matched[a]?.get(pair) ?? 0) + 1);
        });
      });
    }
    matched.forEach((counts, a) => {
      const sum = pairs[a] as { both: number; together: number };
      for (const [pair, count] of counts) {
        const all = (truthCount[Math.floor(pair / foundIds)] as number) + (foundCount[pair % foundIds] as number) - count;
        sum.both += count;
        sum.together += (count * count) / all;
      }
    });
  }
  const found = pairs.map(({ both }) => both / Math.max(1, boxes - both));
  const kept = pairs.map(({ both, together }) => together / Math.max(1, both));
  return { both: mean(found.map((share, a) => Math.sqrt(share * (kept[a] as number)))), found: mean(found), kept: mean(kept) };
}

/** How much each pair of ids goes together in a clip, by the share of its overlap in all that either overlaps with; and how often each id is seen. */
function alignment({ truthIds, foundIds, pictures }: ScoredClip): {
  readonly likely: ReadonlyMap<number, number>;
  readonly truthCount: Float64Array;
  readonly foundCount: Float64Array;
} {
  const truthCount = new Float64Array(truthIds);
  const foundCount = new Float64Array(foundIds);
  const together = new Map<number, number>();
  for (const { truth, found, overlap } of pictures) {
    for (const id of truth) truthCount[id] = (truthCount[id] as number) + 1;
    for (const id of found) foundCount[id] = (foundCount[id] as number) + 1;
    const at = (row: number, column: number): number => overlap[row * found.length + column] as number;
    const rows = truth.map((_, row) => found.reduce((sum, __, column) => sum + at(row, column), 0));
    const columns = found.map((_, column) => truth.reduce((sum, __, row) => sum + at(row, column), 0));
    truth.forEach((id, row) => {
      found.forEach((other, column) => {
        const share = at(row, column);
        if (share <= 0) return;
        const pair = id * foundIds + other;
        together.set(pair, (together.get(pair) ?? 0) + share / ((rows[row] as number) + (columns[column] as number) - share));
      });
    });
  }
  const likely = new Map(
    [...together].map(([pair, sum]) => [
      pair,
      sum / ((truthCount[Math.floor(pair / foundIds)] as number) + (foundCount[pair % foundIds] as number) - sum),
    ]),
  );
  return { likely, truthCount, foundCount };
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
