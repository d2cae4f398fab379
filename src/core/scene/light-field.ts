import type { CellGrid, CellPicture } from './cell-grid.js';

/** Side of a tile, cells, about: small enough for the edge of a cloud's shadow, large enough that a person does not fill it. */
const TILE_CELLS = 22;
/** Added to both sides of a ratio, grey: what is black says nothing of the light. */
export const DARK_GREY = 8;
/** Bins of a tile's ratios, and how many make a ratio of 1: 3 % each, up to four times as bright. */
const BINS = 128;
const BINS_PER_UNIT = 32;
/**
 * How alike picture and background must be in a tile for its change to be one of light (normalised correlation). Lower, and a lorry's side is
 * taken for a shadow; higher, and a shadow's edge through a tile is foreground.
 */
const LEAST_LIKENESS = 0.75;
/** A median this near to 1 needs no proof. */
const UNCHANGED = 0.04;
/** Variance below which a tile has nothing that could be alike, grey². */
const FLAT_VARIANCE = 12;
/** Share of a tile's cells that may differ for it to be quiet: lines that a turned camera shifts make less, things make more. */
const QUIET_SHARE = 0.3;
/** Quiet tiles with texture needed to say anything. */
const LEAST_QUIET = 8;
/** Cells sampled in each direction: every second; a median over a hundred is good to 1 %. */
const STEP = 2;
/** Every how many cells is asked for its tint: a prime, so that no column is asked alone. */
const TINT_STEP = 13;
/** Mean square of the background's chroma below which it has no colours to compare, grey². */
const COLOURLESS = 4;
/** What things that pass may change of the colours' strength: less is not followed. */
const USUAL_SATURATION = 0.25;

/**
 * How much brighter or darker each part of the picture is than the background: exposure, clouds, dusk. A tile's change counts as light only
 * where what is seen there remained the same; elsewhere its neighbours say.
 */
export class LightField {
  private readonly tileColumns: number;
  private readonly tileRows: number;
  private readonly tileWidth: number;
  private readonly tileHeight: number;
  private readonly histogram = new Float32Array(BINS);
  private readonly ratioSums = new Float32Array(BINS);
  /** Gains of the tiles; {@link known} says where they were measured. */
  private readonly gains: Float32Array;
  private readonly known: Uint8Array;
  private readonly differing: Int32Array;
  private readonly rowGains: Float32Array;
  /** Whether the light is as the background has it everywhere: then no gain needs to be asked for. */
  even = true;
  /** Median of the tiles' gains that were measured. */
  overall = 1;
  /** By how much the whole picture is bluer and redder than the background, grey: the camera balanced its white. */
  tintCb = 0;
  tintCr = 0;
  /** How strong the colours are against the background's: 1 as a rule, 0 when the camera has switched to infrared. */
  saturation = 1;
  /** How alike picture and background are in each tile; NaN where there is no texture to tell. */
  private readonly likenesses: Float32Array;

  constructor(private readonly grid: CellGrid) {
    this.tileColumns = Math.max(2, Math.round(grid.columns / TILE_CELLS));
    this.tileRows = Math.max(2, Math.round(grid.rows / TILE_CELLS));
    this.tileWidth = grid.columns / this.tileColumns;
    this.tileHeight = grid.rows / this.tileRows;
    const tiles = this.tileColumns * this.tileRows;
    this.gains = new Float32Array(tiles).fill(1);
    this.known = new Uint8Array(tiles);
    this.likenesses = new Float32Array(tiles);
    this.differing = new Int32Array(tiles);
    this.rowGains = new Float32Array(this.tileColumns);
  }

  /** Measures the light of a picture against a background. */
  measure(picture: CellPicture, background: CellPicture): void {
    const { tileColumns, tileRows, gains, known } = this;
    const measured: number[] = [];
    for (let tile = 0; tile < gains.length; tile++) {
      const { ratio, likeness } = this.measureTile(tile % tileColumns, Math.floor(tile / tileColumns), picture, background);
      this.likenesses[tile] = likeness ?? Number.NaN;
      const trusted = ratio !== null && (Math.abs(ratio - 1) <= UNCHANGED || (likeness !== null && likeness >= LEAST_LIKENESS));
      known[tile] = trusted ? 1 : 0;
      gains[tile] = trusted ? ratio : 1;
      if (trusted) measured.push(ratio);
    }
    measured.sort((a, b) => a - b);
    this.overall = measured.length === 0 ? 1 : (measured[measured.length >> 1] as number);
    this.spreadToUnknown();
    this.saturation = this.measureSaturation(picture, background);
    this.tintCb = this.medianOff(picture.cb, background.cb);
    this.tintCr = this.medianOff(picture.cr, background.cr);
    let even = true;
    for (let tile = 0; tile < tileColumns * tileRows; tile++) if (Math.abs((gains[tile] as number) - 1) > 0.01) even = false;
    this.even = even;
  }

