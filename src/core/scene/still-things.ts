import type { StillThing } from '../../domain/street.js';
import type { CellGrid, CellPicture } from './cell-grid.js';
import type { CellModel } from './cell-model.js';
import { isDisplaced, isRelit } from './displaced.js';
import { type EdgeVerdict, testEdges } from './edge-test.js';
import { DARK_GREY, type LightField } from './light-field.js';
import type { RegionFinder } from './regions.js';
import { boxAround, filtered, joined, type Look, lookOf, meanLuma, ringAround, type ThingMemory } from './still-thing.js';

/** How long a region must stand before it is told, seconds: when nothing moves beside it … */
const STANDS_S = 2.5;
/** … and when something does: one who stands sways, and parts of him stand still for a while. */
const STANDS_BESIDE_S = 8;
/** Share of the differing cells around that stand, from which nothing moves beside it. */
const ALONE_SHARE = 0.6;
/** How long the background must have been seen to be worth a word, seconds: what was passing at the start is no loss. */
const TRUSTED_S = 5;
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
/** How long a cell must look as before to be given back, seconds. */
const BACK_S = 0.8;
/** How near to what was before, in tolerances: its light may have changed a little meanwhile. */
const AS_BEFORE = 1.3;
/** A cell shows what was before when that is nearer than the thing by this factor. */
const NEARER = 0.6;
/** A thing is gone when this share of what can be seen of it shows what was before, and so much of it can be seen. */
const BARE_SHARE = 0.7;
const HELD_SHARE = 0.6;
/** A thing that has lost so much of itself is gone. */
const GONE_SHARE = 0.35;
/** Share of its cells that must show for it to be seen, and to be seen again. */
const SEEN_SHARE = 0.35;
const SEEN_AGAIN_SHARE = 0.5;
/** Share of its cells that must look as before for what was removed to be back. */
const RETURNED_SHARE = 0.6;
/** What begins to stand beside a thing that was put there at most so long before belongs to it, seconds. */
const SAME_TIME_S = 6;
/** A thing that was seen at most so long ago is the one that is there now, only a little moved, seconds. */
const JUST_SEEN_S = 6;
/** Share of a region within a thing, from which it is that thing, moved. */
const SAME_PLACE_SHARE = 0.3;
/** Steepness of an outline, grey over two cells: softer ones are light's. */
const OUTLINE_GREY = 9;
/** Things remembered at most: beyond, the smallest is forgotten. */
const MOST_THINGS = 48;
/** After so long a thing belongs to the scene, milliseconds. */
const KEPT_MS = 24 * 3_600_000;
/** What was under a thing is brought into the present light when that changed by more than this share. */
const LIGHT_STEP = 0.02;

/** Cells that stand. */
interface Standing {
  readonly cells: Int32Array;
  /** Nothing moves beside them. */
  readonly whole: boolean;
  /** Some of them do not stand quite still. */
  readonly lively: boolean;
}

/** Keeps the things that stand in a scene or were taken from it: told once, followed through occlusion, forgotten when all is as before. */
export class StillThings {
  /** Which thing a cell belongs to; 0: none. Removed ones hold no cells: what they left is the scene. */
  private readonly owner: Int32Array;
  /** What is under everything, valid where a cell has an owner. */
  private readonly ground: CellPicture;
  /** For how long each cell has shown what was before, seconds. */
  private readonly bareS: Float32Array;
  private readonly marks: Uint8Array;
  private readonly inside: Uint8Array;
  private readonly least: number;
  private readonly things = new Map<number, ThingMemory>();
  private lastId = 0;
  private gone: ThingMemory[] = [];

  constructor(
    private readonly grid: CellGrid,
    private readonly finder: RegionFinder,
  ) {
    this.owner = new Int32Array(grid.count);
    this.ground = grid.createPicture();
    this.bareS = new Float32Array(grid.count);
    this.marks = new Uint8Array(grid.count);
    this.inside = new Uint8Array(grid.count);
    this.least = Math.max(LEAST_CELLS, Math.round(LEAST_SHARE * grid.count));
  }

