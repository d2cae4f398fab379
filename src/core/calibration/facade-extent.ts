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
  /** Whether another edge as strong runs beside it, half a storey away or more: it may be that one. */
  readonly rival?: boolean;
}

export interface FacadeExtent {
  readonly left: FacadeSide;
  readonly right: FacadeSide;
  /** In whole storeys of the comb, counted downward. */
  readonly top: FacadeSide;
  readonly bottom: FacadeSide;
}

/** Grey levels a sample at which an edge along a side counts half. */
const HALF_EDGE = 4;
/** Least mean of a side's edge, 0..1: half of its length with an edge as strong as {@link HALF_EDGE}. */
const LEAST_SIDE = 0.18;
/** How far a side lies from where the repetition puts it, storeys, one standard deviation: neighbours' edges are further off. */
const ASTRAY = 0.8;
/** An edge with so much of a side's strength could be the side as well. */
const RIVAL_SHARE = 0.85;
/** Where a side is looked for around the end of the repetition, storeys outward and inward. */
const OUTWARD = 1.8;
const INWARD = 1;
/** Slopes of a side that are tried, samples a sample: what the vertical vanishing point leaves. */
const SLOPES = [-0.02, -0.01, 0, 0.01, 0.02];
/** Likeness to the mean storey at which a block counts as part of the facade. */
const BLOCK_LIKENESS = 0.4;
/** Share of such blocks that a storey at the end needs to be added, and not to be left out. Roofs and plinths reach 0.46, real storeys begin at 0.54. */
const ADDED_SHARE = 0.5;
const KEPT_SHARE = 0.3;
/** Storeys that a tree or a canopy may hide before another one is seen. */
const HIDDEN = 2;
/** How far a storey may lie beside the comb to be compared with the mean one, storeys: fine patterns are unlike themselves beyond a tenth. */
const SHIFTS = [0, -0.08, 0.08, -0.16, 0.16];
/** Part of a storey that must be in the picture for it to count. */
const LEAST_SEEN = 0.5;
/** How far from the last floor line a roof's edge (a parapet) or a foot's (a plinth) may lie, storeys. */
const END_REACH = 0.4;

/** Where the facade begins and ends around the part that repeats. */
export function findExtent(straight: StraightPicture, edges: EdgeStrips, box: Box, comb: StoreyComb): FacadeExtent {
  const side = (which: 'left' | 'right'): FacadeSide => findSide(straight, box, comb.periodPx, which);
  const [left, right] = [side('left'), side('right')];
  const between = { ...box, x1: Math.round(left.at), x2: Math.round(right.at) };
  return { left, right, ...findEnds(straight, edges, between, comb) };
}

function findSide(straight: StraightPicture, box: Box, periodPx: number, which: 'left' | 'right'): FacadeSide {
  const outward = which === 'left' ? -1 : 1;
  const end = which === 'left' ? box.x1 : box.x2;
  const from = Math.round(end + outward * OUTWARD * periodPx);
  const to = Math.round(end - outward * INWARD * periodPx);
  const found: { at: number; strength: number }[] = [];
  for (let x = from; x !== to; x -= outward) {
    const strength = Math.max(...SLOPES.map((slope) => uprightEdge(straight, x, slope, box)));
    found.push({ at: x, strength });
  }
  // The likeness of a square reaches a third of a storey beyond what is alike.
  const expected = end - (outward * periodPx) / 3;
  const weigh = ({ at, strength }: { at: number; strength: number }): number =>
    strength * Math.exp(-(((at - expected) / (ASTRAY * periodPx)) ** 2) / 2);
  const best = found.reduce((a, b) => (weigh(b) > weigh(a) ? b : a));
  if (best.strength >= LEAST_SIDE) {
    const rival = found.some(({ at, strength }) => Math.abs(at - best.at) > periodPx / 2 && strength >= RIVAL_SHARE * best.strength);
    return { at: best.at, by: 'edge', rival };
  }
  const isCut = seenShare(straight, Math.round(end + outward * periodPx), box) < 0.5;
  return isCut ? { at: end, by: 'cut' } : { at: expected, by: 'texture' };
}

/** Mean signed edge along an upright line through (x, middle of the box), 0..1; 0 where less than half of it is seen. */
function uprightEdge({ columns, data }: StraightPicture, x: number, slope: number, box: Box): number {
  const middle = (box.y1 + box.y2) / 2;
  let [sum, seen] = [0, 0];
  for (let r = box.y1; r < box.y2; r += 2) {
    const column = Math.round(x + slope * (r - middle));
    if (column < 2 || column >= columns - 2) continue;
    const edge = (data[r * columns + column + 2] as number) - (data[r * columns + column - 2] as number);
    if (Number.isNaN(edge)) continue;
    sum += edge / (Math.abs(edge) + HALF_EDGE);
    seen++;
  }
  return seen < (box.y2 - box.y1) / 4 ? 0 : Math.abs(sum) / seen;
}

function seenShare({ columns, data }: StraightPicture, x: number, box: Box): number {
  if (x < 0 || x >= columns) return 0;
  let seen = 0;
  for (let r = box.y1; r < box.y2; r++) if (!Number.isNaN(data[r * columns + x] as number)) seen++;
  return seen / Math.max(1, box.y2 - box.y1);
}

