import type { Box } from '../../domain/geometry.js';
import { largestSum } from './largest-sum.js';
import type { StraightPicture } from './rectification.js';

/** The part of a straightened picture where one storey looks like the next. All in samples of that picture. */
export interface Repetition {
  /** From storey to storey. */
  readonly period: number;
  /** Half-open. */
  readonly box: Box;
  /** How alike neighbouring storeys are inside the box, 0..1. */
  readonly likeness: number;
  /** Total of what was gained, for comparing. */
  readonly score: number;
}

/** Edges of a straightened picture in strips: strength across and down, compressed to -1..1. */
export interface EdgeStrips {
  /** Strips, from left to right. */
  readonly columns: number;
  readonly rows: number;
  /** Change downward, strip by strip: `[strip * rows + row]`. 0 where the camera does not see. */
  readonly down: Float32Array;
  /** Change to the right, likewise. */
  readonly across: Float32Array;
  /** 1 where the camera sees. */
  readonly seen: Uint8Array;
  /** What a cell of the coarse grid counts, 0..1: see {@link FOCUS}. */
  readonly weights: Float32Array;
}

/** Samples a strip is wide: narrower than a window, wide enough to average noise. */
export const STRIP = 4;
/** Grey levels a sample at which an edge counts half: by night edges are as faint, and lit windows must not outweigh all else. */
const HALF_EDGE = 4;
/** Least mean square of edges that likeness is believed of: a clear sky has 0.003 of noise, a plain wall 0.01, windows 0.1. */
const LEAST_ENERGY = 0.02;
/** Likeness above which a place counts as part of a facade. Higher cuts off what trees and lit windows disturb, lower takes in neighbours. */
const LEAST_LIKENESS = 0.35;
/** What a cell beyond the picture's edge costs: little, for nothing is known of it. */
const UNSEEN_COST = 0.05;
/** Shortest storey that is looked for, samples. */
const SHORTEST = 7;
/** Widest facade, times its height: beyond, it is a hedge or the marks of a road. */
const WIDEST = 6;
/** Fewest storeys that make a facade. */
const FEWEST = 3;
/** A shorter period is taken when it explains so much of what the best does: two storeys are as much alike as one. */
const NEARLY = 0.8;
/** How far the first, coarse period may be off: a sample of seven. */
const UNSURE = 0.08;
/** A place whose likeness after half or a third of a storey is so much of that after a whole one belongs to a building with smaller storeys. */
const OTHERS_SHARE = 0.75;
/** Cells of the coarse grid: strips wide and samples high. */
const CELL_STRIPS = 2;
const CELL_ROWS = 4;
/**
 * How much less a place far from where the camera looks weighs: the facade that it was hung up for stands in the middle, a neighbour beside it.
 * In widths of the picture from the middle to where a place weighs a third.
 */
const FOCUS = 0.28;

/** @param distance of a sample of the straightened picture from where the camera looks, widths of the picture. */
export function edgeStrips({ columns, rows, data }: StraightPicture, distance: (column: number, row: number) => number): EdgeStrips {
  const strips = Math.floor((columns - 2) / STRIP);
  const down = new Float32Array(strips * rows);
  const across = new Float32Array(strips * rows);
  const seen = new Uint8Array(strips * rows);
  for (let s = 0; s < strips; s++) {
    for (let r = 1; r < rows - 1; r++) {
      let [sumDown, sumAcross] = [0, 0];
      for (let c = s * STRIP + 1; c <= (s + 1) * STRIP; c++) {
        const i = r * columns + c;
        sumDown += (data[i + columns] as number) - (data[i - columns] as number);
        sumAcross += (data[i + 1] as number) - (data[i - 1] as number);
      }
      // NaN, where the camera does not see, spreads to both.
      if (Number.isNaN(sumDown + sumAcross)) continue;
      seen[s * rows + r] = 1;
      down[s * rows + r] = compress(sumDown / STRIP);
      across[s * rows + r] = compress(sumAcross / STRIP);
    }
  }
  const gridColumns = Math.floor(strips / CELL_STRIPS);
  const weights = new Float32Array(gridColumns * Math.floor(rows / CELL_ROWS));
  for (let i = 0; i < weights.length; i++) {
    const [column, row] = [(i % gridColumns) * CELL_STRIPS * STRIP, Math.floor(i / gridColumns) * CELL_ROWS];
    weights[i] = Math.exp(-((distance(column, row) / FOCUS) ** 2));
  }
  return { columns: strips, rows, down, across, seen, weights };
}

const compress = (edge: number): number => edge / (Math.abs(edge) + HALF_EDGE);

