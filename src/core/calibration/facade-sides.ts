import type { Box } from '../../domain/geometry.js';
import type { StraightPicture } from './rectification.js';
import { type EdgeStrips, STRIP } from './repetition.js';
import type { StoreyComb } from './storey-comb.js';

/** One side of a facade. */
export interface FacadeSide {
  /** Column or row of the straightened picture, samples; storeys of the comb for the upper and lower end. */
  readonly at: number;
  /** `edge`: a line that runs along it; `texture`: where the repetition ends; `cut`: the picture ends before the facade. */
  readonly by: 'edge' | 'texture' | 'cut';
  /** Whether another edge as strong runs beside it, a third of a storey away or more: it may be that one. */
  readonly rival?: boolean;
  /** Width of what repeats in step with the facade's storeys further out, storeys: the facade may go on there. */
  readonly beyondStoreys?: number;
}

/**
 * Share of a column's edges that every storey has alike (beyond what as many storeys have by chance) from which the column counts as
 * the facade's. Measured on rendered scenes: windows 0.12 to 0.8, sky, trees and neighbours with other storeys -0.06 to 0.06.
 */
const LEAST_SHARED = 0.09;
/** Mean square of edges that counts as noise: a clear sky has 0.003, a plain wall 0.01, windows 0.1. */
const LEAST_ENERGY = 0.005;
/** Width over which columns are judged together, storeys. */
const COLUMN = 0.25;
/** Part of a column that must be in the picture for it to count. */
const LEAST_SEEN = 0.5;
/** Plain wall, or railings too fine to repeat, between two columns of one facade, storeys. */
const PLAIN = 1.25;
/** Where a side is looked for around the last column that repeats, storeys outward and inward. */
const OUTWARD = 1.25;
const INWARD = 0.3;
/** How far the side lies outside the last column that repeats, storeys: mean and standard deviation. */
const EXPECTED = 0.25;
const ASTRAY = 0.5;
/** Grey levels a sample at which an edge along a side counts half. */
const HALF_EDGE = 4;
/** Least mean of a side's edge, 0..1: half of its length with an edge as strong as {@link HALF_EDGE}. */
const LEAST_SIDE = 0.18;
/** An edge with so much of a side's strength could be the side as well. */
const RIVAL_SHARE = 0.85;
/** Nearer than this another edge is the same side, storeys. */
const SAME_SIDE = 0.35;
/** Parts of a storey in which an edge is looked for apart: windows' edges miss in some of them, a side's in none. */
const PHASES = 6;
/** Slopes of a side that are tried, samples a sample: what the vertical vanishing point leaves. */
const SLOPES = [-0.02, -0.01, 0, 0.01, 0.02];

/** Where the facade ends to the left and to the right of the part that repeats. */
export function findSides(straight: StraightPicture, edges: EdgeStrips, box: Box, comb: StoreyComb): Record<'left' | 'right', FacadeSide> {
  const storeys = wholeStoreys(box, comb);
  const shared = sharedByStoreys(edges, comb, storeys);
  const cells = edgeCells(comb, storeys);
  return {
    left: findSide(straight, box, comb.periodPx, shared, cells, 'left'),
    right: findSide(straight, box, comb.periodPx, shared, cells, 'right'),
  };
}

function wholeStoreys(box: Box, comb: StoreyComb): readonly [number, number] {
  return [Math.ceil(comb.storeyAt(box.y1)), Math.floor(comb.storeyAt(box.y2))];
}

/**
 * Column by column (each {@link COLUMN} wide around a strip), the share of its edges that is the mean storey's, less what chance gives: 0 for
 * what does not repeat, 1 for storeys without a difference.
 */
function sharedByStoreys(edges: EdgeStrips, comb: StoreyComb, [first, last]: readonly [number, number]): Float32Array {
  const storeys = last - first;
  const bins = Math.max(8, Math.round(comb.periodPx));
  const rows = Int32Array.from({ length: storeys * bins }, (_, i) => Math.round(comb.rowAt(first + (i + 0.5) / bins)));
  const [common, total] = [new Float64Array(edges.columns), new Float64Array(edges.columns)];
  for (let s = 0; s < edges.columns; s++) {
    for (const signal of [edges.down, edges.across]) {
      const [sums, counts] = [new Float64Array(bins), new Float64Array(bins)];
      let [sum, squares, seen] = [0, 0, 0];
      for (const [i, row] of rows.entries()) {
        const at = s * edges.rows + row;
        if (row < 0 || row >= edges.rows || edges.seen[at] === 0) continue;
        const value = signal[at] as number;
        sums[i % bins] = (sums[i % bins] as number) + value;
        counts[i % bins] = (counts[i % bins] as number) + 1;
        sum += value;
        squares += value * value;
        seen++;
      }
      if (seen < LEAST_SEEN * rows.length) continue;
      const energy = squares - (sum * sum) / seen;
      const between = sums.reduce((all, part, b) => all + (part * part) / Math.max(1, counts[b] as number), 0) - (sum * sum) / seen;
      const byChance = bins / seen;
      common[s] = (common[s] as number) + (between - energy * byChance) / (1 - byChance);
      total[s] = (total[s] as number) + energy + LEAST_ENERGY * seen;
    }
  }
  const reach = Math.max(0, Math.round((COLUMN * comb.periodPx) / STRIP / 2));
  return Float32Array.from({ length: edges.columns }, (_, s) => {
    let [own, all] = [0, 0];
    for (let n = Math.max(0, s - reach); n <= Math.min(edges.columns - 1, s + reach); n++) {
      own += common[n] as number;
      all += total[n] as number;
    }
    return own / all;
  });
}

