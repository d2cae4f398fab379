import { describe, expect, it } from 'vitest';
import { CellGrid } from './cell-grid.js';
import { coreAround, lookOf } from './still-thing.js';

describe('a still thing without its shadow', () => {
  const grid = new CellGrid(40, 20, []);
  const ground = grid.createPicture();
  ground.luma.fill(120);
  ground.cb.fill(126);
  ground.cr.fill(130);

  /** A thing over columns 10 to 20, and its shadow over 20 to 30, both over rows 5 to 15. */
  function coreOf(thing: { readonly luma: number; readonly cb: number }, shade: number) {
    const now = grid.createPicture();
    for (const plane of ['luma', 'cb', 'cr'] as const) now[plane].set(ground[plane]);
    const cells: number[] = [];
    for (let y = 5; y < 15; y++) {
      for (let x = 10; x < 30; x++) {
        const cell = y * grid.columns + x;
        cells.push(cell);
        now.luma[cell] = x < 20 ? thing.luma : shade * 120;
        if (x < 20) now.cb[cell] = thing.cb;
      }
    }
    const all = Int32Array.from(cells);
    const { x1, y1, x2, y2 } = coreAround(grid, all, lookOf(ground, all), now);
    return [x1 * grid.columns, y1 * grid.rows, x2 * grid.columns, y2 * grid.rows].map(Math.round);
  }

  it.each<[string, { luma: number; cb: number }, number, number]>([
    ['one of another colour', { luma: 90, cb: 110 }, 0.6, 20],
    ['one that is brighter', { luma: 200, cb: 126 }, 0.6, 20],
    ['one that is darker than any shadow', { luma: 20, cb: 126 }, 0.6, 20],
    ['a grey one, which nobody can tell from its shadow, is taken with it', { luma: 80, cb: 126 }, 0.7, 30],
    ['what is too deep for a shadow belongs to the thing', { luma: 200, cb: 126 }, 0.3, 30],
  ])('%s', (_, thing, shade, right) => {
    expect(coreOf(thing, shade)).toEqual([10, 5, right, 15]);
  });
});