/** Finds the largest part that repeats downward; `null` when nothing does. */
export function findRepetition(edges: EdgeStrips): Repetition | null {
  const sums = createSums(edges);
  const found: Repetition[] = [];
  let last = 0;
  for (let period = SHORTEST; period < edges.rows / FEWEST; period *= 1.025) {
    const lag = Math.round(period);
    if (lag === last) continue;
    last = lag;
    const repetition = repetitionAt(edges, sums, lag);
    if (repetition !== null) found.push(repetition);
  }
  const shortest = found.filter((one) => !found.some((other) => isMultiple(one, other)));
  return shortest.reduce<Repetition | null>((a, b) => (a === null || worth(b) > worth(a) ? b : a), null);
}

/** Larger storeys are nearer ones: of two buildings equally well seen, the camera was hung up for the nearer. */
const worth = ({ score, period }: Repetition): number => score * Math.sqrt(period);

/** Whether a repetition is that of another one counted twice or more times. */
function isMultiple(one: Repetition, other: Repetition): boolean {
  const times = one.period / other.period;
  const whole = Math.round(times);
  return whole >= 2 && Math.abs(times - whole) < 0.06 * whole && other.score >= NEARLY * one.score;
}

/**
 * The same once more where the period is roughly known, with finer samples: what repeats after half or a third of it belongs to another
 * building, whose storeys look smaller.
 *
 * @param period samples; looked for within {@link UNSURE} of it.
 */
export function refineRepetition(edges: EdgeStrips, period: number): Repetition | null {
  const sums = createSums(edges);
  let best: Repetition | null = null;
  for (let lag = Math.floor(period * (1 - UNSURE)); lag <= Math.ceil(period * (1 + UNSURE)); lag++) {
    const found = repetitionAt(edges, sums, lag, [2, 3]);
    if (found !== null && (best === null || found.score > best.score)) best = found;
  }
  return best;
}

/** The part that repeats after `lag` samples, and not as well after one of the given parts of it. */
function repetitionAt(edges: EdgeStrips, sums: EdgeSums, lag: number, parts: readonly number[] = []): Repetition | null {
  const grid = likenessCells(edges, sums, lag, parts);
  const found = largestSum(grid.cells, grid.columns, grid.rows);
  if (found === null) return null;
  const { box, sum } = found;
  const scale = CELL_STRIPS * STRIP;
  const high = (box.y2 - box.y1) * CELL_ROWS;
  if (high < (FEWEST - 1) * lag || (box.x2 - box.x1) * scale > WIDEST * high) return null;
  return {
    period: lag,
    box: { x1: box.x1 * scale, x2: box.x2 * scale, y1: box.y1 * CELL_ROWS, y2: box.y2 * CELL_ROWS },
    likeness: meanLikeness(grid, edges.weights, box),
    score: sum * CELL_ROWS * scale,
  };
}

interface Grid {
  readonly cells: Float32Array;
  readonly columns: number;
  readonly rows: number;
}

