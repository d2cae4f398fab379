import type { Box } from '../../domain/geometry.js';
import { UNKNOWN_OBJECT } from '../../domain/street.js';
import type { Detection } from '../detection/detection.js';
import type { CellGrid } from './cell-grid.js';
import { type CellModel, SURE } from './cell-model.js';
import type { Region, RegionFinder } from './regions.js';

/** Marked cells this many columns and rows apart are one part of a thing. */
const REACH = 2;
/** Parts with fewer cells are noise, as a share of all cells and in cells: a person of 12 pixels in 640 × 360 has 18. */
const LEAST_SHARE = 0.00018;
const LEAST_CELLS = 7;
/** … and so are parts that hold little that differs beyond doubt. */
const LEAST_SURE_SHARE = 0.25;
/** Parts and things at most. */
const MOST = 120;
/** Parts above one another belong together when they overlap by this share of the narrower's width … */
const OVERLAP = 0.4;
/** … together are no wider than this share of their height, as a person, and lie no further apart than this share of it. */
const UPRIGHT = 0.6;
const GAP_SHARE = 0.15;
/** A part with less than this share of the other's cells is a crumb of it, and needs to be near only. */
const CRUMB = 0.2;
/** A thing wider than this share of its height may be two side by side. */
const WIDE = 0.8;
/** A valley between two this deep (share of the lower of both hills) parts them. */
const VALLEY = 0.35;
/** The picture before is remembered for so long, seconds. */
const MEMORY_S = 2.5;
/** Things are one and the same from picture to picture when neither is so many times as wide or high, and they lie no further apart (share of both sides). */
const ALIKE = 2;
const NEAR = 0.4;
/** Small is what has fewer cells than so many times the least … */
const SMALL = 14;
/** … and when so many small ones a picture come from nowhere, they are drops or flakes: only those that stay or go on count then. */
const PRECIPITATION = 3;
const CLUTTER_MEMORY_S = 5;
/** Each of both has this share of the cells at least. */
const LEAST_PART = 0.2;

interface Part {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  cells: number;
  sure: number;
}

/** From marked cells to boxes, one a thing that moves. */
export class MovingThings {
  private readonly least: number;
  private readonly columnSums: Int32Array;
  private before: readonly Box[] = [];
  private beforeAtS = Number.NEGATIVE_INFINITY;
  private lastS = Number.NaN;
  /** Small things a picture that were not there before, as a rule. */
  private clutter = 0;

  constructor(
    private readonly grid: CellGrid,
    private readonly finder: RegionFinder,
  ) {
    this.least = Math.max(LEAST_CELLS, Math.round(LEAST_SHARE * grid.count));
    this.columnSums = new Int32Array(grid.columns);
  }

  /**
   * @param marks cells (not 0) that differ and are neither light nor a still thing.
   * @param still knows which cells are a still thing that sways.
   * @returns boxes by score, highest first.
   */
  find(marks: Uint8Array, model: CellModel, timeS: number, still: { sways(cells: Int32Array): boolean }): Detection[] {
    const parts: Part[] = [];
    for (const region of this.finder.find(marks, REACH, this.least, 4 * MOST)) {
      let sure = 0;
      for (const i of region.cells) if (model.foreground[i] === SURE) sure++;
      if (sure < LEAST_SURE_SHARE * region.cells.length || still.sways(region.cells)) continue;
      parts.push(...this.split(region, sure));
    }
    const things = join(parts);
    things.sort((a, b) => b.cells - a.cells);
    if (things.length > MOST) things.length = MOST;
    const earlier = timeS - this.beforeAtS < MEMORY_S ? this.before : [];
    const all = things.map((thing) => {
      const box = this.grid.boxOf(thing.x1, thing.y1, thing.x2, thing.y2);
      const seen = wasThere(box, earlier);
      return { box, label: UNKNOWN_OBJECT, score: this.scoreOf(thing, seen), sudden: !seen && thing.cells < SMALL * this.least };
    });
    this.before = all.map((thing) => thing.box);
    this.beforeAtS = timeS;
    const clutter = all.reduce((n, thing) => n + (thing.sudden ? 1 : 0), 0);
    this.clutter += (1 - Math.exp(-this.stepS(timeS) / CLUTTER_MEMORY_S)) * (clutter - this.clutter);
    const found = all
      .filter((thing) => !thing.sudden || this.clutter < PRECIPITATION)
      .map(({ box, label, score }) => ({ box, label, score }));
    return found.sort((a, b) => b.score - a.score);
  }

  /** Forgets what it saw. */
  reset(): void {
    this.before = [];
  }

  /** How sure it is that this is a thing: its size against noise's, how clearly it differs, and whether it was there before. */
  private scoreOf(thing: Part, seen: boolean): number {
    const size = Math.min(1, thing.cells / (6 * this.least));
    const clear = Math.min(1, thing.sure / thing.cells / 0.7);
    return 0.2 + 0.3 * size + 0.2 * clear + (seen ? 0.25 : 0);
  }

