import type { CellGrid, CellPicture } from './cell-grid.js';
import type { CellModel } from './cell-model.js';
import { DARK_GREY } from './light-field.js';

/** How much light a shadow leaves, and a beam adds, as a ratio. Beyond, it is a thing that is dark or bright itself. */
const DARKEST = 0.32;
const BRIGHTEST = 3;
/** On a surface without texture a shadow leaves more than this, or it cannot be told from a dark thing. */
export const DARKEST_FLAT = 0.45;
/** Chroma may move by this much under another light, grey, beside the change that the ratio explains: shade is bluer than sun. */
export const CHROMA_GREY = 5;
/** Variance of a surface (5 × 5 cells) from which its texture can be recognised, grey². */
const TEXTURE = 14;
/** … and how alike it must be (normalised correlation), and how much weaker or stronger than the ratio says. */
const LEAST_LIKENESS = 0.72;
const SLOPE_SPAN = 2;
/** Half a window's side, cells. */
const REACH = 2;

/** Sums that a column of a window has: of the picture, of what is expected, of their squares, and of their product. */
const SUMS = 5;

/**
 * Which of the cells that differ do so only by their light: a shadow or a beam keeps the colour and the texture of what it falls on.
 *
 * Windows beside one another share all columns but one: each column is summed once a row.
 */
export class LightClassifier {
  /** 1 where a cell that differs is explained by light. */
  readonly lit: Uint8Array;
  private readonly first: Uint8Array;
  private readonly differing: Int32Array;
  /** For each column its sums over the window's rows around {@link rowOf} it. */
  private readonly sums: Float64Array;
  private readonly votes: Int32Array;
  private readonly rowOf: Int32Array;

  constructor(private readonly grid: CellGrid) {
    this.lit = new Uint8Array(grid.count);
    this.first = new Uint8Array(grid.count);
    this.differing = new Int32Array(grid.count);
    this.sums = new Float64Array(SUMS * grid.columns);
    this.votes = new Int32Array(grid.columns);
    this.rowOf = new Int32Array(grid.columns);
  }

  run(picture: CellPicture, model: CellModel): void {
    const { columns, count } = this.grid;
    const { lit, first, differing, rowOf } = this;
    const { foreground } = model;
    first.fill(0);
    lit.fill(0);
    rowOf.fill(-1);
    let n = 0;
    for (let i = 0; i < count; i++) {
      if (foreground[i] === 0) continue;
      differing[n++] = i;
      if (this.litAlone(i, picture, model.expected)) first[i] = 1;
    }
    // A shadow's rim and a thing's flat parts: as most of those around.
    rowOf.fill(-1);
    for (let k = 0; k < n; k++) {
      const i = differing[k] as number;
      const row = (i / columns) | 0;
      const x = i - row * columns;
      let votes = 0;
      for (let nx = Math.max(0, x - REACH); nx <= Math.min(columns - 1, x + REACH); nx++) votes += this.votesOf(nx, row, foreground);
      lit[i] = votes > 0 ? 1 : 0;
    }
  }

  /** By how many more of a column's cells around a row are light's than a thing's. */
  private votesOf(x: number, row: number, foreground: Uint8Array): number {
    const { rowOf, votes, first, grid } = this;
    if (rowOf[x] === row) return votes[x] as number;
    let sum = 0;
    for (let y = Math.max(0, row - REACH); y <= Math.min(grid.rows - 1, row + REACH); y++) {
      const at = y * grid.columns + x;
      if (foreground[at] !== 0) sum += first[at] !== 0 ? 1 : -1;
    }
    rowOf[x] = row;
    votes[x] = sum;
    return sum;
  }

  private litAlone(i: number, picture: CellPicture, expected: CellPicture): boolean {
    const seen = picture.luma[i] as number;
    const was = expected.luma[i] as number;
    const ratio = (seen + DARK_GREY) / (was + DARK_GREY);
    if (ratio < DARKEST || ratio > BRIGHTEST) return false;
    const scale = Math.min(1.2, ratio);
    if (Math.abs((picture.cb[i] as number) - 128 - scale * ((expected.cb[i] as number) - 128)) > CHROMA_GREY) return false;
    if (Math.abs((picture.cr[i] as number) - 128 - scale * ((expected.cr[i] as number) - 128)) > CHROMA_GREY) return false;
    const { columns, rows } = this.grid;
    const { sums } = this;
    const row = (i / columns) | 0;
    const x = i - row * columns;
    const left = Math.max(0, x - REACH);
    const right = Math.min(columns - 1, x + REACH);
    const n = (right - left + 1) * (Math.min(rows - 1, row + REACH) - Math.max(0, row - REACH) + 1);
    let sx = 0;
    let se = 0;
    let sxx = 0;
    let see = 0;
    let sxe = 0;
    for (let nx = left, at = SUMS * left; nx <= right; nx++, at += SUMS) {
      if (this.rowOf[nx] !== row) this.sumColumn(nx, row, picture.luma, expected.luma);
      sx += sums[at] as number;
      se += sums[at + 1] as number;
      sxx += sums[at + 2] as number;
      see += sums[at + 3] as number;
      sxe += sums[at + 4] as number;
    }
    const varianceE = see / n - (se / n) ** 2;
    const varianceX = sxx / n - (sx / n) ** 2;
    if (varianceE < TEXTURE) return ratio < 1 && ratio > DARKEST_FLAT && varianceX < Math.max(8, 2 * varianceE);
    const together = sxe / n - (sx / n) * (se / n);
    const slope = together / varianceE / ratio;
    return together >= LEAST_LIKENESS * Math.sqrt(Math.max(1, varianceX) * varianceE) && slope > 1 / SLOPE_SPAN && slope < SLOPE_SPAN;
  }

  private sumColumn(x: number, row: number, picture: Float32Array, expected: Float32Array): void {
    const { columns, rows } = this.grid;
    const { sums } = this;
    const at = SUMS * x;
    let sx = 0;
    let se = 0;
    let sxx = 0;
    let see = 0;
    let sxe = 0;
    const last = Math.min(rows - 1, row + REACH) * columns + x;
    for (let i = Math.max(0, row - REACH) * columns + x; i <= last; i += columns) {
      const a = picture[i] as number;
      const b = expected[i] as number;
      sx += a;
      se += b;
      sxx += a * a;
      see += b * b;
      sxe += a * b;
    }
    sums[at] = sx;
    sums[at + 1] = se;
    sums[at + 2] = sxx;
    sums[at + 3] = see;
    sums[at + 4] = sxe;
    this.rowOf[x] = row;
  }
}