function meanLikeness({ cells, columns }: Grid, weights: Float32Array, box: Box): number {
  let [sum, count] = [0, 0];
  for (let y = box.y1; y < box.y2; y++) {
    for (let x = box.x1; x < box.x2; x++) {
      const cell = cells[y * columns + x] as number;
      if (cell === -UNSEEN_COST) continue;
      sum += (cell > 0 ? cell / (weights[y * columns + x] as number) : cell) + LEAST_LIKENESS;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/** Likeness less {@link LEAST_LIKENESS} on the coarse grid, weighted. */
function likenessCells(edges: EdgeStrips, sums: EdgeSums, lag: number, parts: readonly number[]): Grid {
  const grid = likenessAfter(edges, sums, lag);
  const others = parts.map((part) => likenessAfter(edges, sums, Math.round(lag / part)).cells);
  const cells = grid.cells.map((likeness, i) => {
    if (Number.isNaN(likeness)) return -UNSEEN_COST;
    const isOther = others.some((other) => (other[i] as number) > OTHERS_SHARE * likeness);
    const gain = (isOther ? 0 : likeness) - LEAST_LIKENESS;
    return gain > 0 ? gain * (edges.weights[i] as number) : gain;
  });
  return { ...grid, cells };
}

/** Likeness of a square of one storey's side to that a storey above or below, whichever is more; NaN where neither is seen. */
function likenessAfter(edges: EdgeStrips, sums: EdgeSums, lag: number): Grid {
  const { columns, rows } = edges;
  const gridColumns = Math.floor(columns / CELL_STRIPS);
  const gridRows = Math.floor(rows / CELL_ROWS);
  const products = new Float64Array(gridColumns * gridRows);
  const energies = new Float64Array(gridColumns * gridRows);
  const product = new Float64Array(rows + 1);
  const half = lag >> 1;
  for (let s = 0; s < gridColumns * CELL_STRIPS; s++) {
    const at = s * rows;
    for (let r = 0; r + lag < rows; r++) {
      const [i, j] = [at + r, at + r + lag];
      const one = (edges.down[i] as number) * (edges.down[j] as number) + (edges.across[i] as number) * (edges.across[j] as number);
      product[r + 1] = (product[r] as number) + one;
    }
    for (let k = 0; k < gridRows; k++) {
      const from = k * CELL_ROWS + CELL_ROWS / 2 - half;
      const to = from + 2 * half;
      if (from < 0 || to + lag >= rows || sums.seen(s, from, to + lag) < to + lag - from) continue;
      const i = k * gridColumns + Math.floor(s / CELL_STRIPS);
      const covariance = (product[to] as number) - (product[from] as number) - sums.meanProduct(s, from, to, lag);
      products[i] = (products[i] as number) + covariance;
      energies[i] =
        (energies[i] as number) + (sums.energy(s, from, to) + sums.energy(s, from + lag, to + lag)) / 2 + LEAST_ENERGY * (to - from);
    }
  }
  const reach = Math.round(half / STRIP / CELL_STRIPS);
  const likeness = acrossRatio(products, energies, gridColumns, gridRows, reach);
  const up = Math.round(lag / CELL_ROWS);
  const cells = likeness.map((below, i) => {
    const above = likeness[i - up * gridColumns] ?? Number.NaN;
    return Number.isNaN(below) ? above : Number.isNaN(above) ? below : Math.max(below, above);
  });
  return { cells, columns: gridColumns, rows: gridRows };
}

/** Products over energies, both summed over `2 × reach + 1` columns; NaN where nothing is seen. */
function acrossRatio(products: Float64Array, energies: Float64Array, columns: number, rows: number, reach: number): Float32Array {
  const ratios = new Float32Array(columns * rows);
  for (let k = 0; k < rows; k++) {
    for (let c = 0; c < columns; c++) {
      if (energies[k * columns + c] === 0) {
        ratios[k * columns + c] = Number.NaN;
        continue;
      }
      let [product, energy] = [0, 0];
      for (let n = Math.max(0, c - reach); n <= Math.min(columns - 1, c + reach); n++) {
        product += products[k * columns + n] as number;
        energy += energies[k * columns + n] as number;
      }
      ratios[k * columns + c] = product / energy;
    }
  }
  return ratios;
}

/** Sums over spans of a strip, each at the cost of two look-ups. */
interface EdgeSums {
  /** Rows of a span that the camera sees. */
  seen(strip: number, from: number, to: number): number;
  /** Sum of the squared differences from the span's mean: what runs on and on (a corner of the house, a drain pipe) has none. */
  energy(strip: number, from: number, to: number): number;
  /** Part of the product of a span and the one `lag` below it that both means make. */
  meanProduct(strip: number, from: number, to: number, lag: number): number;
}

function createSums({ columns, rows, down, across, seen }: EdgeStrips): EdgeSums {
  const table = (value: (i: number) => number): Float64Array => {
    const sums = new Float64Array(columns * (rows + 1));
    for (let s = 0; s < columns; s++) {
      for (let r = 0; r < rows; r++) sums[s * (rows + 1) + r + 1] = (sums[s * (rows + 1) + r] as number) + value(s * rows + r);
    }
    return sums;
  };
  const seenRows = table((i) => seen[i] as number);
  const squares = table((i) => (down[i] as number) ** 2 + (across[i] as number) ** 2);
  const downs = table((i) => down[i] as number);
  const acrosses = table((i) => across[i] as number);
  const span = (sums: Float64Array, strip: number, from: number, to: number): number =>
    (sums[strip * (rows + 1) + to] as number) - (sums[strip * (rows + 1) + from] as number);
  return {
    seen: (strip, from, to) => span(seenRows, strip, from, to),
    energy: (strip, from, to) =>
      span(squares, strip, from, to) - (span(downs, strip, from, to) ** 2 + span(acrosses, strip, from, to) ** 2) / (to - from),
    meanProduct: (strip, from, to, lag) =>
      (span(downs, strip, from, to) * span(downs, strip, from + lag, to + lag) +
        span(acrosses, strip, from, to) * span(acrosses, strip, from + lag, to + lag)) /
      (to - from),
  };
}
