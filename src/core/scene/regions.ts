/** Cells that hang together. */
export interface Region {
  /** Which cells, as they were found. A view: valid until the next search by the same finder. */
  readonly cells: Int32Array;
  /** Columns and rows, half-open. */
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Finds regions of marked cells; all memory is laid out once. */
export class RegionFinder {
  private readonly queue: Int32Array;
  /** Which region each cell belongs to after a search, from 1; 0: none. */
  readonly labels: Int32Array;

  constructor(
    private readonly columns: number,
    private readonly rows: number,
  ) {
    this.queue = new Int32Array(columns * rows);
    this.labels = new Int32Array(columns * rows);
  }

  /**
   * Regions of the cells that are not 0. Marked cells at most `reach` columns and rows apart belong together.
   *
   * @param least regions of fewer cells are left out.
   * @param most the largest ones kept.
   */
  find(marks: Uint8Array, reach: number, least: number, most: number): Region[] {
    const { columns, rows, queue, labels } = this;
    labels.fill(0);
    const found: Region[] = [];
    let used = 0;
    for (let start = 0; start < marks.length; start++) {
      if (marks[start] === 0 || labels[start] !== 0) continue;
      const label = found.length + 1;
      const first = used;
      queue[used++] = start;
      labels[start] = label;
      let x1 = columns;
      let y1 = rows;
      let x2 = 0;
      let y2 = 0;
      for (let read = first; read < used; read++) {
        const cell = queue[read] as number;
        const y = (cell / columns) | 0;
        const x = cell - y * columns;
        if (x < x1) x1 = x;
        if (y < y1) y1 = y;
        if (x >= x2) x2 = x + 1;
        if (y >= y2) y2 = y + 1;
        const right = Math.min(columns - 1, x + reach);
        const bottom = Math.min(rows - 1, y + reach);
        for (let ny = Math.max(0, y - reach); ny <= bottom; ny++) {
          for (let n = ny * columns + Math.max(0, x - reach); n <= ny * columns + right; n++) {
            if (marks[n] === 0 || labels[n] !== 0) continue;
            labels[n] = label;
            queue[used++] = n;
          }
        }
      }
      if (used - first < least) {
        for (let k = first; k < used; k++) labels[queue[k] as number] = -1;
        used = first;
        continue;
      }
      found.push({ cells: queue.subarray(first, used), x1, y1, x2, y2 });
    }
    if (found.length > most) return found.sort((a, b) => b.cells.length - a.cells.length).slice(0, most);
    return found;
  }
}
