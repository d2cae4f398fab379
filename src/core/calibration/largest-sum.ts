import type { Box } from '../../domain/geometry.js';

/**
 * The box whose cells add up to most (Kadane 1984 in two dimensions: every pair of left and right side, the best span between).
 * Cost: columns² × rows / 2 additions.
 *
 * @param cells row by row.
 * @returns whole cells, half-open; `null` when no cell is positive.
 * @example largestSum(Float32Array.of(-1, 2, 3, -1), 4, 1) // { box: { x1: 1, y1: 0, x2: 3, y2: 1 }, sum: 5 }
 */
export function largestSum(cells: Float32Array, columns: number, rows: number): { readonly box: Box; readonly sum: number } | null {
  let best: { box: Box; sum: number } | null = null;
  let most = 0;
  const sums = new Float64Array(rows);
  for (let x1 = 0; x1 < columns; x1++) {
    sums.fill(0);
    for (let x2 = x1; x2 < columns; x2++) {
      let [running, from] = [0, 0];
      for (let y = 0; y < rows; y++) {
        const value = (sums[y] as number) + (cells[y * columns + x2] as number);
        sums[y] = value;
        if (running <= 0) {
          running = 0;
          from = y;
        }
        running += value;
        if (running > most) {
          most = running;
          best = { box: { x1, y1: from, x2: x2 + 1, y2: y + 1 }, sum: running };
        }
      }
    }
  }
  return best;
}
