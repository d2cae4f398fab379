/**
 * Solves n linear equations by Gaussian elimination with partial pivoting, without asking for memory.
 *
 * @param rows n rows of n + 1 numbers, one after the other, the right side last; they are used up.
 * @param solution takes the n unknowns.
 * @returns false when the system is singular.
 */
export function solveInPlace(rows: Float64Array, n: number, solution: Float64Array): boolean {
  const width = n + 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column + 1; r < n; r++) {
      if (Math.abs(rows[r * width + column] as number) > Math.abs(rows[pivot * width + column] as number)) pivot = r;
    }
    if (pivot !== column) swapRows(rows, width, pivot, column);
    const lead = rows[column * width + column] as number;
    if (Math.abs(lead) < 1e-12) return false;
    for (let r = 0; r < n; r++) {
      if (r === column) continue;
      const factor = (rows[r * width + column] as number) / lead;
      if (factor === 0) continue;
      for (let c = column; c < width; c++)
        rows[r * width + c] = (rows[r * width + c] as number) - factor * (rows[column * width + c] as number);
    }
  }
  for (let i = 0; i < n; i++) solution[i] = (rows[i * width + n] as number) / (rows[i * width + i] as number);
  return true;
}

function swapRows(rows: Float64Array, width: number, a: number, b: number): void {
  for (let c = 0; c < width; c++) {
    const kept = rows[a * width + c] as number;
    rows[a * width + c] = rows[b * width + c] as number;
    rows[b * width + c] = kept;
  }
}
