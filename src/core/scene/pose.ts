import type { Point } from '../../domain/geometry.js';
import type { CellGrid, CellPicture } from './cell-grid.js';

/** Edge cells that are followed: enough that a bus leaves most of them. */
const POINTS = 1500;
/** Slope that makes an edge, grey over two cells. */
const EDGE_GREY = 16;
/** Fewer tell nothing. */
const LEAST_POINTS = 60;
/** A residual beyond this does not count, grey: something else is there. */
const OUTLIER_GREY = 30;
/** What noise adds to a residual, grey. */
const NOISE_GREY = 4;
/** Gauss-Newton steps. */
const STEPS = 4;
/** Furthest shift sought, cells: further, and the camera has another pose. */
const FURTHEST_CELLS = 8;
/** Points that the search over whole cells looks at. */
const SEARCH_POINTS = 300;
/** Share of the points that must fit for the pose to be as it was. */
const GOOD_FIT = 0.6;
/** How much better a searched shift must fit than none. */
const BETTER = 0.15;
/** Seconds after which the points are chosen anew. */
const POINTS_EVERY_S = 15;

/** How the camera has moved against its background, in cells. */
export class PoseFinder {
  private readonly points: Int32Array;
  private count = 0;
  private chosenAtS = Number.NEGATIVE_INFINITY;
  /** In cells: picture(x + shift) shows what the background has at x. */
  shift: Point = { x: 0, y: 0 };
  /** Share of the points that fit. */
  fit = 1;

  constructor(private readonly grid: CellGrid) {
    this.points = new Int32Array(POINTS);
  }

  /** Forgets the points: the background has changed. */
  reset(): void {
    this.chosenAtS = Number.NEGATIVE_INFINITY;
    this.shift = { x: 0, y: 0 };
    this.fit = 1;
  }

  measure(picture: CellPicture, background: CellPicture, gain: number, timeS: number): void {
    if (timeS - this.chosenAtS >= POINTS_EVERY_S) {
      this.choose(background);
      this.chosenAtS = timeS;
    }
    if (this.count < LEAST_POINTS) {
      this.shift = { x: 0, y: 0 };
      this.fit = 1;
      return;
    }
    let found = this.refine(picture, background, gain, this.shift);
    if (found.fit < GOOD_FIT) {
      const still = this.refine(picture, background, gain, { x: 0, y: 0 });
      if (still.fit > found.fit) found = still;
    }
    if (found.fit < GOOD_FIT) {
      const sought = this.refine(picture, background, gain, this.search(picture, background, gain));
      if (sought.fit > found.fit + BETTER) found = sought;
    }
    this.shift = found.shift;
    this.fit = found.fit;
  }

  /** Cells with an edge, spread over the picture. */
  private choose(background: CellPicture): void {
    const { columns, rows, masked } = this.grid;
    const { luma } = background;
    const margin = FURTHEST_CELLS + 2;
    let edges = 0;
    for (let pass = 0, stride = 1; pass < 2; pass++) {
      let [seen, kept] = [0, 0];
      for (let y = margin; y < rows - margin; y++) {
        for (let x = margin; x < columns - margin; x++) {
          const i = y * columns + x;
          if (masked[i] !== 0) continue;
          const slope =
            Math.abs((luma[i + 1] as number) - (luma[i - 1] as number)) +
            Math.abs((luma[i + columns] as number) - (luma[i - columns] as number));
          if (slope < EDGE_GREY) continue;
          if (pass === 0) edges++;
          else if (seen++ % stride === 0 && kept < POINTS) this.points[kept++] = i;
        }
      }
      stride = Math.max(1, Math.ceil(edges / POINTS));
      this.count = kept;
    }
  }

