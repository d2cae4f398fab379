import { insidePolygon } from '../../core/geometry/polygon.js';
import type { Box, Polygon } from '../../domain/geometry.js';

/** Side of a cell, pixels: a waste-paper basket at 30 m is two to three of them wide in a picture of 640. */
export const CELL_PX = 8;

/** A picture divided into square cells, with those that lie in a zone. */
export class Cells {
  readonly columns: number;
  readonly rows: number;
  readonly count: number;
  /** 1 where a cell's middle lies in the zone. */
  readonly inside: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    zone: Polygon | null,
  ) {
    this.columns = Math.floor(width / CELL_PX);
    this.rows = Math.floor(height / CELL_PX);
    this.count = this.columns * this.rows;
    this.inside = new Uint8Array(this.count);
    for (let i = 0; i < this.count; i++) {
      const middle = { x: (((i % this.columns) + 0.5) * CELL_PX) / width, y: ((Math.floor(i / this.columns) + 0.5) * CELL_PX) / height };
      this.inside[i] = zone === null || insidePolygon(zone, middle) ? 1 : 0;
    }
  }
}

/** Cells that touch each other, corners included. */
export interface CellGroup {
  readonly cells: readonly number[];
  /** Normalised to 0..1. */
  readonly box: Box;
}

/** Groups of marked cells, the largest first. */
export function connectedGroups(cells: Cells, marked: Uint8Array): readonly CellGroup[] {
  const { columns, rows, count, width, height } = cells;
  const taken = new Uint8Array(count);
  const groups: CellGroup[] = [];
  for (let start = 0; start < count; start++) {
    if (marked[start] !== 1 || taken[start] === 1) continue;
    const members = [start];
    taken[start] = 1;
    let [left, top, right, bottom] = [columns, rows, 0, 0];
    for (let k = 0; k < members.length; k++) {
      const at = members[k] as number;
      const x = at % columns;
      const y = Math.floor(at / columns);
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(rows - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(columns - 1, x + 1); nx++) {
          const next = ny * columns + nx;
          if (marked[next] !== 1 || taken[next] === 1) continue;
          taken[next] = 1;
          members.push(next);
        }
      }
    }
    const box = {
      x1: (left * CELL_PX) / width,
      y1: (top * CELL_PX) / height,
      x2: (right * CELL_PX) / width,
      y2: (bottom * CELL_PX) / height,
    };
    groups.push({ cells: members, box });
  }
  return groups.sort((a, b) => b.cells.length - a.cells.length);
}
