import type { CellPicture } from './cell-grid.js';
import type { CellModel } from './cell-model.js';
import { isDisplaced, isRelit } from './displaced.js';
import { judgeOutline, type OutlineVerdict } from './outline.js';
import type { RegionFinder } from './regions.js';
import { boxAround, meanLuma, ringAround, type ThingMemory } from './still-thing.js';
import { MOST_THINGS, type ThingBook, TRUSTED_S } from './thing-book.js';

/** How long a region must stand before it is told, seconds: when nothing moves beside it … */
const STANDS_S = 2.5;
/** … and when something does: one who stands sways, and parts of him stand still for a while. */
const STANDS_BESIDE_S = 8;
/** Share of the differing cells around that stand, from which nothing moves beside it. */
const ALONE_SHARE = 0.6;
/** What stands without an outline is light or dirt, and is taken over after so long, seconds. */
const TAKEN_OVER_S = 10;
/** … and what else was not told, after so long. */
const NOT_UNDERSTOOD_S = 30;
/** Smallest still thing, as a share of all cells and in cells. */
const LEAST_SHARE = 0.0002;
const LEAST_CELLS = 8;
/** Share of one who sways whose place must have been taken for so long … */
const TAKEN_SHARE = 0.7;
/** … and share of it below which what stands in it is something else: it moves on. */
const LEFT_SHARE = 0.5;
/** Share of a region that stands, from which all of it does. */
const STEADY_SHARE = 0.9;
/** What differs within one who sways is himself as long as it is less than this share of him. */
const SWAY_SHARE = 0.5;
/** A region smaller than this share of a thing beside it is a part of it that moved. */
const LITTLE_SHARE = 0.25;
/** Confidence from which something is told as removed at once; below, it must stand for longer. */
const SURE_REMOVED = 0.5;
/** What was removed has at least so many times the cells: smaller holes are left by those who swayed. */
const REMOVED_TIMES = 3;
/** Standing cells this far apart are one thing. */
const REACH = 2;
/** What begins to stand beside a thing that was put there at most so long before belongs to it, seconds. */
const SAME_TIME_S = 6;
/** A thing that was seen at most so long ago is the one that is there now, only a little moved, seconds. */
const JUST_SEEN_S = 6;
/** Share of a region within a thing, from which it is that thing, moved. */
const SAME_PLACE_SHARE = 0.3;
/** Steepness of an outline, grey over two cells: softer ones are light's. */
export const OUTLINE_GREY = 9;

/** Cells that stand. */
interface Standing {
  readonly cells: Int32Array;
  /** Nothing moves beside them. */
  readonly whole: boolean;
  /** Some of them do not stand quite still. */
  readonly lively: boolean;
}

/** Seeks what came to stand in a scene or was taken from it, and tells it once. */
export class ThingSeeker {
  private readonly marks: Uint8Array;
  private readonly inside: Uint8Array;
  private readonly least: number;

  constructor(
    private readonly book: ThingBook,
    private readonly finder: RegionFinder,
  ) {
    const { count } = book.grid;
    this.marks = new Uint8Array(count);
    this.inside = new Uint8Array(count);
    this.least = Math.max(LEAST_CELLS, Math.round(LEAST_SHARE * count));
  }

