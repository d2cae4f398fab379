/** Sets rows against columns one to one. */
export interface Assigner {
  /**
   * The assignment of least total cost, exactly; leaving a row alone costs `limit`, and nothing dearer than it is taken.
   *
   * Rows and columns fall apart into groups that share no pair within the limit. A row and a column that have only each other are
   * set at once; the rest is solved by shortest augmenting paths, group by group. Cost: O(r² · (r + c)) of the largest group.
   *
   * @param costs row after row, `rows × columns`; beyond the limit or NaN: never.
   * @returns for each row its column, or -1. Valid until the next call.
   */
  assign(costs: Float64Array, rows: number, columns: number, limit: number): Int32Array;
}

/**
 * An exact assigner that keeps its memory from call to call.
 *
 * @source Jonker and Volgenant, A shortest augmenting path algorithm for dense and sparse linear assignment problems, 1987.
 * @example createAssigner().assign(Float64Array.of(1, 2, 1, 9), 2, 2, 10) // [1, 0]: 2 + 1, where the greedy would pay 1 + 9
 */
export function createAssigner(): Assigner {
  let chosen = new Int32Array(16);
  /** Group of each row, then of each column: a forest of sets that are joined. */
  let group = new Int32Array(32);
  let rowsOf = new Int32Array(16);
  let columnsOf = new Int32Array(16);
  let solver = createSolver(16);

  const find = (node: number): number => {
    let root = node;
    while (group[root] !== root) root = group[root] as number;
    let at = node;
    while (group[at] !== root) {
      const next = group[at] as number;
      group[at] = root;
      at = next;
    }
    return root;
  };

  const grow = (rows: number, columns: number): void => {
    if (rows > chosen.length) {
      chosen = new Int32Array(2 * rows);
      rowsOf = new Int32Array(2 * rows);
    }
    if (columns > columnsOf.length) columnsOf = new Int32Array(2 * columns);
    if (rows + columns > group.length) group = new Int32Array(2 * (rows + columns));
    if (rows + columns > solver.size) solver = createSolver(2 * (rows + columns));
  };

  return {
    assign(costs, rows, columns, limit) {
      grow(rows, columns);
      chosen.fill(-1, 0, rows);
      for (let i = 0; i < rows + columns; i++) group[i] = i;
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) if ((costs[r * columns + c] as number) <= limit) group[find(r)] = find(rows + c);
      for (let first = 0; first < rows; first++) {
        const root = find(first);
        let rowCount = 0;
        for (let r = 0; r < rows; r++) if (find(r) === root) rowsOf[rowCount++] = r;
        // Its group was done when its first row was met.
        if (rowsOf[0] !== first) continue;
        let columnCount = 0;
        for (let c = 0; c < columns; c++) if (find(rows + c) === root) columnsOf[columnCount++] = c;
        if (columnCount === 0) continue;
        if (rowCount === 1 && columnCount === 1) chosen[first] = columnsOf[0] as number;
        else solver.solve(costs, columns, limit, rowsOf, rowCount, columnsOf, columnCount, chosen);
      }
      return chosen;
    },
  };
}

interface Solver {
  /** Rows and columns together that there is room for. */
  readonly size: number;
  solve(
    costs: Float64Array,
    stride: number,
    limit: number,
    rowsOf: Int32Array,
    rows: number,
    columnsOf: Int32Array,
    columns: number,
    chosen: Int32Array,
  ): void;
}

/** Shortest augmenting paths with potentials over one group; each row has besides a column of its own that stands for being left alone. */
function createSolver(size: number): Solver {
  // Places are counted from 1; 0 stands for "none".
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  const rowAt = new Int32Array(size + 1);
  const before = new Int32Array(size + 1);
  const least = new Float64Array(size + 1);
  const done = new Uint8Array(size + 1);
  return {
    size,
    solve(costs, stride, limit, rowsOf, rows, columnsOf, columns, chosen) {
      const width = columns + rows;
      rowPotential.fill(0, 0, rows + 1);
      columnPotential.fill(0, 0, width + 1);
      rowAt.fill(0, 0, width + 1);
      for (let row = 1; row <= rows; row++) {
        rowAt[0] = row;
        let column = 0;
        least.fill(Number.POSITIVE_INFINITY, 0, width + 1);
        done.fill(0, 0, width + 1);
        do {
          done[column] = 1;
          const r = rowAt[column] as number;
          const base = (rowsOf[r - 1] as number) * stride;
          let step = Number.POSITIVE_INFINITY;
          let next = 0;
          for (let c = 1; c <= width; c++) {
            if (done[c] === 1) continue;
            const cost =
              c <= columns ? (costs[base + (columnsOf[c - 1] as number)] as number) : c - columns === r ? limit : Number.POSITIVE_INFINITY;
            if (cost <= limit) {
              const reduced = cost - (rowPotential[r] as number) - (columnPotential[c] as number);
              if (reduced < (least[c] as number)) {
                least[c] = reduced;
                before[c] = column;
              }
            }
            if ((least[c] as number) < step) {
              step = least[c] as number;
              next = c;
            }
          }
          for (let c = 0; c <= width; c++) {
            if (done[c] === 1) {
              const at = rowAt[c] as number;
              rowPotential[at] = (rowPotential[at] as number) + step;
              columnPotential[c] = (columnPotential[c] as number) - step;
            } else least[c] = (least[c] as number) - step;
          }
          column = next;
        } while (rowAt[column] !== 0);
        do {
          const from = before[column] as number;
          rowAt[column] = rowAt[from] as number;
          column = from;
        } while (column !== 0);
      }
      for (let c = 1; c <= columns; c++) {
        const r = rowAt[c] as number;
        if (r !== 0) chosen[rowsOf[r - 1] as number] = columnsOf[c - 1] as number;
      }
    },
  };
}