  /** All that is there now; those that ended in the last step are among them, as `gone`. */
  list(): StillThing[] {
    return [...this.things.values(), ...this.gone].map((thing) => ({
      id: thing.id,
      box: thing.box,
      area: thing.cells.length / this.grid.count,
      sincePtsMs: thing.sinceMs,
      seenPtsMs: thing.seenMs,
      kind: thing.kind,
      confidence: thing.confidence,
      state: thing.state,
    }));
  }

  /**
   * Looks for things that came, are hidden, or went.
   *
   * @param objects cells (not 0) that differ and are not light's.
   * @param lit cells (not 0) that differ by their light only.
   * @param kept cells (not 0) where nothing may be taken over silently.
   * @param settledAtS when the scene last was not calm: what has stood since before is no news.
   */
  step(
    picture: CellPicture,
    model: CellModel,
    light: LightField,
    objects: Uint8Array,
    lit: Uint8Array,
    kept: Uint8Array,
    ptsMs: number,
    stepS: number,
    settledAtS: number,
  ): void {
    for (const thing of this.things.values()) {
      this.followLight(thing, model);
      if (thing.kind === 'removed') this.watchRemoved(thing, picture, model, light, ptsMs, stepS);
      else this.watch(thing, picture, model, light, lit, ptsMs, stepS);
      if (ptsMs - thing.sinceMs > KEPT_MS) this.forget(thing);
    }
    this.seek(picture, model, objects, ptsMs, settledAtS);
    this.takeOver(model, kept, lit);
  }

  /** Before each step: what ended has been told. */
  forgetGone(): void {
    this.gone = [];
  }

  /** The scene is told anew in another pose: nothing is known of it. */
  reset(): void {
    this.owner.fill(0);
    this.things.clear();
    this.gone = [];
  }

  /**
   * The scene is told anew in another light: what has an outline still stands; what is under it can only be guessed from beside it.
   *
   * @param picture which is expected from now on.
   */
  relight(picture: CellPicture): void {
    for (const thing of [...this.things.values()]) {
      const { cells } = thing;
      for (const i of cells) this.inside[i] = 1;
      const verdict = testEdges(this.grid, cells, this.inside, picture, picture);
      for (const i of cells) this.inside[i] = 0;
      if (thing.kind === 'removed' || verdict.now < OUTLINE_GREY) {
        this.forget(thing);
        continue;
      }
      thing.ringLuma = meanLuma(picture, thing.ring);
      const cb = thing.ring.length === 0 ? 128 : (picture.cb[thing.ring[0] as number] as number);
      const cr = thing.ring.length === 0 ? 128 : (picture.cr[thing.ring[0] as number] as number);
      cells.forEach((i, k) => {
        thing.before.luma[k] = thing.ringLuma;
        thing.before.cb[k] = cb;
        thing.before.cr[k] = cr;
        this.ground.luma[i] = thing.ringLuma;
        this.ground.cb[i] = cb;
        this.ground.cr[i] = cr;
      });
    }
  }

  /** What was there before is brought into the light that is now beside it. */
  private followLight(thing: ThingMemory, model: CellModel): void {
    const { cells, before } = thing;
    const luma = meanLuma(model.expected, thing.ring);
    const gain = (luma + DARK_GREY) / (thing.ringLuma + DARK_GREY);
    if (Math.abs(gain - 1) < LIGHT_STEP) return;
    thing.ringLuma = luma;
    for (let k = 0; k < cells.length; k++) {
      const i = cells[k] as number;
      before.luma[k] = gain * ((before.luma[k] as number) + DARK_GREY) - DARK_GREY;
      if (this.owner[i] === thing.id) this.ground.luma[i] = gain * ((this.ground.luma[i] as number) + DARK_GREY) - DARK_GREY;
    }
  }

