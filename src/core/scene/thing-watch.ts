import type { CellPicture } from './cell-grid.js';
import type { CellModel } from './cell-model.js';
import { DARK_GREY, type LightField } from './light-field.js';
import { type Look, meanLuma, type ThingMemory } from './still-thing.js';
import { AS_BEFORE, type ThingBook, TRUSTED_S } from './thing-book.js';

/** How long a cell must look as before to be given back, seconds. */
const BACK_S = 0.8;
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
/** After so long a thing belongs to the scene, milliseconds. */
const KEPT_MS = 24 * 3_600_000;
/** What was under a thing is brought into the present light when that changed by more than this share. */
const LIGHT_STEP = 0.02;

/** Follows the things that are known: seen, hidden, or gone. */
export class ThingWatch {
  constructor(private readonly book: ThingBook) {}

  /**
   * Looks at each thing in the next picture.
   *
   * @param lit cells (not 0) that differ by their light only.
   */
  step(picture: CellPicture, model: CellModel, light: LightField, lit: Uint8Array, ptsMs: number, stepS: number): void {
    const { book } = this;
    for (const thing of book.things.values()) {
      this.followLight(thing, model);
      if (thing.kind === 'removed') this.watchRemoved(thing, picture, model, light, ptsMs, stepS);
      else this.watch(thing, picture, model, light, lit, ptsMs, stepS);
      if (ptsMs - thing.sinceMs > KEPT_MS && book.things.has(thing.id)) book.absorb(thing);
    }
  }

  /** What was there before is brought into the light that is now beside it. */
  private followLight(thing: ThingMemory, model: CellModel): void {
    const { owner, ground } = this.book;
    const { cells, before } = thing;
    const luma = meanLuma(model.expected, thing.ring);
    const gain = (luma + DARK_GREY) / (thing.ringLuma + DARK_GREY);
    if (Math.abs(gain - 1) < LIGHT_STEP) return;
    thing.ringLuma = luma;
    for (let k = 0; k < cells.length; k++) {
      const i = cells[k] as number;
      before.luma[k] = gain * ((before.luma[k] as number) + DARK_GREY) - DARK_GREY;
      if (owner[i] === thing.id) ground.luma[i] = gain * ((ground.luma[i] as number) + DARK_GREY) - DARK_GREY;
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
    const { book } = this;
    const { owner, ground, bareS } = book;
    const { cells, before } = thing;
    const { expected } = model;
    let shown = 0;
    let bare = 0;
    let lost = 0;
    let hidden = 0;
    const below = book.ownersBelow(thing);
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
        bareS[i] = (bareS[i] as number) + stepS;
        if ((bareS[i] as number) < BACK_S) continue;
        model.expect(i, picture.luma[i] as number, picture.cb[i] as number, picture.cr[i] as number, 2 * TRUSTED_S);
        owner[i] = below?.get(i) ?? 0;
        lost++;
        continue;
      }
      bareS[i] = 0;
      if (asThing <= AS_BEFORE || lit[i] !== 0) shown++;
    }
    const held = Math.max(1, cells.length - lost - hidden);
    thing.backS = hidden < held && bare > BARE_SHARE * (shown + bare) && bare > BARE_SHARE * HELD_SHARE * held ? thing.backS + stepS : 0;
    if (thing.backS >= BACK_S || cells.length - lost < GONE_SHARE * thing.most) {
      book.end(thing, model, (i) => off(model, i, picture, light.gainAt(i), expected, i) <= AS_BEFORE, ptsMs / 1000);
      return;
    }
    if (lost > 0.1 * cells.length)
      book.shrink(thing, (k) => owner[cells[k] as number] !== 0 && below?.get(cells[k] as number) !== owner[cells[k] as number]);
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
      if (this.book.owner[i] !== 0) continue;
      model.expect(i, before.luma[k] as number, before.cb[k] as number, before.cr[k] as number, 2 * TRUSTED_S);
    }
    this.book.end(thing, model, () => false, ptsMs / 1000);
  }
}

/** How far a cell's picture lies from what is remembered at some place, in the present light, in tolerances. */
function off(model: CellModel, cell: number, picture: CellPicture, gain: number, look: Look, place: number): number {
  const luma = gain * ((look.luma[place] as number) + DARK_GREY) - DARK_GREY;
  return model.excessOf(cell, picture, luma, look.cb[place] as number, look.cr[place] as number);
}
