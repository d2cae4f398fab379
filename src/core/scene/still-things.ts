import type { StillThing } from '../../domain/street.js';
import type { CellGrid, CellPicture } from './cell-grid.js';
import type { CellModel } from './cell-model.js';
import type { LightField } from './light-field.js';
import { judgeOutline } from './outline.js';
import type { RegionFinder } from './regions.js';
import { meanLuma } from './still-thing.js';
import { ThingBook } from './thing-book.js';
import { OUTLINE_GREY, ThingSeeker } from './thing-seeker.js';
import { ThingWatch } from './thing-watch.js';

/** Keeps the things that stand in a scene or were taken from it: told once, followed through occlusion, forgotten when all is as before. */
export class StillThings {
  private readonly book: ThingBook;
  private readonly watch: ThingWatch;
  private readonly seeker: ThingSeeker;
  private readonly inside: Uint8Array;

  constructor(
    private readonly grid: CellGrid,
    finder: RegionFinder,
  ) {
    this.book = new ThingBook(grid);
    this.watch = new ThingWatch(this.book);
    this.seeker = new ThingSeeker(this.book, finder);
    this.inside = new Uint8Array(grid.count);
  }

  /** All that is there now; those that ended in the last step are among them, as `gone`. */
  list(): StillThing[] {
    return [...this.book.things.values(), ...this.book.absorbed.values(), ...this.book.gone].map((thing) => ({
      id: thing.id,
      box: thing.box,
      core: thing.core,
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
    this.watch.step(picture, model, light, lit, ptsMs, stepS);
    this.seeker.seek(picture, model, objects, ptsMs, settledAtS);
    this.seeker.takeOver(model, kept, lit);
  }

  /** Whether some cells that differ are only a still thing that sways. */
  sways(cells: Int32Array): boolean {
    return this.seeker.sways(cells);
  }

  /** Before each step: what ended has been told. */
  forgetGone(): void {
    this.book.forgetGone();
  }

  /** The scene is told anew in another pose: nothing is known of it. */
  reset(): void {
    this.book.clear();
  }

  /**
   * The scene is told anew in another light: what has an outline still stands; what is under it can only be guessed from beside it.
   *
   * @param picture which is expected from now on.
   */
  relight(picture: CellPicture): void {
    const { things, ground } = this.book;
    for (const thing of [...things.values()]) {
      const { cells } = thing;
      for (const i of cells) this.inside[i] = 1;
      const verdict = judgeOutline(this.grid, cells, this.inside, picture, picture);
      for (const i of cells) this.inside[i] = 0;
      if (thing.kind === 'removed') {
        // How it looked is of another light; that it is back would be seen as something new.
        this.book.absorb(thing);
        continue;
      }
      if (verdict.now < OUTLINE_GREY) {
        this.book.forget(thing);
        continue;
      }
      thing.ringLuma = meanLuma(picture, thing.ring);
      const cb = thing.ring.length === 0 ? 128 : (picture.cb[thing.ring[0] as number] as number);
      const cr = thing.ring.length === 0 ? 128 : (picture.cr[thing.ring[0] as number] as number);
      cells.forEach((i, k) => {
        thing.before.luma[k] = thing.ringLuma;
        thing.before.cb[k] = cb;
        thing.before.cr[k] = cr;
        ground.luma[i] = thing.ringLuma;
        ground.cb[i] = cb;
        ground.cr[i] = cr;
      });
    }
  }
}