  /**
   * Each of a thing's cells shows it, or what was before it, or something else that hides it. It is gone when most show what was before; a cell that
   * has done so for a while is given back.
   */
  private watch(
    thing: ThingMemory,
    picture: CellPicture,
    model: CellModel,
    light: LightField,
    lit: Uint8Array,
    ptsMs: number,
    stepS: number,
  ): void {
    const { owner, ground } = this;
    const { cells, before } = thing;
    const { expected } = model;
    let shown = 0;
    let bare = 0;
    let lost = 0;
    let hidden = 0;
    const below = this.ownersBelow(thing);
    for (let k = 0; k < cells.length; k++) {
      const i = cells[k] as number;
      if (owner[i] !== thing.id) {
        // Another thing that stands before it hides it; it is not lost.
        if (owner[i] === 0) lost++;
        else hidden++;
        continue;
      }
      const gain = light.gainAt(i);
      const asThing = off(model, i, picture, gain, expected, i);
      const asBefore = Math.min(off(model, i, picture, gain, before, k), off(model, i, picture, gain, ground, i));
      if (asBefore <= AS_BEFORE && asBefore < NEARER * asThing) {
        bare++;
        this.bareS[i] = (this.bareS[i] as number) + stepS;
        if ((this.bareS[i] as number) < BACK_S) continue;
        model.expect(i, picture.luma[i] as number, picture.cb[i] as number, picture.cr[i] as number, 2 * TRUSTED_S);
        owner[i] = below?.get(i) ?? 0;
        lost++;
        continue;
      }
      this.bareS[i] = 0;
      if (asThing <= AS_BEFORE || lit[i] !== 0) shown++;
    }
    const held = Math.max(1, cells.length - lost - hidden);
    thing.backS = hidden < held && bare > BARE_SHARE * (shown + bare) && bare > BARE_SHARE * HELD_SHARE * held ? thing.backS + stepS : 0;
    if (thing.backS >= BACK_S || cells.length - lost < GONE_SHARE * thing.most) {
      this.end(thing, model);
      return;
    }
    if (lost > 0.1 * cells.length)
      this.shrink(thing, (k) => owner[cells[k] as number] !== 0 && below?.get(cells[k] as number) !== owner[cells[k] as number]);
    if (shown >= (thing.state === 'present' ? SEEN_SHARE : SEEN_AGAIN_SHARE) * (held + hidden)) {
      thing.state = 'present';
      thing.seenMs = ptsMs;
    } else thing.state = 'occluded';
  }

  private watchRemoved(thing: ThingMemory, picture: CellPicture, model: CellModel, light: LightField, ptsMs: number, stepS: number): void {
    const { cells, before } = thing;
    let [empty, back] = [0, 0];
    for (let k = 0; k < cells.length; k++) {
      const i = cells[k] as number;
      if (model.foreground[i] === 0) empty++;
      else {
        const luma = light.gainAt(i) * ((before.luma[k] as number) + DARK_GREY) - DARK_GREY;
        if (model.excessOf(i, picture, luma, before.cb[k] as number, before.cr[k] as number) <= AS_BEFORE) back++;
      }
    }
    if (empty >= SEEN_AGAIN_SHARE * cells.length) {
      thing.state = 'present';
      thing.seenMs = ptsMs;
    } else thing.state = 'occluded';
    thing.backS = back >= RETURNED_SHARE * cells.length ? thing.backS + stepS : 0;
    if (thing.backS < BACK_S) return;
    for (let k = 0; k < cells.length; k++) {
      const i = cells[k] as number;
      if (this.owner[i] !== 0) continue;
      model.expect(i, before.luma[k] as number, before.cb[k] as number, before.cr[k] as number, 2 * TRUSTED_S);
    }
    this.end(thing, model);
  }

  private shrink(thing: ThingMemory, keeps: (place: number) => boolean): void {
    const kept = filtered(thing.cells, thing.before, keeps);
    thing.cells = kept.cells;
    thing.before = kept.look;
    if (kept.cells.length > 0) thing.box = boxAround(this.grid, kept.cells);
  }

  /** All is as before: what it still held shows what was under it, or something that stands before it. */
  private end(thing: ThingMemory, model: CellModel): void {
    const { ground } = this;
    const below = this.ownersBelow(thing);
    thing.cells.forEach((i, k) => {
      if (this.owner[i] !== thing.id) return;
      const lower = below?.get(i);
      const [look, place] = lower === undefined ? [ground, i] : [thing.before, k];
      model.expect(i, look.luma[place] as number, look.cb[place] as number, look.cr[place] as number, 2 * TRUSTED_S);
      this.owner[i] = lower ?? 0;
    });
    thing.state = 'gone';
    this.gone.push(thing);
    this.things.delete(thing.id);
  }

