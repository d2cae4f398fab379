import type { Box } from '../../domain/geometry.js';
import type { CellGrid, CellPicture } from './cell-grid.js';
import type { CellModel } from './cell-model.js';
import { boxAround, coreAround, filtered, joined, lookOf, type ThingMemory } from './still-thing.js';

/** How long the background must have been seen to be worth a word, seconds: what was passing at the start is no loss. */
export const TRUSTED_S = 5;
/** How near to what was before, in tolerances: its light may have changed a little meanwhile. */
export const AS_BEFORE = 1.3;
/** What is found within this after a thing has ended, where it was still to be seen, is what is left of it, seconds. */
const LEFT_S = 1;
/** Things followed at most: beyond, the smallest is absorbed. */
export const MOST_THINGS = 48;
/** Absorbed ones remembered at most: beyond, the oldest is forgotten. */
const MOST_ABSORBED = 200;
/** Share of an absorbed thing's place that must have changed for it to be that thing that went. */
const ABSORBED_SHARE = 0.5;

/** Which things stand in a scene or were taken from it, whose each cell is, and what is under them. */
export class ThingBook {
  /** Which thing a cell belongs to; 0: none. Removed ones hold no cells: what they left is the scene. */
  readonly owner: Int32Array;
  /** What is under everything, valid where a cell has an owner. */
  readonly ground: CellPicture;
  /** For how long each cell has shown what was before, seconds. */
  readonly bareS: Float32Array;
  readonly things = new Map<number, ThingMemory>();
  /** Those that belong to the scene by now, oldest first. */
  readonly absorbed = new Map<number, ThingMemory>();
  /** Since when a thing's cell has looked as it does, seconds on the stream's clock; after the thing has ended, of what is left of it. */
  private readonly cameS: Float64Array;
  /** When a thing ended that a cell still showed, seconds. */
  private readonly endedS: Float64Array;
  /** All 0 between calls. */
  private readonly own: Uint8Array;
  private lastId = 0;
  private gone_: ThingMemory[] = [];

  constructor(readonly grid: CellGrid) {
    this.owner = new Int32Array(grid.count);
    this.ground = grid.createPicture();
    this.bareS = new Float32Array(grid.count);
    this.own = new Uint8Array(grid.count);
    this.cameS = new Float64Array(grid.count);
    this.endedS = new Float64Array(grid.count).fill(Number.NEGATIVE_INFINITY);
  }

  /** Those that ended since they were last forgotten. */
  get gone(): readonly ThingMemory[] {
    return this.gone_;
  }

  /** What ended has been told. */
  forgetGone(): void {
    this.gone_ = [];
  }

  /** Nothing is known of the scene. */
  clear(): void {
    this.owner.fill(0);
    this.endedS.fill(Number.NEGATIVE_INFINITY);
    this.things.clear();
    this.absorbed.clear();
    this.gone_ = [];
  }

  /** A thing that was not known: its cells are its own and look as they should from now on. Where there are too many, the smallest is absorbed. */
  add(told: Omit<ThingMemory, 'id' | 'stacked' | 'most' | 'box' | 'core' | 'backS' | 'before'>, model: CellModel): void {
    const { cells, kind } = told;
    const before = lookOf(model.expected, cells);
    const id = ++this.lastId;
    const stacked = kind !== 'removed' && this.hold(cells, id, model);
    this.adopt(cells, model);
    const [box, core] = [boxAround(this.grid, cells), coreAround(this.grid, cells, before, model.expected)];
    this.things.set(id, { ...told, id, before, stacked, most: cells.length, box, core, backS: 0 });
    if (this.things.size > MOST_THINGS) this.absorbSmallest();
  }

  /** Cells become part of a thing that is there. */
  extend(thing: ThingMemory, cells: Int32Array, model: CellModel): void {
    const known = new Set(thing.cells);
    const before = lookOf(model.expected, cells);
    const fresh = filtered(cells, before, (k) => !known.has(cells[k] as number));
    if (thing.kind !== 'removed' && this.hold(cells, thing.id, model)) thing.stacked = true;
    this.adopt(cells, model);
    const all = joined(thing.cells, thing.before, fresh.cells, fresh.look);
    thing.cells = all.cells;
    thing.before = all.look;
    thing.most = Math.max(thing.most, thing.cells.length);
    thing.box = boxAround(this.grid, thing.cells);
    thing.core = coreAround(this.grid, thing.cells, thing.before, model.expected);
    thing.lively = true;
  }

  /** Only those cells for which `keeps` says so, by their place in the list, are still a thing's. */
  shrink(thing: ThingMemory, keeps: (place: number) => boolean): void {
    const kept = filtered(thing.cells, thing.before, keeps);
    thing.cells = kept.cells;
    thing.before = kept.look;
    if (kept.cells.length === 0) return;
    thing.box = boxAround(this.grid, kept.cells);
    thing.core = clipped(thing.core, thing.box);
  }

  /**
   * All is as before: what it still held shows what was under it, or something that stands before it.
   *
   * @param isShown whether a cell shows the thing all the same: what was taken for a part of it (rubbish beside the van that brought it) stays.
   */
  end(thing: ThingMemory, model: CellModel, isShown: (cell: number) => boolean, timeS: number): void {
    const { ground } = this;
    const below = this.ownersBelow(thing);
    thing.cells.forEach((i, k) => {
      if (this.owner[i] !== thing.id) return;
      if (isShown(i)) this.endedS[i] = timeS;
      const lower = below?.get(i);
      const [look, place] = lower === undefined ? [ground, i] : [thing.before, k];
      model.expect(i, look.luma[place] as number, look.cb[place] as number, look.cr[place] as number, 2 * TRUSTED_S);
      this.owner[i] = lower ?? 0;
    });
    thing.state = 'gone';
    this.gone_.push(thing);
    this.things.delete(thing.id);
  }

