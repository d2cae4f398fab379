import type { Box } from '../../domain/geometry.js';
import type { StillThing } from '../../domain/street.js';
import type { CellGrid, CellPicture } from './cell-grid.js';
import { CHROMA_GREY, DARKEST_FLAT } from './light-classifier.js';
import { DARK_GREY } from './light-field.js';

/** Values of some cells. */
export interface Look {
  readonly luma: Float32Array;
  readonly cb: Float32Array;
  readonly cr: Float32Array;
}

/** What is remembered of a still thing: where it is, and what was there before. */
export interface ThingMemory {
  readonly id: number;
  kind: StillThing['kind'];
  confidence: number;
  state: StillThing['state'];
  sinceMs: number;
  seenMs: number;
  /** Its cells; for an added one those that it still holds. */
  cells: Int32Array;
  /** What its cells showed before it: the bare ground, or the thing below. */
  before: Look;
  /** It stands, but not quite: a person, a stall with an awning. */
  lively: boolean;
  /** It stands before another thing. */
  stacked: boolean;
  /** Most cells it had. */
  most: number;
  box: Box;
  /** The box without what may be its shadow. */
  core: Box;
  /** For how long it has looked as before, seconds. */
  backS: number;
  /** Cells around it, and their mean luma when what was there before was last brought into the present light. */
  ring: Int32Array;
  ringLuma: number;
}

/** Values of a picture at some cells. */
export function lookOf(picture: CellPicture, cells: Int32Array): Look {
  const look = { luma: new Float32Array(cells.length), cb: new Float32Array(cells.length), cr: new Float32Array(cells.length) };
  cells.forEach((cell, k) => {
    look.luma[k] = picture.luma[cell] as number;
    look.cb[k] = picture.cb[cell] as number;
    look.cr[k] = picture.cr[cell] as number;
  });
  return look;
}

/** Two groups of cells as one. */
export function joined(cells: Int32Array, look: Look, moreCells: Int32Array, moreLook: Look): { cells: Int32Array; look: Look } {
  const both = (a: Float32Array, b: Float32Array): Float32Array => {
    const all = new Float32Array(a.length + b.length);
    all.set(a);
    all.set(b, a.length);
    return all;
  };
  const all = new Int32Array(cells.length + moreCells.length);
  all.set(cells);
  all.set(moreCells, cells.length);
  return {
    cells: all,
    look: { luma: both(look.luma, moreLook.luma), cb: both(look.cb, moreLook.cb), cr: both(look.cr, moreLook.cr) },
  };
}

/** Only those cells for which `keeps` says so, by their place in the list. */
export function filtered(cells: Int32Array, look: Look, keeps: (place: number) => boolean): { cells: Int32Array; look: Look } {
  const places: number[] = [];
  for (let k = 0; k < cells.length; k++) if (keeps(k)) places.push(k);
  const pick = (from: Float32Array): Float32Array => Float32Array.from(places, (k) => from[k] as number);
  return {
    cells: Int32Array.from(places, (k) => cells[k] as number),
    look: { luma: pick(look.luma), cb: pick(look.cb), cr: pick(look.cr) },
  };
}

/** Cells of a ring that are kept. */
const RING_CELLS = 64;

/** Cells a little outside a group of cells, evenly spread: they tell how the light changes beside it. */
export function ringAround(grid: CellGrid, cells: Int32Array, inside: Uint8Array): Int32Array {
  const { columns, rows, masked } = grid;
  const found = new Set<number>();
  for (const cell of cells) {
    const y = (cell / columns) | 0;
    const x = cell - y * columns;
    for (const [dx, dy] of [
      [-4, 0],
      [4, 0],
      [0, -4],
      [0, 4],
    ] as const) {
      const nx = x + dx;
      const ny = y + dy;
      const at = ny * columns + nx;
      if (nx >= 0 && ny >= 0 && nx < columns && ny < rows && inside[at] === 0 && masked[at] === 0) found.add(at);
    }
  }
  const all = Int32Array.from(found).sort();
  const stride = Math.max(1, Math.ceil(all.length / RING_CELLS));
  return all.filter((_, k) => k % stride === 0);
}

/** Mean luma of some cells. */
export function meanLuma(picture: CellPicture, cells: Int32Array): number {
  let sum = 0;
  for (const cell of cells) sum += picture.luma[cell] as number;
  return cells.length === 0 ? 0 : sum / cells.length;
}

/** Cells left out at each side of a box, as a share: a few strays must not widen it. */
const STRAY_SHARE = 0.01;

/** The box around cells, without the outermost strays; a share of the picture. */
export function boxAround(grid: CellGrid, cells: Int32Array): Box {
  const { columns, rows } = grid;
  const across = new Int32Array(columns);
  const down = new Int32Array(rows);
  for (const cell of cells) {
    const y = (cell / columns) | 0;
    across[cell - y * columns] = (across[cell - y * columns] as number) + 1;
    down[y] = (down[y] as number) + 1;
  }
  const stray = STRAY_SHARE * cells.length;
  const [x1, x2] = spanOf(across, stray);
  const [y1, y2] = spanOf(down, stray);
  return grid.boxOf(x1, y1, x2, y2);
}

/** Least share of the cells that must be more than shade to be the thing itself: a few coloured specks are not a grey sack. */
const CORE_SHARE = 0.25;

/**
 * The box around those cells that are no shade of what was there before; around all, where those are few.
 *
 * Where the ground is plain nothing but colour and depth tells a shadow from what casts it, and its edge stays with the thing: that makes a box in low sun twice as large.
 */
export function coreAround(grid: CellGrid, cells: Int32Array, before: Look, now: CellPicture): Box {
  const own = cells.filter((cell, k) => {
    const ratio = ((now.luma[cell] as number) + DARK_GREY) / ((before.luma[k] as number) + DARK_GREY);
    const off = (is: number, was: number): number => Math.abs(is - 128 - ratio * (was - 128));
    const colour = Math.max(off(now.cb[cell] as number, before.cb[k] as number), off(now.cr[cell] as number, before.cr[k] as number));
    return ratio > 1 || ratio < DARKEST_FLAT || colour > CHROMA_GREY;
  });
  return boxAround(grid, own.length >= CORE_SHARE * cells.length ? own : cells);
}

function spanOf(sums: Int32Array, stray: number): readonly [number, number] {
  let from = 0;
  for (let left = 0; from < sums.length - 1; from++) {
    left += sums[from] as number;
    if (left > stray) break;
  }
  let to = sums.length;
  for (let right = 0; to > from + 1; to--) {
    right += sums[to - 1] as number;
    if (right > stray) break;
  }
  return [from, to];
}