  /** Which earlier things stand behind the cells of one that was put before them; `null`: none do. */
  private ownersBelow(thing: ThingMemory): ReadonlyMap<number, number> | null {
    if (!thing.stacked) return null;
    const own = new Set(thing.cells);
    const below = new Map<number, number>();
    for (const other of this.things.values()) {
      if (other.id >= thing.id || other.kind === 'removed') continue;
      for (const i of other.cells) if (own.has(i)) below.set(i, other.id);
    }
    return below;
  }

  /** The scene keeps what is there. */
  private forget(thing: ThingMemory): void {
    for (const i of thing.cells) if (this.owner[i] === thing.id) this.owner[i] = 0;
    this.things.delete(thing.id);
  }

  /**
   * Regions that stand. What stands altogether is told soon. One who sways is told as a whole when his place has been taken for long enough. What
   * stands within something that moves on its own (a bag beside its owner) is told for itself then.
   */
  private seek(picture: CellPicture, model: CellModel, objects: Uint8Array, ptsMs: number, settledAtS: number): void {
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
    const under = this.mostUnder(cells);
    if (under === null || !under.thing.lively) return false;
    return under.share >= 0.5 && cells.length < SWAY_SHARE * under.thing.cells.length;
  }

  private judge(standing: Standing, picture: CellPicture, model: CellModel, ptsMs: number, settledAtS: number): void {
    const { cells, whole } = standing;
    const { inside, grid } = this;
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
      const bare = this.showsGround(cells, model);
      for (const i of cells) {
        model.adopt(i);
        if (bare) this.owner[i] = 0;
      }
      return;
    }
    for (const i of cells) inside[i] = 1;
    const verdict = testEdges(grid, cells, inside, picture, model.expected);
    const ring = ringAround(grid, cells, inside);
    for (const i of cells) inside[i] = 0;
    const soft = Math.max(verdict.now, verdict.before) < OUTLINE_GREY;
    const crumb = verdict.kind === 'removed' && cells.length < REMOVED_TIMES * this.least;
    if (soft || crumb || (verdict.kind !== 'added' && whole && verdict.confidence < SURE_REMOVED && supportS < STANDS_BESIDE_S)) return;
    this.tell(standing, verdict, ring, sinceS * 1000, model, ptsMs);
  }

  private tell(standing: Standing, verdict: EdgeVerdict, ring: Int32Array, sinceMs: number, model: CellModel, ptsMs: number): void {
    // Of one who sways some cells show what was there before: they tell nothing of him.
    const cells = standing.cells.filter((i) => !showsExpected(model, i));
    if (cells.length < this.least) return;
    const under = this.mostUnder(cells);
    const same = this.sameAs(cells, verdict, under, sinceMs, model, ptsMs);
    if (same === null && under !== null && verdict.kind === 'removed' && under.share >= SAME_PLACE_SHARE) {
      // It went, and what was under it looks otherwise than remembered.
      for (const i of cells) {
        model.adopt(i);
        this.owner[i] = 0;
      }
      return;
    }
    if (same !== null) {
      this.extend(same, cells, model);
      same.seenMs = ptsMs;
      return;
    }
    const before = lookOf(model.expected, cells);
    const stacked = verdict.kind !== 'removed' && this.hold(cells, this.lastId + 1, model);
    for (const i of cells) model.adopt(i);
    this.things.set(++this.lastId, {
      id: this.lastId,
      kind: verdict.kind,
      confidence: verdict.confidence,
      state: 'present',
      sinceMs,
      seenMs: ptsMs,
      cells,
      before,
      lively: standing.lively,
      stacked,
      most: cells.length,
      box: boxAround(this.grid, cells),
      backS: 0,
      ring,
      ringLuma: meanLuma(model.expected, ring),
    });
    if (this.things.size > MOST_THINGS) this.forgetSmallest();
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

  /** The thing that holds most of some cells, and its share of them. */
  private mostUnder(cells: Int32Array): { readonly thing: ThingMemory; readonly share: number } | null {
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

  /**
   * The thing that a region belongs to: the same, a little moved; one beside it that came at the same time; or one who sways, and shows a little of
   * what is beside or behind him.
   */
  private sameAs(
    cells: Int32Array,
    verdict: EdgeVerdict,
    under: { readonly thing: ThingMemory; readonly share: number } | null,
    sinceMs: number,
    model: CellModel,
    ptsMs: number,
  ): ThingMemory | null {
    if (under !== null && under.share >= SAME_PLACE_SHARE) {
      const justSeen = sinceMs - under.thing.seenMs < JUST_SEEN_S * 1000;
      if (justSeen && (verdict.kind !== 'removed' || !this.showsGround(cells, model))) return under.thing;
    }
    const box = boxAround(this.grid, cells);
    const [marginX, marginY] = [(REACH + 1) / this.grid.columns, (REACH + 1) / this.grid.rows];
    for (const thing of this.things.values()) {
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

  /** Whether most of some cells that have an owner show what was under it. */
  private showsGround(cells: Int32Array, model: CellModel): boolean {
    const { owner, ground } = this;
    let [owned, bare] = [0, 0];
    for (const i of cells) {
      if (owner[i] === 0) continue;
      owned++;
      if (model.excessOf(i, model.fast, ground.luma[i] as number, ground.cb[i] as number, ground.cr[i] as number) <= 2 * AS_BEFORE) bare++;
    }
    return bare >= owned / 2;
  }

  private forgetSmallest(): void {
    let smallest: ThingMemory | null = null;
    for (const thing of this.things.values()) if (smallest === null || thing.cells.length < smallest.cells.length) smallest = thing;
    if (smallest !== null) this.forget(smallest);
  }

  /**
   * What stands, differs and was not told is the scene's own: a shadow that stays, dirt, a new light. Within a still thing it is that thing's: how it
   * turned.
   */
  private takeOver(model: CellModel, kept: Uint8Array, lit: Uint8Array): void {
    const { foreground, support, shows } = model;
    const turned: number[] = [];
    for (let i = 0; i < this.grid.count; i++) {
      if (foreground[i] === 0 || shows[i] === 0 || (support[i] as number) < TAKEN_OVER_S) continue;
      if (lit[i] !== 0 || (kept[i] === 0 && (support[i] as number) >= NOT_UNDERSTOOD_S)) turned.push(i);
    }
    if (turned.length === 0) return;
    for (const thing of this.things.values()) {
      if (thing.kind === 'removed' || thing.state !== 'present') continue;
      const own = new Set(thing.cells);
      const fresh: number[] = [];
      this.grid.cellsIn(thing.box, (i) => {
        if (this.owner[i] === 0 && !own.has(i) && foreground[i] !== 0 && (support[i] as number) >= TAKEN_OVER_S) fresh.push(i);
      });
      if (fresh.length > 0) this.extend(thing, Int32Array.from(fresh), model);
    }
    for (const i of turned) {
      if (foreground[i] === 0) continue;
      model.adopt(i);
      // It may be part of something that was not understood: when it goes, that is no news.
      if (this.owner[i] === 0) model.trust[i] = 0;
    }
  }

  /** Cells become part of a thing that is there. */
  private extend(thing: ThingMemory, cells: Int32Array, model: CellModel): void {
    const known = new Set(thing.cells);
    const before = lookOf(model.expected, cells);
    const fresh = filtered(cells, before, (k) => !known.has(cells[k] as number));
    if (thing.kind !== 'removed' && this.hold(cells, thing.id, model)) thing.stacked = true;
    for (const i of cells) model.adopt(i);
    const all = joined(thing.cells, thing.before, fresh.cells, fresh.look);
    thing.cells = all.cells;
    thing.before = all.look;
    thing.most = Math.max(thing.most, thing.cells.length);
    thing.box = boxAround(this.grid, thing.cells);
    thing.lively = true;
  }
}

/** Whether the fast background of a cell is what is expected anyway. */
function showsExpected(model: CellModel, cell: number): boolean {
  const { expected, fast } = model;
  return model.excessOf(cell, fast, expected.luma[cell] as number, expected.cb[cell] as number, expected.cr[cell] as number) <= 1;
}

/** How far a cell's picture lies from what is remembered at some place, in the present light, in tolerances. */
function off(model: CellModel, cell: number, picture: CellPicture, gain: number, look: Look, place: number): number {
  const luma = gain * ((look.luma[place] as number) + DARK_GREY) - DARK_GREY;
  return model.excessOf(cell, picture, luma, look.cb[place] as number, look.cr[place] as number);
}
