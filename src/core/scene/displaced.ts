import type { CellGrid, CellPicture } from './cell-grid.js';
import { DARK_GREY } from './light-field.js';

/** How far a part of the background may have swung, cells: a branch, a flag, a cable. */
const REACH = 3;
/** How much better than where it is a region must fit elsewhere in the background, as a share of its difference. */
const BETTER_SHARE = 0.45;
/** A region larger than this, in cells, is no branch; the search costs 49 times its cells. */
const MOST_CELLS = 600;

/**
 * Whether what a region shows is the background itself from a few cells beside: a branch that swung and came to rest.
 *
 * @param cells of the region.
 */
export function isDisplaced(grid: CellGrid, cells: Int32Array, picture: CellPicture, background: CellPicture): boolean {
  if (cells.length > MOST_CELLS) return false;
  const here = differenceAt(grid, cells, picture, background, 0, 0);
  for (let dy = -REACH; dy <= REACH; dy++) {
    for (let dx = -REACH; dx <= REACH; dx++) {
      if (differenceAt(grid, cells, picture, background, dx, dy) < BETTER_SHARE * here) return true;
    }
  }
  return false;
}

/** Mean difference of a region's picture from the background so many cells beside, grey; colour counts as luma does. */
function differenceAt(grid: CellGrid, cells: Int32Array, picture: CellPicture, background: CellPicture, dx: number, dy: number): number {
  const { columns, rows } = grid;
  let sum = 0;
  for (const i of cells) {
    const y = (i / columns) | 0;
    const x = i - y * columns;
    const at = Math.max(0, Math.min(rows - 1, y + dy)) * columns + Math.max(0, Math.min(columns - 1, x + dx));
    sum +=
      Math.abs((picture.luma[i] as number) - (background.luma[at] as number)) +
      Math.abs((picture.cb[i] as number) - (background.cb[at] as number)) +
      Math.abs((picture.cr[i] as number) - (background.cr[at] as number));
  }
  return sum / cells.length;
}

/** How light and dark a lit region may be, as a ratio to the background; beyond, it is a thing. */
const DARKEST = 0.35;
const BRIGHTEST = 2.6;
/** How alike a region and its background must be (normalised correlation), and its variance from which that says something, grey². */
const LEAST_LIKENESS = 0.7;
const TEXTURE = 14;
/** By how much its colours may differ in the middle, grey. */
const CHROMA_GREY = 5;

/** Whether a region as a whole is the background in another light: a shadow that crept, a window that mirrors the sky otherwise. */
export function isRelit(cells: Int32Array, picture: CellPicture, background: CellPicture): boolean {
  let sx = 0;
  let se = 0;
  let sxx = 0;
  let see = 0;
  let sxe = 0;
  let cb = 0;
  let cr = 0;
  for (const i of cells) {
    const seen = picture.luma[i] as number;
    const was = background.luma[i] as number;
    sx += seen;
    se += was;
    sxx += seen * seen;
    see += was * was;
    sxe += seen * was;
    cb += (picture.cb[i] as number) - (background.cb[i] as number);
    cr += (picture.cr[i] as number) - (background.cr[i] as number);
  }
  const n = cells.length;
  const ratio = (sx / n + DARK_GREY) / (se / n + DARK_GREY);
  if (ratio < DARKEST || ratio > BRIGHTEST || Math.abs(cb / n) > CHROMA_GREY || Math.abs(cr / n) > CHROMA_GREY) return false;
  const varianceX = sxx / n - (sx / n) ** 2;
  const varianceE = see / n - (se / n) ** 2;
  if (varianceE < TEXTURE || varianceX < TEXTURE) return false;
  return sxe / n - (sx / n) * (se / n) >= LEAST_LIKENESS * Math.sqrt(varianceX * varianceE);
}
