import type { CellGrid, CellPicture } from './cell-grid.js';

/** What the outline and the colours of a region tell. */
export interface OutlineVerdict {
  readonly kind: 'added' | 'removed' | 'unclear';
  /** 0..1. */
  readonly confidence: number;
  /** Mean step across the outline in the picture, and in the background, grey. */
  readonly now: number;
  readonly before: number;
}

/** Steps below this are noise, grey. */
const NOISE_GREY = 5;
/** No single step counts more than this, grey: a white line under the region must not outvote its whole outline. */
const MOST_GREY = 60;
/** By how much one side must outweigh the other. Lower, and a shadow across the outline decides; higher, and little is told. */
const LEAST_MARGIN = 0.12;
/** Cells from the outline to either side that are compared. */
const STEP_CELLS = 2;
/** Bins of luma and of each chroma. */
const LUMA_BINS = 16;
const CHROMA_BINS = 16;
/** Cells around a region whose colours are compared with its own reach so far. */
const RING_CELLS = 4;

/**
 * Whether a region was added to the scene or removed from it. What stands in a scene has an outline, and its colours are not those beside
 * it: where the picture has the stronger steps across the region's border, and the region's colours differ more from those around it, than the
 * background, something was added.
 *
 * @param inside not 0 for the cells of the region.
 */
export function judgeOutline(grid: CellGrid, cells: Int32Array, inside: Uint8Array, now: CellPicture, before: CellPicture): OutlineVerdict {
  const { columns, rows } = grid;
  const ring = new Set<number>();
  let [border, more, less, stepsNow, stepsBefore] = [0, 0, 0, 0, 0];
  for (const i of cells) {
    const y = (i / columns) | 0;
    const x = i - y * columns;
    if (x < 3 || y < 3 || x > columns - 4 || y > rows - 4) continue;
    if (inside[i - 1] !== 0 && inside[i + 1] !== 0 && inside[i - columns] !== 0 && inside[i + columns] !== 0) continue;
    for (const [dx, dy] of [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ] as const) {
      for (let k = 1; k <= RING_CELLS; k++) {
        const at = (y + k * dy) * columns + x + k * dx;
        if (y + k * dy >= 0 && y + k * dy < rows && x + k * dx >= 0 && x + k * dx < columns && inside[at] === 0) ring.add(at);
      }
    }
    // Outward: away from where the region's own cells are.
    let [nx, ny] = [0, 0];
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        if (inside[i + dy * columns + dx] === 0) continue;
        nx -= dx;
        ny -= dy;
      }
    }
    const length = Math.hypot(nx, ny);
    if (length < 1) continue;
    const step = Math.round((STEP_CELLS * ny) / length) * columns + Math.round((STEP_CELLS * nx) / length);
    const here = stepOf(now, i, step);
    const then = stepOf(before, i, step);
    border++;
    stepsNow += here;
    stepsBefore += then;
    if (here > then) more += here - then;
    else less += then - here;
  }
  if (border === 0) return { kind: 'unclear', confidence: 0, now: 0, before: 0 };
  const sum = more + less;
  const byEdges = sum < NOISE_GREY * border * 0.5 ? 0 : (more - less) / sum;
  const around = Int32Array.from(ring);
  const byColours = unlikeness(now, cells, around) - unlikeness(before, cells, around);
  const margin = (byEdges + byColours) / 2;
  const kind = margin > LEAST_MARGIN ? 'added' : margin < -LEAST_MARGIN ? 'removed' : 'unclear';
  return { kind, confidence: Math.min(1, 2 * Math.abs(margin)), now: stepsNow / border, before: stepsBefore / border };
}

/** Difference between both sides of a cell of the outline, grey; colour counts as much as luma. */
function stepOf(picture: CellPicture, i: number, step: number): number {
  const [a, b] = [i - step, i + step];
  const difference =
    Math.abs((picture.luma[a] as number) - (picture.luma[b] as number)) +
    Math.abs((picture.cb[a] as number) - (picture.cb[b] as number)) +
    Math.abs((picture.cr[a] as number) - (picture.cr[b] as number));
  return difference < NOISE_GREY ? 0 : Math.min(MOST_GREY, difference);
}

/** How far apart the colours of two groups of cells are: 0 alike, 1 nothing in common. */
function unlikeness(picture: CellPicture, a: Int32Array, b: Int32Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  const luma = overlap(picture.luma, a, b, LUMA_BINS, 256);
  const chroma = (overlap(picture.cb, a, b, CHROMA_BINS, 128) + overlap(picture.cr, a, b, CHROMA_BINS, 128)) / 2;
  return 1 - luma * chroma;
}

/** Shared area of two histograms, 0..1; each value counts in its bin and the next by where it lies between them. */
function overlap(plane: Float32Array, a: Int32Array, b: Int32Array, bins: number, range: number): number {
  const [first, second] = [a, b].map((cells) => {
    const histogram = new Float64Array(bins + 1);
    for (const i of cells) {
      const place = Math.max(0, Math.min(bins - 0.001, (((plane[i] as number) - (256 - range) / 2) * bins) / range));
      const bin = Math.floor(place);
      histogram[bin] = (histogram[bin] as number) + (1 - place + bin) / cells.length;
      histogram[bin + 1] = (histogram[bin + 1] as number) + (place - bin) / cells.length;
    }
    return histogram;
  }) as [Float64Array, Float64Array];
  let shared = 0;
  for (let k = 0; k <= bins; k++) shared += Math.min(first[k] as number, second[k] as number);
  return shared;
}
