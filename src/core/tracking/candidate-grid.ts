/** Side of a cell, pixels: about the gate of a path, so that a query meets few cells. */
const CELL_PX = 24;

/**
 * Points of one frame by place, so that looking around a point does not mean looking at all of them. Filled anew every frame in the
 * same memory, which grows to the largest picture and the most points seen and then stays.
 */
export class CandidateGrid {
  /** First point of each cell, −1 for none. */
  private first = new Int32Array(0);
  /** The next point in the same cell, −1 after the last; in the order in which they were given. */
  private next = new Int32Array(0);
  private found = new Int32Array(0);
  private columns = 1;
  private left = 0;
  private right = -1;
  private top = 0;
  private bottom = -1;

  /** The indices that the last {@link find} found: as many as it said, the others are old. */
  get hits(): Int32Array {
    return this.found;
  }

  /** Takes the first `count` points of two columns, pixels, none of them negative; those of before are forgotten. */
  fill(x: Float64Array, y: Float64Array, count: number): void {
    this.left = Number.POSITIVE_INFINITY;
    this.top = Number.POSITIVE_INFINITY;
    this.right = -1;
    this.bottom = -1;
    for (let i = 0; i < count; i++) {
      const column = cellOf(x[i] as number);
      const row = cellOf(y[i] as number);
      if (column < this.left) this.left = column;
      if (column > this.right) this.right = column;
      if (row < this.top) this.top = row;
      if (row > this.bottom) this.bottom = row;
    }
    if (count === 0) return;
    this.columns = this.right - this.left + 1;
    const cells = this.columns * (this.bottom - this.top + 1);
    if (cells > this.first.length) this.first = new Int32Array(2 * cells);
    if (count > this.next.length) {
      this.next = new Int32Array(2 * count);
      this.found = new Int32Array(2 * count);
    }
    this.first.fill(-1, 0, cells);
    // From the last to the first, so that each cell's chain has them in order.
    for (let i = count - 1; i >= 0; i--) {
      const cell = (cellOf(y[i] as number) - this.top) * this.columns + cellOf(x[i] as number) - this.left;
      this.next[i] = this.first[cell] as number;
      this.first[cell] = i;
    }
  }

  /** Finds the points whose cells touch the rectangle, pixels, row of cells by row; they may lie a cell's side outside. @returns how many. */
  find(x1: number, y1: number, x2: number, y2: number): number {
    const fromColumn = Math.max(this.left, cellOf(x1));
    const toColumn = Math.min(this.right, cellOf(x2));
    const fromRow = Math.max(this.top, cellOf(y1));
    const toRow = Math.min(this.bottom, cellOf(y2));
    let count = 0;
    for (let row = fromRow; row <= toRow; row++) {
      const start = (row - this.top) * this.columns - this.left;
      for (let column = fromColumn; column <= toColumn; column++) {
        for (let i = this.first[start + column] as number; i >= 0; i = this.next[i] as number) this.found[count++] = i;
      }
    }
    return count;
  }
}

const cellOf = (px: number): number => Math.floor(px / CELL_PX);