  /**
   * Share of the tiles with texture, and without anything large that differs, in which the picture is like the background: 1 as a rule, little when
   * the camera has turned. 1 when too few tiles can tell.
   *
   * @param foreground not 0 for the cells that differ.
   */
  quietLikeness(foreground: Uint8Array): number {
    const { tileColumns, tileRows, tileWidth, tileHeight, likenesses, differing, grid } = this;
    differing.fill(0);
    for (let y = 0; y < grid.rows; y += STEP) {
      const row = Math.min(tileRows - 1, Math.floor((y + 0.5) / tileHeight));
      for (let x = 0; x < grid.columns; x += STEP) {
        if (foreground[y * grid.columns + x] === 0) continue;
        const tile = row * tileColumns + Math.min(tileColumns - 1, Math.floor((x + 0.5) / tileWidth));
        differing[tile] = (differing[tile] as number) + 1;
      }
    }
    const most = (QUIET_SHARE * tileWidth * tileHeight) / (STEP * STEP);
    let [quiet, alike] = [0, 0];
    for (let tile = 0; tile < likenesses.length; tile++) {
      const likeness = likenesses[tile] as number;
      if (Number.isNaN(likeness) || (differing[tile] as number) > most) continue;
      quiet++;
      if (likeness >= LEAST_LIKENESS) alike++;
    }
    return quiet < LEAST_QUIET ? 1 : alike / quiet;
  }

  /** Writes the gain of each cell of a row. */
  gainsOfRow(row: number, into: Float32Array): void {
    if (this.even) {
      into.fill(1);
      return;
    }
    const { tileColumns, tileRows, tileWidth, tileHeight, gains, rowGains } = this;
    const place = Math.max(0, Math.min(tileRows - 1, (row + 0.5) / tileHeight - 0.5));
    const above = Math.min(tileRows - 2, Math.floor(place));
    const down = place - above;
    for (let c = 0; c < tileColumns; c++) {
      const upper = gains[above * tileColumns + c] as number;
      rowGains[c] = upper + down * ((gains[(above + 1) * tileColumns + c] as number) - upper);
    }
    for (let x = 0; x < this.grid.columns; x++) {
      const across = Math.max(0, Math.min(tileColumns - 1, (x + 0.5) / tileWidth - 0.5));
      const left = Math.min(tileColumns - 2, Math.floor(across));
      const here = rowGains[left] as number;
      into[x] = here + (across - left) * ((rowGains[left + 1] as number) - here);
    }
  }

  /** The gain at one cell. */
  gainAt(cell: number): number {
    if (this.even) return 1;
    const { tileColumns, tileRows, tileWidth, tileHeight, gains } = this;
    const y = (cell / this.grid.columns) | 0;
    const x = cell - y * this.grid.columns;
    const column = Math.min(tileColumns - 1, Math.floor((x + 0.5) / tileWidth));
    const row = Math.min(tileRows - 1, Math.floor((y + 0.5) / tileHeight));
    return gains[row * tileColumns + column] as number;
  }

