import type { ScenePicture } from '../../domain/street.js';
import { CELL_PX, type CellGroup, type Cells, connectedGroups } from '../common/cells.js';

/** Luma of a cell against its usual, and that of the whole zone: wet asphalt has 0.5 to 0.8 of dry, by sensitivity. */
export const DARKER = { low: 0.75, normal: 0.84, high: 0.9 } as const;
/** How fast the usual luma follows, seconds, and how fast in the first ones; where it is dark it waits. */
const USUAL_S = 60;
const FIRST_S = 2;
const SETTLES_MS = 8_000;
/** Time over which a cell counts as dark, seconds, and share of it: vehicles are gone before. */
const MEMORY_S = 4;
const DARK_SHARE = 0.7;
const NO_LONGER_SHARE = 0.4;
/** How long a dark cell keeps its usual luma, milliseconds: what has stayed so long is usual. */
const LONGEST_MS = 30 * 60_000;

/** A patch of the ground that has become darker than the rest and stays so. */
export interface Puddle extends CellGroup {
  /** Since when the first tenth of its cells and nine tenths of them have been dark, milliseconds on the stream's clock. */
  readonly firstPtsMs: number;
  readonly mostPtsMs: number;
  /** Its cells that had been dark for at least the time asked for. */
  readonly old: number;
  /** Luma left, against the rest of the zone. */
  readonly darkness: number;
}

/** Watches a zone's ground for patches that darken against the rest of it: light and rain take from all of it. */
export class Ground {
  private readonly usual: Float32Array;
  private readonly ratio: Float32Array;
  private readonly share: Float32Array;
  private readonly darkSince: Float64Array;
  private readonly marked: Uint8Array;
  private readonly zone: readonly number[];
  private firstPtsMs: number | null = null;
  private lastPtsMs = 0;

  constructor(
    private readonly cells: Cells,
    private readonly sensitivity: keyof typeof DARKER,
  ) {
    this.usual = new Float32Array(cells.count);
    this.ratio = new Float32Array(cells.count);
    this.share = new Float32Array(cells.count);
    this.darkSince = new Float64Array(cells.count).fill(Number.NaN);
    this.marked = new Uint8Array(cells.count);
    this.zone = [...cells.inside.keys()].filter((cell) => cells.inside[cell] === 1);
  }

  /** The largest dark patch; `null` where there is none. @param oldMs age that {@link Puddle.old} counts. */
  step(picture: ScenePicture, ptsMs: number, oldMs: number): Puddle | null {
    const first = this.firstPtsMs === null;
    this.firstPtsMs ??= ptsMs;
    const stepS = Math.max(0.001, (ptsMs - this.lastPtsMs) / 1000);
    this.lastPtsMs = ptsMs;
    const settles = ptsMs - this.firstPtsMs < SETTLES_MS;
    const rate = first ? 1 : 1 - Math.exp(-stepS / (settles ? FIRST_S : USUAL_S));
    const whole = this.measure(picture, first);
    for (const cell of this.zone) {
      const dark = !settles && (this.ratio[cell] as number) <= DARKER[this.sensitivity] * whole ? 1 : 0;
      const share = (this.share[cell] as number) + (1 - Math.exp(-stepS / MEMORY_S)) * (dark - (this.share[cell] as number));
      this.share[cell] = share;
      if (share >= DARK_SHARE && Number.isNaN(this.darkSince[cell] as number)) this.darkSince[cell] = ptsMs;
      const tooLong = ptsMs - (this.darkSince[cell] as number) > LONGEST_MS;
      if (share < NO_LONGER_SHARE || tooLong) this.darkSince[cell] = Number.NaN;
      const isDark = !Number.isNaN(this.darkSince[cell] as number);
      this.marked[cell] = isDark ? 1 : 0;
      // Against the rest of the zone: what light does to all of it is no news.
      const expected = (this.usual[cell] as number) * (this.ratio[cell] as number);
      if (!isDark && dark === 0) this.usual[cell] = (this.usual[cell] as number) + rate * (expected - (this.usual[cell] as number));
      else if (tooLong) this.usual[cell] = expected;
    }
    const patch = connectedGroups(this.cells, this.marked)[0];
    return patch === undefined ? null : this.puddleOf(patch, ptsMs, oldMs, whole);
  }

  /** @returns the median of the zone's luma against its usual. */
  private measure({ luma, width }: ScenePicture, first: boolean): number {
    const { columns } = this.cells;
    const ratios: number[] = [];
    for (const cell of this.zone) {
      const left = (cell % columns) * CELL_PX;
      const top = Math.floor(cell / columns) * CELL_PX;
      let sum = 0;
      for (let y = top; y < top + CELL_PX; y += 2) for (let x = left; x < left + CELL_PX; x += 2) sum += luma[y * width + x] as number;
      const mean = sum / ((CELL_PX / 2) * (CELL_PX / 2));
      if (first) this.usual[cell] = mean;
      const ratio = mean / Math.max(1, this.usual[cell] as number);
      this.ratio[cell] = ratio;
      ratios.push(ratio);
    }
    ratios.sort((a, b) => a - b);
    return ratios[ratios.length >> 1] ?? 1;
  }

  private puddleOf(patch: CellGroup, ptsMs: number, oldMs: number, whole: number): Puddle {
    const since = patch.cells.map((cell) => this.darkSince[cell] as number).sort((a, b) => a - b);
    const at = (share: number): number => since[Math.min(since.length - 1, Math.floor(share * since.length))] as number;
    const light = patch.cells.reduce((sum, cell) => sum + (this.ratio[cell] as number), 0) / patch.cells.length;
    return {
      ...patch,
      firstPtsMs: at(0.1),
      mostPtsMs: at(0.9),
      old: since.filter((darkPtsMs) => ptsMs - darkPtsMs >= oldMs).length,
      darkness: light / Math.max(0.01, whole),
    };
  }
}
