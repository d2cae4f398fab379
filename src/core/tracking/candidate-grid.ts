import type { Candidate } from '../motion/candidate.js';

/** Side of a cell, pixels: about the gate of a path, so that a query meets few cells. */
const CELL_PX = 24;

/** Candidates of one frame by place, so that looking around a point does not mean looking at all of them. */
export class CandidateGrid {
  private readonly cells = new Map<number, Candidate[]>();

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of candidates) {
      const key = keyOf(Math.floor(candidate.x / CELL_PX), Math.floor(candidate.y / CELL_PX));
      const cell = this.cells.get(key);
      if (cell === undefined) this.cells.set(key, [candidate]);
      else cell.push(candidate);
    }
  }

  /** Calls `visit` for each candidate inside the rectangle, edges included. */
  visit(x1: number, y1: number, x2: number, y2: number, visit: (candidate: Candidate) => void): void {
    for (let row = Math.floor(y1 / CELL_PX); row <= Math.floor(y2 / CELL_PX); row++) {
      for (let column = Math.floor(x1 / CELL_PX); column <= Math.floor(x2 / CELL_PX); column++) {
        for (const c of this.cells.get(keyOf(column, row)) ?? []) if (c.x >= x1 && c.x <= x2 && c.y >= y1 && c.y <= y2) visit(c);
      }
    }
  }
}

const keyOf = (column: number, row: number): number => row * 4096 + column;
