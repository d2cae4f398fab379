import type { CellGrid, CellPicture } from './cell-grid.js';

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
