import type { CellGrid, CellPicture } from './cell-grid.js';
import type { CellModel } from './cell-model.js';
import { DARK_GREY } from './light-field.js';

/** How much light a shadow leaves, and a beam adds, as a ratio. Beyond, it is a thing that is dark or bright itself. */
const DARKEST = 0.32;
const BRIGHTEST = 3;
/** On a surface without texture a shadow leaves more than this, or it cannot be told from a dark thing. */
const DARKEST_FLAT = 0.45;
/** Chroma may move by this much under another light, grey, beside the change that the ratio explains: shade is bluer than sun. */
const CHROMA_GREY = 5;
/** Variance of a surface (5 × 5 cells) from which its texture can be recognised, grey². */
const TEXTURE = 14;
/** … and how alike it must be (normalised correlation), and how much weaker or stronger than the ratio says. */
const LEAST_LIKENESS = 0.72;
const SLOPE_SPAN = 2;
/** Half a window's side, cells. */
const REACH = 2;

/**
 * Which of the cells that differ do so only by their light: a shadow or a beam keeps the colour and the texture of what it falls on.
 */
export class LightTest {
  /** 1 where a cell that differs is explained by light. */
  readonly lit: Uint8Array;
  private readonly first: Uint8Array;
  private readonly differing: Int32Array;

  constructor(private readonly grid: CellGrid) {
    this.lit = new Uint8Array(grid.count);
    this.first = new Uint8Array(grid.count);
    this.differing = new Int32Array(grid.count);
  }

  run(picture: CellPicture, model: CellModel): void {
    const { columns, rows, count } = this.grid;
    const { lit, first, differing } = this;
    const { foreground } = model;
    first.fill(0);
    lit.fill(0);
    let n = 0;
    for (let i = 0; i < count; i++) {
      if (foreground[i] === 0) continue;
      differing[n++] = i;
      if (this.litAlone(i, picture, model.expected)) first[i] = 1;
    }
    // A shadow's rim and a thing's flat parts: as most of those around.
    for (let k = 0; k < n; k++) {
      const i = differing[k] as number;
      const y = (i / columns) | 0;
      const x = i - y * columns;
      let light = 0;
      let thing = 0;
      for (let ny = Math.max(0, y - 2); ny <= Math.min(rows - 1, y + 2); ny++) {
        for (let nx = Math.max(0, x - 2); nx <= Math.min(columns - 1, x + 2); nx++) {
          const at = ny * columns + nx;
          if (foreground[at] === 0) continue;
          if (first[at] !== 0) light++;
          else thing++;
        }
      }
      lit[i] = light > thing ? 1 : 0;
    }
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
    const y = (i / columns) | 0;
    const x = i - y * columns;
    let n = 0;
    let sx = 0;
    let se = 0;
    let sxx = 0;
    let see = 0;
    let sxe = 0;
    for (let ny = Math.max(0, y - REACH); ny <= Math.min(rows - 1, y + REACH); ny++) {
      for (let nx = Math.max(0, x - REACH); nx <= Math.min(columns - 1, x + REACH); nx++) {
        const at = ny * columns + nx;
        const a = picture.luma[at] as number;
        const b = expected.luma[at] as number;
        n++;
        sx += a;
        se += b;
        sxx += a * a;
        see += b * b;
        sxe += a * b;
      }
    }
    const varianceE = see / n - (se / n) ** 2;
    const varianceX = sxx / n - (sx / n) ** 2;
    if (varianceE < TEXTURE) return ratio < 1 && ratio > DARKEST_FLAT && varianceX < Math.max(8, 2 * varianceE);
    const together = sxe / n - (sx / n) * (se / n);
    const slope = together / varianceE / ratio;
    return together >= LEAST_LIKENESS * Math.sqrt(Math.max(1, varianceX) * varianceE) && slope > 1 / SLOPE_SPAN && slope < SLOPE_SPAN;
  }
}
