import { correlation } from '../common/scene-patch.js';
import { GRID, valuesAt } from '../common/surroundings.js';

/** A difference of less than this, in the light of the surroundings, is light and noise, grey levels. */
const CHANGED_GREY = 14;
/** Share of the place that must have changed by as much. */
export const CHANGED_SHARE = 0.3;
/** How far aside something may be put back and be the same, share of its zone's sides: nobody puts a bottle on the ring that it left. */
const ASIDE = 1 / 6;
/** Likeness from which it is the same: bottles put back on a table come to 0.89 and more, the empty table and a hand to 0.83 at most. */
const BACK_LOOK = 0.86;
/** Below this a place is plain, standard deviation in grey levels. */
const PLAIN_GREY = 2;

/** How much of a place is otherwise in the second picture, 0..1. */
export const changedShare = (first: Float32Array, second: Float32Array): number =>
  first.reduce((count, grey, i) => count + (Math.abs(grey - (second[i] as number)) >= CHANGED_GREY ? 1 : 0), 0) / Math.max(1, first.length);

/**
 * Whether what the first picture shows at a place is in the second one, too, there or a little aside, and as bright.
 *
 * @param first grid of the place and what is around it, and
 * @param second of the same in the light of the first, as `compareSurroundings` gives them.
 * @param cells of the place, row after row.
 */
export function showsAside(first: Float32Array, second: Float32Array, cells: readonly number[]): boolean {
  const own = valuesAt(first, cells);
  const [across, down] = [cells.map((cell) => cell % GRID), cells.map((cell) => Math.floor(cell / GRID))].map((of) => {
    const [least, most] = [Math.min(...of), Math.max(...of)];
    const reach = Math.round(ASIDE * (most - least + 1));
    // Not beyond what is compared.
    return { from: Math.max(-reach, -least), to: Math.min(reach, GRID - 1 - most) };
  }) as [{ readonly from: number; readonly to: number }, { readonly from: number; readonly to: number }];
  const seen = new Float32Array(cells.length);
  for (let dy = down.from; dy <= down.to; dy++) {
    for (let dx = across.from; dx <= across.to; dx++) {
      for (let i = 0; i < cells.length; i++) seen[i] = second[(cells[i] as number) + dy * GRID + dx] as number;
      if (correlation(own, seen, PLAIN_GREY) >= BACK_LOOK && changedShare(own, seen) < CHANGED_SHARE) return true;
    }
  }
  return false;
}
