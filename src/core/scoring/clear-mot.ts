import { createAssigner } from '../objects/assignment.js';
import { SAME_OBJECT, type ScoredClip } from './tracking-pictures.js';

export interface ClearMot {
  readonly truthBoxes: number;
  readonly foundBoxes: number;
  readonly misses: number;
  readonly falseBoxes: number;
  readonly switches: number;
  readonly fragmentations: number;
}

/** A pair that was together in the picture before stays so while it overlaps enough, whatever fits better now: no gain of overlap outweighs this. */
const TOGETHER = 1000;

/**
 * What a tracker did wrong, box by box: misses, false boxes, switches of ids, and tracks that were broken off.
 *
 * A switch is when an object that was found before, however long ago, is found under another id.
 *
 * @source Bernardin and Stiefelhagen, Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics, 2008, with the details of TrackEval.
 */
export function clearMot(clips: readonly ScoredClip[]): ClearMot {
  const assigner = createAssigner();
  const sum = { truthBoxes: 0, foundBoxes: 0, misses: 0, falseBoxes: 0, switches: 0, fragmentations: 0 };
  for (const { pictures } of clips) {
    /** Under which id an object was found last, and in the picture before. */
    const last = new Map<number, number>();
    let before = new Map<number, number>();
    for (const { truth, found, overlap } of pictures) {
      const costs = overlap.map((share, i) => {
        const together = before.get(truth[Math.floor(i / found.length)] as number) === found[i % found.length];
        return share < SAME_OBJECT ? Number.POSITIVE_INFINITY : -share - (together ? TOGETHER : 0);
      });
      const chosen = assigner.assign(costs, truth.length, found.length, 0);
      const now = new Map<number, number>();
      truth.forEach((id, row) => {
        const other = found[chosen[row] as number];
        if (other === undefined) return;
        now.set(id, other);
        if (last.has(id) && last.get(id) !== other) sum.switches++;
        if (last.has(id) && !before.has(id)) sum.fragmentations++;
        last.set(id, other);
      });
      sum.truthBoxes += truth.length;
      sum.foundBoxes += found.length;
      sum.misses += truth.length - now.size;
      sum.falseBoxes += found.length - now.size;
      before = now;
    }
  }
  return sum;
}
