import type { Box, Polygon } from '../../domain/geometry.js';
import type { ScenePicture } from '../../domain/street.js';
import { fillPolygon } from '../geometry/polygon.js';

/**
 * Cells that a picture is cut into, about: enough that a person of 12 pixels in a picture of 640 × 360 has several, few enough that a picture
 * costs under 3 ms. More, and noise counts more than detail; fewer, and a bag far off is a single cell.
 */
const ABOUT_CELLS = 57_600;

/** A picture in square cells: each the mean of its pixels' luma, and the chroma at its middle. Grey levels; row after row. */
export interface CellPicture {
  readonly luma: Float32Array;
  readonly cb: Float32Array;
  readonly cr: Float32Array;
}

/** How a picture of some size is cut into square cells; the same for all pictures of a camera. */
export class CellGrid {
  /** Side of a cell, pixels. */
  readonly cellPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly count: number;
  /** 1 where nothing is to be found. */
  readonly masked: Uint8Array;

  /**
   * @param width pixels of the pictures; at least 16, as the height.
   * @param mask polygons, normalised to 0..1, within which nothing is to be found.
   * @throws RangeError for a picture too small to hold anything.
   */
  constructor(
    readonly width: number,
    readonly height: number,
    mask: readonly Polygon[],
  ) {
    if (!(width >= 16 && height >= 16)) throw new RangeError(`a scene of ${width} × ${height} pixels is too small: 16 × 16 at least`);
    this.cellPx = Math.max(1, Math.round(Math.sqrt((width * height) / ABOUT_CELLS)));
    this.columns = Math.floor(width / this.cellPx);
    this.rows = Math.floor(height / this.cellPx);
    this.count = this.columns * this.rows;
    this.masked = new Uint8Array(this.count);
    for (const polygon of mask) fillPolygon(polygon, this.masked, this.columns, this.rows, this.columns, 1);
  }

  /** Room for a picture in cells. */
  createPicture(): CellPicture {
    return { luma: new Float32Array(this.count), cb: new Float32Array(this.count), cr: new Float32Array(this.count) };
  }

  /**
   * Cuts a picture into cells.
   *
   * @throws RangeError when the picture has another size than the grid was made for.
   */
  read(picture: ScenePicture, into: CellPicture): void {
    const { width, cellPx, columns, rows } = this;
    if (picture.width !== width || picture.height !== this.height) {
      throw new RangeError(`a picture of ${picture.width} × ${picture.height} came where ${width} × ${this.height} was expected`);
    }
    const { luma, cb, cr } = picture;
    const chromaWidth = (width + 1) >> 1;
    const share = 1 / (cellPx * cellPx);
    const half = cellPx >> 1;
    for (let row = 0, i = 0; row < rows; row++) {
      const chromaRow = ((row * cellPx + half) >> 1) * chromaWidth;
      const top = row * cellPx * width;
      for (let column = 0; column < columns; column++, i++) {
        const left = column * cellPx;
        let sum = 0;
        if (cellPx === 2) {
          const at = top + left;
          sum = (luma[at] as number) + (luma[at + 1] as number) + (luma[at + width] as number) + (luma[at + width + 1] as number);
        } else {
          for (let y = 0; y < cellPx; y++) for (let x = 0; x < cellPx; x++) sum += luma[top + y * width + left + x] as number;
        }
        into.luma[i] = sum * share;
        const chroma = chromaRow + ((left + half) >> 1);
        into.cb[i] = cb[chroma] as number;
        into.cr[i] = cr[chroma] as number;
      }
    }
  }

  /** A box of whole cells, half-open, as a share of the picture. */
  boxOf(x1: number, y1: number, x2: number, y2: number): Box {
    const { width, height, cellPx } = this;
    return { x1: (x1 * cellPx) / width, y1: (y1 * cellPx) / height, x2: (x2 * cellPx) / width, y2: (y2 * cellPx) / height };
  }

  /** Calls `visit` with each cell whose middle lies in a box (0..1). */
  cellsIn(box: Box, visit: (cell: number) => void): void {
    const { width, height, cellPx, columns, rows } = this;
    const from = Math.max(0, Math.ceil((box.x1 * width) / cellPx - 0.5));
    const to = Math.min(columns, Math.ceil((box.x2 * width) / cellPx - 0.5));
    const last = Math.min(rows, Math.ceil((box.y2 * height) / cellPx - 0.5));
    for (let y = Math.max(0, Math.ceil((box.y1 * height) / cellPx - 0.5)); y < last; y++) {
      for (let x = from; x < to; x++) visit(y * columns + x);
    }
  }
}