  /**
   * Regions that stand. What stands altogether is told soon. One who sways is told as a whole when his place has been taken for long enough. What
   * stands within something that moves on its own (a bag beside its owner) is told for itself then.
   */
  seek(picture: CellPicture, model: CellModel, objects: Uint8Array, ptsMs: number, settledAtS: number): void {
    const { marks } = this;
    const { support, shows, differsSince } = model;
    const timeS = ptsMs / 1000;
    marks.fill(0);
    const ready: Standing[] = [];
    for (const region of this.finder.find(objects, REACH, this.least, MOST_THINGS)) {
      const { cells } = region;
      let [standing, taken] = [0, 0];
      for (const i of cells) {
        if (shows[i] !== 0 && (support[i] as number) >= STANDS_S) standing++;
        if (timeS - (differsSince[i] as number) >= STANDS_BESIDE_S) taken++;
      }
      const lively = standing < STEADY_SHARE * cells.length;
      if (standing >= ALONE_SHARE * cells.length) ready.push({ cells: cells.slice(), whole: true, lively });
      else if (taken >= TAKEN_SHARE * cells.length) ready.push({ cells: cells.slice(), whole: false, lively });
      else if (taken < LEFT_SHARE * cells.length) {
        for (const i of cells) if (shows[i] !== 0 && (support[i] as number) >= STANDS_BESIDE_S) marks[i] = 1;
      }
    }
    for (const { cells } of this.finder.find(marks, REACH, this.least, MOST_THINGS)) {
      ready.push({ cells: cells.slice(), whole: false, lively: false });
    }
    for (const standing of ready) this.judge(standing, picture, model, ptsMs, settledAtS);
  }

  /** Whether some cells that differ are only a still thing that sways. */
  sways(cells: Int32Array): boolean {
    const under = this.book.mostUnder(cells);
    if (under === null || !under.thing.lively) return false;
    return under.share >= 0.5 && cells.length < SWAY_SHARE * under.thing.cells.length;
  }

  /**
   * What stands, differs and was not told is the scene's own: a shadow that stays, dirt, a new light. Within a still thing it is that thing's: how it
   * turned.
   */
  takeOver(model: CellModel, kept: Uint8Array, lit: Uint8Array): void {
    const { foreground, support, shows } = model;
    const { inside } = this;
    const { grid, owner, things } = this.book;
    const turned: number[] = [];
    for (let i = 0; i < grid.count; i++) {
      if (foreground[i] === 0 || shows[i] === 0 || (support[i] as number) < TAKEN_OVER_S) continue;
      if (lit[i] !== 0 || (kept[i] === 0 && (support[i] as number) >= NOT_UNDERSTOOD_S)) turned.push(i);
    }
    if (turned.length === 0) return;
    for (const thing of things.values()) {
      if (thing.kind === 'removed' || thing.state !== 'present') continue;
      const fresh: number[] = [];
      for (const i of thing.cells) inside[i] = 1;
      grid.cellsIn(thing.box, (i) => {
        if (owner[i] === 0 && inside[i] === 0 && foreground[i] !== 0 && (support[i] as number) >= TAKEN_OVER_S) fresh.push(i);
      });
      for (const i of thing.cells) inside[i] = 0;
      if (fresh.length > 0) this.book.extend(thing, Int32Array.from(fresh), model);
    }
    for (const i of turned) {
      if (foreground[i] === 0) continue;
      model.adopt(i);
      // It may be part of something that was not understood: when it goes, that is no news.
      if (owner[i] === 0) model.trust[i] = 0;
    }
  }

  private judge(standing: Standing, picture: CellPicture, model: CellModel, ptsMs: number, settledAtS: number): void {
    const { cells, whole } = standing;
    const { inside } = this;
    const { grid } = this.book;
    let [support, trust] = [0, 0];
    for (const i of cells) {
      support += model.support[i] as number;
      trust += model.trust[i] as number;
    }
    const [supportS, trustS] = [support / cells.length, trust / cells.length];
    const began = standing.lively ? model.differsSince : model.since;
    const since = Float64Array.from(cells, (i) => began[i] as number).sort();
    const sinceS = since[since.length >> 1] as number;
    const unknown = trustS < TRUSTED_S && trustS < supportS;
    const known = isRelit(cells, picture, model.expected) || isDisplaced(grid, cells, picture, model.expected);
    if (unknown || known || sinceS <= settledAtS) {
      const bare = this.book.showsGround(cells, model);
      for (const i of cells) {
        model.adopt(i);
        if (bare) this.book.owner[i] = 0;
      }
      return;
    }
    for (const i of cells) inside[i] = 1;
    const verdict = judgeOutline(grid, cells, inside, picture, model.expected);
    const ring = ringAround(grid, cells, inside);
    for (const i of cells) inside[i] = 0;
    const soft = Math.max(verdict.now, verdict.before) < OUTLINE_GREY;
    const over = this.book.absorbedAt(cells, verdict.kind);
    const crumb = verdict.kind === 'removed' && cells.length < REMOVED_TIMES * this.least && over === null;
    if (soft || crumb || (verdict.kind !== 'added' && whole && verdict.confidence < SURE_REMOVED && supportS < STANDS_BESIDE_S)) return;
    if (over !== null) this.book.endAbsorbed(over, cells, model);
    else this.tell(standing, verdict, ring, sinceS * 1000, model, ptsMs);
  }