/** Upper and lower end in whole storeys: as far as storeys look like the mean one, or the picture goes. */
function findEnds(straight: StraightPicture, edges: EdgeStrips, box: Box, comb: StoreyComb): Pick<FacadeExtent, 'top' | 'bottom'> {
  const inside: [number, number] = [Math.round(comb.storeyAt(box.y1)), Math.round(comb.storeyAt(box.y2))];
  const likeness = storeyLikeness(edges, box, comb, inside);
  let [first, last] = inside;
  while (first < last - 1 && likeness(first) < KEPT_SHARE) first++;
  while (last > first + 1 && likeness(last - 1) < KEPT_SHARE) last--;
  for (let gap = 1; gap <= HIDDEN; gap++) {
    while (likeness(first - gap) >= ADDED_SHARE) [first, gap] = [first - gap, 1];
    while (likeness(last + gap - 1) >= ADDED_SHARE) [last, gap] = [last + gap, 1];
  }
  const seen = seenRows(straight, box);
  const top: FacadeSide = comb.storeyAt(seen.from) > first - LEAST_SEEN ? { at: first, by: 'cut' } : endLine(straight, box, comb, first);
  const bottom: FacadeSide = comb.storeyAt(seen.to) < last + LEAST_SEEN ? { at: last, by: 'cut' } : endLine(straight, box, comb, last);
  return { top, bottom };
}

/** Whether an edge runs along the last floor line, as a roof's or a foot's does; the line itself is where storeys end. */
function endLine(straight: StraightPicture, box: Box, comb: StoreyComb, line: number): FacadeSide {
  const [from, to] = [Math.round(comb.rowAt(line - END_REACH)), Math.round(comb.rowAt(line + END_REACH))];
  for (let r = from; r <= to; r++) if (levelEdge(straight, r, box) >= LEAST_SIDE) return { at: line, by: 'edge' };
  return { at: line, by: 'texture' };
}

function levelEdge({ columns, rows, data }: StraightPicture, r: number, box: Box): number {
  if (r < 2 || r >= rows - 2) return 0;
  let [sum, seen] = [0, 0];
  for (let c = Math.max(0, box.x1); c < Math.min(columns, box.x2); c++) {
    const edge = (data[(r + 2) * columns + c] as number) - (data[(r - 2) * columns + c] as number);
    if (Number.isNaN(edge)) continue;
    sum += edge / (Math.abs(edge) + HALF_EDGE);
    seen++;
  }
  return seen === 0 ? 0 : Math.abs(sum) / seen;
}

/** First and last row that are seen in the middle of the facade. */
function seenRows({ columns, rows, data }: StraightPicture, box: Box): { from: number; to: number } {
  const column = Math.min(columns - 1, Math.max(0, Math.round((box.x1 + box.x2) / 2)));
  const isSeen = (r: number): boolean => !Number.isNaN(data[r * columns + column] as number);
  let [from, to] = [0, rows - 1];
  while (from < rows && !isSeen(from)) from++;
  while (to > 0 && !isSeen(to)) to--;
  return { from, to };
}

/** Share of a storey's blocks that look like the mean storey; a block is as wide as a storey is high. */
function storeyLikeness(
  edges: EdgeStrips,
  box: Box,
  comb: StoreyComb,
  [first, last]: readonly [number, number],
): (storey: number) => number {
  const bins = Math.max(8, Math.round(comb.periodPx));
  const [s1, s2] = [Math.max(0, Math.ceil(box.x1 / STRIP)), Math.min(edges.columns, Math.floor(box.x2 / STRIP))];
  const strips = Math.max(1, s2 - s1);
  const block = Math.max(1, Math.round(comb.periodPx / STRIP));
  const patch = (storey: number): Float32Array => {
    const values = new Float32Array(strips * bins * 2).fill(Number.NaN);
    for (let b = 0; b < bins; b++) {
      const row = Math.round(comb.rowAt(storey + (b + 0.5) / bins));
      if (row < 0 || row >= edges.rows) continue;
      for (let s = 0; s < strips; s++) {
        const i = (s1 + s) * edges.rows + row;
        if (edges.seen[i] === 0) continue;
        values[2 * (s * bins + b)] = edges.down[i] as number;
        values[2 * (s * bins + b) + 1] = edges.across[i] as number;
      }
    }
    return values;
  };
  const count = Math.max(1, last - first);
  const mean = new Float32Array(strips * bins * 2);
  for (let k = first; k < last; k++)
    for (const [i, v] of patch(k).entries()) mean[i] = (mean[i] as number) + (Number.isNaN(v) ? 0 : v) / count;
  const aligned = (storey: number): number => {
    const values = patch(storey);
    let [alike, blocks] = [0, 0];
    for (let from = 0; from < strips; from += block) {
      const to = Math.min(strips, from + block) * bins * 2;
      let [product, one, other, seen] = [0, 0, 0, 0];
      for (let i = from * bins * 2; i < to; i++) {
        const [a, b] = [values[i] as number, mean[i] as number];
        if (Number.isNaN(a)) continue;
        product += a * b;
        one += a * a;
        other += b * b;
        seen++;
      }
      blocks++;
      const isSeen = seen > LEAST_SEEN * (to - from * bins * 2);
      if (isSeen && other > 0 && product > BLOCK_LIKENESS * Math.max(other, Math.sqrt(one * other))) alike++;
    }
    return alike / Math.max(1, blocks);
  };
  return (storey) => Math.max(...SHIFTS.map((shift) => aligned(storey + shift)));
}