  private refine(
    picture: CellPicture,
    background: CellPicture,
    gain: number,
    from: Point,
  ): { readonly shift: Point; readonly fit: number } {
    const { columns } = this.grid;
    let [dx, dy] = [from.x, from.y];
    let fit = 0;
    for (let step = 0; step <= STEPS; step++) {
      const wholeX = Math.floor(dx);
      const wholeY = Math.floor(dy);
      const fx = dx - wholeX;
      const fy = dy - wholeY;
      const offset = wholeY * columns + wholeX;
      let xx = 0;
      let xy = 0;
      let yy = 0;
      let xe = 0;
      let ye = 0;
      let good = 0;
      for (let k = 0; k < this.count; k++) {
        const i = this.points[k] as number;
        const at = i + offset;
        const p = picture.luma;
        const upper = (p[at] as number) * (1 - fx) + (p[at + 1] as number) * fx;
        const lower = (p[at + columns] as number) * (1 - fx) + (p[at + columns + 1] as number) * fx;
        const b = background.luma;
        const error = upper * (1 - fy) + lower * fy - gain * (b[i] as number);
        if (Math.abs(error) > OUTLIER_GREY) continue;
        const gx = (gain * ((b[i + 1] as number) - (b[i - 1] as number))) / 2;
        const gy = (gain * ((b[i + columns] as number) - (b[i - columns] as number))) / 2;
        if (Math.abs(error) < 0.5 * (Math.abs(gx) + Math.abs(gy)) + NOISE_GREY) good++;
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
        xe += gx * error;
        ye += gy * error;
      }
      fit = good / this.count;
      const determinant = xx * yy - xy * xy;
      if (step === STEPS || determinant < 1) break;
      const moveX = (yy * xe - xy * ye) / determinant;
      const moveY = (xx * ye - xy * xe) / determinant;
      if (Math.abs(moveX) < 0.02 && Math.abs(moveY) < 0.02) break;
      dx -= Math.max(-1, Math.min(1, moveX));
      dy -= Math.max(-1, Math.min(1, moveY));
      if (Math.abs(dx) > FURTHEST_CELLS || Math.abs(dy) > FURTHEST_CELLS) return { shift: { x: 0, y: 0 }, fit: 0 };
    }
    return { shift: { x: dx, y: dy }, fit };
  }

  /** The whole-cell shift that fits best, among all that are sought. */
  private search(picture: CellPicture, background: CellPicture, gain: number): Point {
    const { columns } = this.grid;
    const stride = Math.max(1, Math.floor(this.count / SEARCH_POINTS));
    let best: Point = { x: 0, y: 0 };
    let least = Number.POSITIVE_INFINITY;
    for (let dy = -FURTHEST_CELLS; dy <= FURTHEST_CELLS; dy++) {
      for (let dx = -FURTHEST_CELLS; dx <= FURTHEST_CELLS; dx++) {
        let sum = 0;
        for (let k = 0; k < this.count; k += stride) {
          const i = this.points[k] as number;
          sum += Math.min(OUTLIER_GREY, Math.abs((picture.luma[i + dy * columns + dx] as number) - gain * (background.luma[i] as number)));
        }
        if (sum >= least) continue;
        least = sum;
        best = { x: dx, y: dy };
      }
    }
    return best;
  }
}

/** Writes a picture moved back by a shift: to(x) = from(x + shift); what would come from beyond the border is taken from `beyond`. */
export function moveBack(grid: CellGrid, from: CellPicture, to: CellPicture, shift: Point, beyond: CellPicture): void {
  const { columns, rows } = grid;
  const wholeX = Math.floor(shift.x);
  const wholeY = Math.floor(shift.y);
  const fx = shift.x - wholeX;
  const fy = shift.y - wholeY;
  for (const plane of ['luma', 'cb', 'cr'] as const) {
    const source = from[plane];
    const target = to[plane];
    target.set(beyond[plane]);
    const lastColumn = Math.min(columns, columns - 1 - wholeX);
    const lastRow = Math.min(rows, rows - 1 - wholeY);
    for (let y = Math.max(0, -wholeY); y < lastRow; y++) {
      for (let x = Math.max(0, -wholeX); x < lastColumn; x++) {
        const at = (y + wholeY) * columns + x + wholeX;
        const top = (source[at] as number) * (1 - fx) + (source[at + 1] as number) * fx;
        const bottom = (source[at + columns] as number) * (1 - fx) + (source[at + columns + 1] as number) * fx;
        target[y * columns + x] = top * (1 - fy) + bottom * fy;
      }
    }
  }
}
