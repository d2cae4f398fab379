import { createAssigner } from '../objects/assignment.js';
import { SAME_OBJECT, type ScoredClip } from './tracking-pictures.js';

/**
 * Boxes that carry the right id, when over each whole clip every object is given one id, and every id one object, so that they are the most.
 *
 * @source Ristani et al., Performance Measures and a Data Set for Multi-Target, Multi-Camera Tracking, 2016.
 */
export function identity(clips: readonly ScoredClip[]): number {
  const assigner = createAssigner();
  let right = 0;
  for (const { truthIds, foundIds, pictures } of clips) {
    const costs = new Float64Array(truthIds * foundIds);
    for (const { truth, found, overlap } of pictures) {
      overlap.forEach((share, i) => {
        if (share < SAME_OBJECT) return;
        const pair = (truth[Math.floor(i / found.length)] as number) * foundIds + (found[i % found.length] as number);
        costs[pair] = (costs[pair] as number) - 1;
      });
    }
    // What was never together must not join everything into one group.
    for (let i = 0; i < costs.length; i++) if (costs[i] === 0) costs[i] = Number.POSITIVE_INFINITY;
    const chosen = assigner.assign(costs, truthIds, foundIds, 0);
    for (let row = 0; row < truthIds; row++) {
      const column = chosen[row] as number;
      if (column >= 0) right -= costs[row * foundIds + column] as number;
    }
  }
  return right;
}