  private tell(standing: Standing, verdict: OutlineVerdict, ring: Int32Array, sinceMs: number, model: CellModel, ptsMs: number): void {
    // Of one who sways some cells show what was there before: they tell nothing of him.
    const cells = standing.cells.filter((i) => !showsExpected(model, i));
    if (cells.length < this.least) return;
    const under = this.book.mostUnder(cells);
    const same = this.sameAs(cells, verdict, under, sinceMs, model, ptsMs);
    if (same === null && under !== null && verdict.kind === 'removed' && under.share >= SAME_PLACE_SHARE) {
      // It went, and what was under it looks otherwise than remembered.
      for (const i of cells) {
        model.adopt(i);
        this.book.owner[i] = 0;
      }
      return;
    }
    if (same !== null) {
      this.book.extend(same, cells, model);
      same.seenMs = ptsMs;
      return;
    }
    const { kind, confidence } = verdict;
    const { lively } = standing;
    const ringLuma = meanLuma(model.expected, ring);
    const came = Float64Array.from(cells, (i) => this.book.since(i, model.since[i] as number)).sort();
    const cameMs = Math.min(sinceMs, (came[came.length >> 1] as number) * 1000);
    this.book.add({ kind, confidence, state: 'present', sinceMs: cameMs, seenMs: ptsMs, cells, lively, ring, ringLuma }, model);
  }

  /**
   * The thing that a region belongs to: the same, a little moved; one beside it that came at the same time; or one who sways, and shows a little of
   * what is beside or behind him.
   */
  private sameAs(
    cells: Int32Array,
    verdict: OutlineVerdict,
    under: { readonly thing: ThingMemory; readonly share: number } | null,
    sinceMs: number,
    model: CellModel,
    ptsMs: number,
  ): ThingMemory | null {
    if (under !== null && under.share >= SAME_PLACE_SHARE) {
      const justSeen = sinceMs - under.thing.seenMs < JUST_SEEN_S * 1000;
      if (justSeen && (verdict.kind !== 'removed' || !this.book.showsGround(cells, model))) return under.thing;
    }
    const box = boxAround(this.book.grid, cells);
    const [marginX, marginY] = [(REACH + 1) / this.book.grid.columns, (REACH + 1) / this.book.grid.rows];
    for (const thing of this.book.things.values()) {
      const touches =
        thing.box.x1 < box.x2 + marginX &&
        thing.box.x2 > box.x1 - marginX &&
        thing.box.y1 < box.y2 + marginY &&
        thing.box.y2 > box.y1 - marginY;
      if (!touches || ptsMs - thing.seenMs > JUST_SEEN_S * 1000) continue;
      const alike = (thing.kind === 'removed') === (verdict.kind === 'removed');
      const beside = cells.length <= thing.most && Math.abs(sinceMs - thing.sinceMs) < SAME_TIME_S * 1000;
      if (alike && beside) return thing;
      if (thing.kind !== 'removed' && thing.state === 'present' && cells.length < LITTLE_SHARE * thing.most) return thing;
    }
    return null;
  }
}

/** Whether the fast background of a cell is what is expected anyway. */
function showsExpected(model: CellModel, cell: number): boolean {
  const { expected, fast } = model;
  return model.excessOf(cell, fast, expected.luma[cell] as number, expected.cb[cell] as number, expected.cr[cell] as number) <= 1;
}