  private stepS(timeS: number): number {
    const stepS = Number.isFinite(this.lastS) ? timeS - this.lastS : 0.2;
    this.lastS = timeS;
    return stepS;
  }

  /** A wide region that is plainly two: parted where its columns are empty between two hills. */
  private split(region: Region, sure: number): Part[] {
    const { columns } = this.grid;
    const whole: Part = { x1: region.x1, y1: region.y1, x2: region.x2, y2: region.y2, cells: region.cells.length, sure };
    const width = region.x2 - region.x1;
    if (width < WIDE * (region.y2 - region.y1) || width < 8) return [whole];
    const sums = this.columnSums;
    sums.fill(0, 0, width);
    for (const i of region.cells) {
      const x = (i % columns) - region.x1;
      sums[x] = (sums[x] as number) + 1;
    }
    const at = valleyOf(sums, width, region.cells.length);
    if (at === null) return [whole];
    const left: Part = { x1: columns, y1: this.grid.rows, x2: 0, y2: 0, cells: 0, sure: 0 };
    const right: Part = { ...left };
    for (const i of region.cells) {
      const y = (i / columns) | 0;
      const x = i - y * columns;
      const part = x - region.x1 < at ? left : right;
      part.x1 = Math.min(part.x1, x);
      part.x2 = Math.max(part.x2, x + 1);
      part.y1 = Math.min(part.y1, y);
      part.y2 = Math.max(part.y2, y + 1);
      part.cells++;
    }
    for (const part of [left, right]) part.sure = Math.round((sure * part.cells) / region.cells.length);
    return [left, right];
  }
}

/** Whether something of about this size was about here in the picture before. */
function wasThere(box: Box, earlier: readonly Box[]): boolean {
  const w = box.x2 - box.x1;
  const h = box.y2 - box.y1;
  return earlier.some((other) => {
    const [otherW, otherH] = [other.x2 - other.x1, other.y2 - other.y1];
    if (otherW > ALIKE * w || w > ALIKE * otherW || otherH > ALIKE * h || h > ALIKE * otherH) return false;
    const apartX = Math.max(other.x1 - box.x2, box.x1 - other.x2, 0);
    const apartY = Math.max(other.y1 - box.y2, box.y1 - other.y2, 0);
    return apartX <= NEAR * (w + otherW) && apartY <= NEAR * (h + otherH);
  });
}

/** Column at which two hills meet in a valley; `null` when there is one hill. */
function valleyOf(sums: Int32Array, width: number, cells: number): number | null {
  let best: number | null = null;
  let deepest = VALLEY;
  let before = 0;
  const smooth = (x: number): number =>
    ((sums[Math.max(0, x - 1)] as number) + (sums[x] as number) + (sums[Math.min(width - 1, x + 1)] as number)) / 3;
  const tops = new Float32Array(width);
  for (let x = width - 1, top = 0; x >= 0; x--) {
    top = Math.max(top, smooth(x));
    tops[x] = top;
  }
  for (let x = 1, top = smooth(0); x < width - 1; x++) {
    before += sums[x - 1] as number;
    top = Math.max(top, smooth(x));
    const lower = Math.min(top, tops[x] as number);
    const depth = smooth(x) / Math.max(1, lower);
    if (depth >= deepest || before < LEAST_PART * cells || before > (1 - LEAST_PART) * cells) continue;
    deepest = depth;
    best = x;
  }
  return best;
}

/** Parts above one another, as a body's are, become one thing. */
function join(parts: Part[]): Part[] {
  const joined = [...parts].sort((a, b) => b.cells - a.cells);
  for (let changed = true; changed; ) {
    changed = false;
    for (let a = 0; a < joined.length && !changed; a++) {
      for (let b = a + 1; b < joined.length && !changed; b++) {
        const one = joined[a] as Part;
        const other = joined[b] as Part;
        if (!together(one, other)) continue;
        joined[a] = {
          x1: Math.min(one.x1, other.x1),
          y1: Math.min(one.y1, other.y1),
          x2: Math.max(one.x2, other.x2),
          y2: Math.max(one.y2, other.y2),
          cells: one.cells + other.cells,
          sure: one.sure + other.sure,
        };
        joined.splice(b, 1);
        changed = true;
      }
    }
  }
  return joined;
}

function together(a: Part, b: Part): boolean {
  const across = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const down = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  const narrower = Math.min(a.x2 - a.x1, b.x2 - b.x1);
  const lower = Math.min(a.y2 - a.y1, b.y2 - b.y1);
  // One within the other's box.
  if (across >= 0.8 * narrower && down >= 0.8 * lower) return true;
  if (across < OVERLAP * narrower || down > 0) return false;
  const apart = -down;
  const width = Math.max(a.x2, b.x2) - Math.min(a.x1, b.x1);
  const height = Math.max(a.y2, b.y2) - Math.min(a.y1, b.y1);
  if (Math.min(a.cells, b.cells) < CRUMB * Math.max(a.cells, b.cells)) return apart <= 3;
  return width <= UPRIGHT * height && apart <= Math.max(2, GAP_SHARE * height);
}