  private measureTile(
    column: number,
    row: number,
    picture: CellPicture,
    background: CellPicture,
  ): { readonly ratio: number | null; readonly likeness: number | null } {
    const { grid, tileWidth, tileHeight, histogram, ratioSums } = this;
    const masked = grid.masked;
    histogram.fill(0);
    ratioSums.fill(0);
    let [n, sx, se, sxx, see, sxe] = [0, 0, 0, 0, 0, 0];
    const right = Math.round((column + 1) * tileWidth);
    const bottom = Math.round((row + 1) * tileHeight);
    for (let y = Math.round(row * tileHeight); y < bottom; y += STEP) {
      for (let x = Math.round(column * tileWidth); x < right; x += STEP) {
        const i = y * grid.columns + x;
        if (masked[i] !== 0) continue;
        const seen = picture.luma[i] as number;
        const expected = background.luma[i] as number;
        n++;
        sx += seen;
        se += expected;
        sxx += seen * seen;
        see += expected * expected;
        sxe += seen * expected;
        const ratio = (seen + DARK_GREY) / (expected + DARK_GREY);
        const bin = Math.min(BINS - 1, (ratio * BINS_PER_UNIT) | 0);
        histogram[bin] = (histogram[bin] as number) + 1;
        ratioSums[bin] = (ratioSums[bin] as number) + ratio;
      }
    }
    if (n < 8) return { ratio: null, likeness: null };
    let below = 0;
    let bin = 0;
    for (; bin < BINS - 1 && below + (histogram[bin] as number) <= n / 2; bin++) below += histogram[bin] as number;
    const ratio = (ratioSums[bin] as number) / Math.max(1, histogram[bin] as number);
    const varianceE = see / n - (se / n) ** 2;
    const varianceX = sxx / n - (sx / n) ** 2;
    if (varianceE < FLAT_VARIANCE) return { ratio, likeness: null };
    const likeness = (sxe / n - (sx / n) * (se / n)) / Math.sqrt(Math.max(1, varianceX) * varianceE);
    return { ratio, likeness };
  }

  /** Least squares over some cells: how strong the picture's colours are against the background's. */
  private measureSaturation(picture: CellPicture, background: CellPicture): number {
    const { grid } = this;
    let together = 0;
    let squares = 0;
    let n = 0;
    for (let i = 0; i < grid.count; i += TINT_STEP) {
      if (grid.masked[i] !== 0) continue;
      const cb = (background.cb[i] as number) - 128;
      const cr = (background.cr[i] as number) - 128;
      together += cb * ((picture.cb[i] as number) - 128) + cr * ((picture.cr[i] as number) - 128);
      squares += cb * cb + cr * cr;
      n++;
    }
    if (squares < COLOURLESS * n) return 1;
    const saturation = Math.max(0, Math.min(1.5, together / squares));
    return Math.abs(saturation - 1) < USUAL_SATURATION ? 1 : saturation;
  }

  /** Median of what a plane is above another, over some of the cells; steps of half a grey level, at most 16. */
  private medianOff(plane: Float32Array, background: Float32Array): number {
    const { histogram, grid } = this;
    histogram.fill(0);
    let n = 0;
    for (let i = 0; i < grid.count; i += TINT_STEP) {
      if (grid.masked[i] !== 0) continue;
      const bin = Math.max(
        0,
        Math.min(BINS - 1, Math.round(2 * ((plane[i] as number) - 128 - this.saturation * ((background[i] as number) - 128))) + BINS / 2),
      );
      histogram[bin] = (histogram[bin] as number) + 1;
      n++;
    }
    let bin = 0;
    for (let below = 0; bin < BINS && below + (histogram[bin] as number) <= n / 2; bin++) below += histogram[bin] as number;
    return Math.max(-16, Math.min(16, (bin - BINS / 2) / 2));
  }

  /** Tiles that do not know take the mean of their neighbours that do, then of theirs; at last the picture's median. */
  private spreadToUnknown(): void {
    const { tileColumns, tileRows, gains, known } = this;
    for (let round = 1; round <= 3; round++) {
      for (let row = 0; row < tileRows; row++) {
        for (let column = 0; column < tileColumns; column++) {
          const tile = row * tileColumns + column;
          if (known[tile] !== 0) continue;
          let [sum, n] = [0, 0];
          for (let y = Math.max(0, row - 1); y <= Math.min(tileRows - 1, row + 1); y++) {
            for (let x = Math.max(0, column - 1); x <= Math.min(tileColumns - 1, column + 1); x++) {
              const other = known[y * tileColumns + x] as number;
              if (other === 0 || other > round) continue;
              sum += gains[y * tileColumns + x] as number;
              n++;
            }
          }
          if (n === 0) continue;
          gains[tile] = sum / n;
          known[tile] = round + 1;
        }
      }
    }
    for (let tile = 0; tile < gains.length; tile++) if (known[tile] === 0) gains[tile] = this.overall;
  }
}