/** Rows of one storey's one phase. */
type Cell = readonly [from: number, to: number];

function edgeCells(comb: StoreyComb, [first, last]: readonly [number, number]): Cell[][] {
  return Array.from({ length: PHASES }, (_, phase) =>
    Array.from({ length: last - first }, (__, k): Cell => {
      const from = Math.round(comb.rowAt(first + k + phase / PHASES));
      return [from, Math.max(from + 1, Math.round(comb.rowAt(first + k + (phase + 1) / PHASES)))];
    }),
  );
}

function findSide(
  straight: StraightPicture,
  box: Box,
  periodPx: number,
  shared: Float32Array,
  cells: readonly (readonly Cell[])[],
  which: 'left' | 'right',
): FacadeSide {
  const outward = which === 'left' ? -1 : 1;
  const end = lastShared(shared, box, periodPx, outward);
  const middle = (box.y1 + box.y2) / 2;
  const found: { at: number; strength: number }[] = [];
  for (let x = Math.round(end + outward * OUTWARD * periodPx); outward * (x - end) >= -INWARD * periodPx; x -= outward) {
    found.push({ at: x, strength: Math.max(...SLOPES.map((slope) => sideEdge(straight, cells, (row) => x + slope * (row - middle)))) });
  }
  const expected = end + outward * EXPECTED * periodPx;
  const beyondStoreys = sharedBeyond(shared, end, periodPx, outward);
  const weigh = ({ at, strength }: { at: number; strength: number }): number =>
    strength * Math.exp(-(((at - expected) / (ASTRAY * periodPx)) ** 2) / 2);
  const best = found.reduce((a, b) => (weigh(b) > weigh(a) ? b : a));
  if (best.strength >= LEAST_SIDE) {
    const rival = found.some(
      ({ at, strength }) => Math.abs(at - best.at) > SAME_SIDE * periodPx && strength >= RIVAL_SHARE * best.strength,
    );
    return { at: best.at, by: 'edge', rival, beyondStoreys };
  }
  const isCut = seenShare(straight, Math.round(end + outward * periodPx), box) < 0.5;
  return { at: end, by: isCut ? 'cut' : 'texture', beyondStoreys };
}

/** The outer edge of the last column that repeats, samples: from the box's own outward and, where it takes in too much, inward. */
function lastShared(shared: Float32Array, box: Box, periodPx: number, outward: -1 | 1): number {
  const isShared = (strip: number): boolean => (shared[strip] ?? 0) >= LEAST_SHARED;
  const plain = Math.round((PLAIN * periodPx) / STRIP);
  const centre = Math.round((box.x1 + box.x2) / 2 / STRIP);
  let last = Math.round((outward < 0 ? box.x1 : box.x2 - 1) / STRIP);
  while (last !== centre && !isShared(last)) last -= outward;
  for (let gap = 1; gap <= plain; gap++) {
    if (isShared(last + outward * gap)) {
      last += outward * gap;
      gap = 0;
    }
  }
  return STRIP * (outward < 0 ? last : last + 1);
}

/** How much repeats in step beyond the side's search, storeys wide. */
function sharedBeyond(shared: Float32Array, end: number, periodPx: number, outward: -1 | 1): number {
  let count = 0;
  for (let strip = Math.round(end / STRIP) + outward; strip >= 0 && strip < shared.length; strip += outward) {
    if ((shared[strip] as number) >= LEAST_SHARED) count++;
  }
  return (count * STRIP) / periodPx;
}

/**
 * How strong an edge along a line is, 0..1, in the two phases of the storeys where it is weakest; 0 where it is seen over less than a
 * quarter of its length.
 */
function sideEdge({ columns, data }: StraightPicture, cells: readonly (readonly Cell[])[], columnAt: (row: number) => number): number {
  const strengths = cells.map((phase) => {
    let [sum, seen] = [0, 0];
    for (const [from, to] of phase) {
      const edge = meanEdge(data, columns, from, to, columnAt);
      if (Number.isNaN(edge)) continue;
      sum += Math.abs(edge) / (Math.abs(edge) + HALF_EDGE);
      seen++;
    }
    return seen < phase.length / 4 ? 0 : sum / seen;
  });
  const [weakest = 0, second = 0] = strengths.sort((a, b) => a - b);
  return (weakest + second) / 2;
}

/** Mean edge across a line between two rows, grey levels over four samples; NaN where the camera does not see all of it. */
function meanEdge(data: Float32Array, columns: number, from: number, to: number, columnAt: (row: number) => number): number {
  let sum = 0;
  for (let row = from; row < to; row++) {
    const column = Math.round(columnAt(row));
    if (column < 2 || column >= columns - 2) return Number.NaN;
    sum += (data[row * columns + column + 2] as number) - (data[row * columns + column - 2] as number);
  }
  return sum / (to - from);
}

function seenShare({ columns, data }: StraightPicture, x: number, box: Box): number {
  if (x < 0 || x >= columns) return 0;
  let seen = 0;
  for (let r = box.y1; r < box.y2; r++) if (!Number.isNaN(data[r * columns + x] as number)) seen++;
  return seen / Math.max(1, box.y2 - box.y1);
}
