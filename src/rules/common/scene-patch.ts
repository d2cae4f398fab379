import type { Box } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';

/** A part of a picture's luma in a grid of its own, so that pictures of different sizes can be compared. Rows from the top, without padding. */
export interface Patch {
  readonly columns: number;
  readonly rows: number;
  /** Mean luma of each cell, grey 0..255. */
  readonly grey: Float32Array;
}

/**
 * Takes a part of a picture into a grid: each cell is the mean of the pixels whose centres lie in it, or the nearest pixel where none does. Parts
 * outside the picture show its edge.
 *
 * @param box normalised to 0..1 of the full frame; must not be empty.
 */
export function takePatch({ width, height, luma }: ScenePicture, box: Box, columns: number, rows: number): Patch {
  const grey = new Float32Array(columns * rows);
  const [xs, ys] = [edges(box.x1, box.x2, columns, width), edges(box.y1, box.y2, rows, height)];
  for (let row = 0; row < rows; row++) {
    const [y1, y2] = span(ys, row, height);
    for (let column = 0; column < columns; column++) {
      const [x1, x2] = span(xs, column, width);
      let sum = 0;
      for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) sum += luma[y * width + x] as number;
      grey[row * columns + column] = sum / ((y2 - y1) * (x2 - x1));
    }
  }
  return { columns, rows, grey };
}

/** Where the cells of a side begin, pixels, and where the last ends. */
const edges = (from: number, to: number, cells: number, sizePx: number): readonly number[] =>
  Array.from({ length: cells + 1 }, (_, i) => Math.round(sizePx * (from + ((to - from) * i) / cells)));

/** The pixels of a cell, half-open, inside the picture and at least one. */
function span(of: readonly number[], cell: number, sizePx: number): readonly [number, number] {
  const from = Math.min(sizePx - 1, Math.max(0, of[cell] as number));
  return [from, Math.max(from + 1, Math.min(sizePx, of[cell + 1] as number))];
}

/**
 * How alike two series of values are, whatever their brightness and contrast: -1..1, and 0 where either is flat.
 *
 * @param flatGrey standard deviation below which a series is flat, grey levels.
 * @throws {RangeError} when they are of different lengths.
 * @example correlation([1, 2, 3], [10, 20, 30], 0.5) // 1
 */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>, flatGrey: number): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  const n = a.length;
  if (n === 0) return 0;
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    sumA += x;
    sumB += y;
    sumAA += x * x;
    sumBB += y * y;
    sumAB += x * y;
  }
  const [varA, varB] = [sumAA - (sumA * sumA) / n, sumBB - (sumB * sumB) / n];
  const least = n * flatGrey * flatGrey;
  if (varA < least || varB < least) return 0;
  return Math.max(-1, Math.min(1, (sumAB - (sumA * sumB) / n) / Math.sqrt(varA * varB)));
}

/** Standard deviation, grey levels; 0 of nothing. */
export function spread(values: ArrayLike<number>): number {
  const n = values.length;
  if (n === 0) return 0;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    sum += values[i] as number;
    squares += (values[i] as number) ** 2;
  }
  return Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
}