  /** Since when what is found in a cell has been there: with what is left of a thing that has ended, since before. @param foundS since when it differs, seconds. */
  since(cell: number, foundS: number): number {
    const isLeft = Math.abs(foundS - (this.endedS[cell] as number)) <= LEFT_S;
    return isLeft ? Math.min(foundS, this.cameS[cell] as number) : foundS;
  }

  /** The scene keeps what is there. */
  forget(thing: ThingMemory): void {
    for (const i of thing.cells) if (this.owner[i] === thing.id) this.owner[i] = 0;
    this.things.delete(thing.id);
  }

  /** It belongs to the scene, as long as its place does not change. */
  absorb(thing: ThingMemory): void {
    this.forget(thing);
    thing.state = 'absorbed';
    this.absorbed.set(thing.id, thing);
    if (this.absorbed.size > MOST_ABSORBED) this.absorbed.delete(this.absorbed.keys().next().value as number);
  }

  /** The absorbed thing that went when some cells changed as their outline says: what was put there was taken, or what was taken is back. */
  absorbedAt(cells: Int32Array, kind: ThingMemory['kind']): ThingMemory | null {
    if (kind === 'unclear' || this.absorbed.size === 0) return null;
    const { own } = this;
    for (const i of cells) own[i] = 1;
    let found: ThingMemory | null = null;
    for (const thing of this.absorbed.values()) {
      if ((thing.kind === 'removed') === (kind === 'removed')) continue;
      let changed = 0;
      for (const i of thing.cells) changed += own[i] as number;
      if (changed >= ABSORBED_SHARE * thing.cells.length) found = thing;
    }
    for (const i of cells) own[i] = 0;
    return found;
  }

  /** An absorbed thing went: what its place shows now is the scene. */
  endAbsorbed(thing: ThingMemory, cells: Int32Array, model: CellModel): void {
    for (const i of cells) model.adopt(i);
    thing.state = 'gone';
    this.gone_.push(thing);
    this.absorbed.delete(thing.id);
  }

  /** Which earlier things stand behind the cells of one that was put before them; `null`: none do. */
  ownersBelow(thing: ThingMemory): ReadonlyMap<number, number> | null {
    if (!thing.stacked) return null;
    const { own } = this;
    const below = new Map<number, number>();
    for (const i of thing.cells) own[i] = 1;
    for (const other of this.things.values()) {
      if (other.id >= thing.id || other.kind === 'removed') continue;
      for (const i of other.cells) if (own[i] !== 0) below.set(i, other.id);
    }
    for (const i of thing.cells) own[i] = 0;
    return below;
  }

  /** The thing that holds most of some cells, and its share of them. */
  mostUnder(cells: Int32Array): { readonly thing: ThingMemory; readonly share: number } | null {
    const counts = new Map<number, number>();
    for (const i of cells) {
      const id = this.owner[i] as number;
      if (id !== 0) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    let best: { thing: ThingMemory; share: number } | null = null;
    for (const [id, n] of counts) {
      const thing = this.things.get(id);
      if (thing !== undefined && n / cells.length > (best?.share ?? 0)) best = { thing, share: n / cells.length };
    }
    return best;
  }

  /** Whether most of some cells that have an owner show what was under it. */
  showsGround(cells: Int32Array, model: CellModel): boolean {
    const { owner, ground } = this;
    let [owned, bare] = [0, 0];
    for (const i of cells) {
      if (owner[i] === 0) continue;
      owned++;
      if (model.excessOf(i, model.fast, ground.luma[i] as number, ground.cb[i] as number, ground.cr[i] as number) <= 2 * AS_BEFORE) bare++;
    }
    return bare >= owned / 2;
  }

  private adopt(cells: Int32Array, model: CellModel): void {
    for (const i of cells) {
      this.cameS[i] = this.since(i, model.since[i] as number);
      model.adopt(i);
    }
  }

  /** Cells become a thing's; what is under them is remembered. Says whether another thing is among it. */
  private hold(cells: Int32Array, id: number, model: CellModel): boolean {
    const { owner, ground } = this;
    let stacked = false;
    for (const i of cells) {
      if (owner[i] === 0) {
        ground.luma[i] = model.expected.luma[i] as number;
        ground.cb[i] = model.expected.cb[i] as number;
        ground.cr[i] = model.expected.cr[i] as number;
      } else if (owner[i] !== id) stacked = true;
      owner[i] = id;
      this.bareS[i] = 0;
    }
    return stacked;
  }

  private absorbSmallest(): void {
    let smallest: ThingMemory | null = null;
    for (const thing of this.things.values()) if (smallest === null || thing.cells.length < smallest.cells.length) smallest = thing;
    if (smallest !== null) this.absorb(smallest);
  }
}

/** What of a box lies in another; that other where it is nothing. */
function clipped(inner: Box, outer: Box): Box {
  const x1 = Math.max(inner.x1, outer.x1);
  const y1 = Math.max(inner.y1, outer.y1);
  const x2 = Math.min(inner.x2, outer.x2);
  const y2 = Math.min(inner.y2, outer.y2);
  return x1 < x2 && y1 < y2 ? { x1, y1, x2, y2 } : outer;
}
