import type { Box } from '../../domain/geometry.js';
import { type TrackedObject, UNKNOWN_OBJECT } from '../../domain/street.js';
import type { Detection } from '../detection/detection.js';
import { areaOf } from '../geometry/box.js';
import type { BoxFilter, MutableBox } from './box-filter.js';
import { FootPath } from './foot-path.js';
import { LabelVotes } from './label-votes.js';
import { Stillness } from './stillness.js';

/** Seen so often, or over so long, and with so much score in sum, an object counts: a false box that flickers does not get there. */
const CONFIRM_COUNT = 3;
const CONFIRM_SPARSE_COUNT = 2;
const CONFIRM_SPARSE_MS = 800;
const CONFIRM_MS = 300;
const CONFIRM_SCORE = 1;
/** A box whose area differs from the expected one by this factor shows a part, or two things: its place is not believed at once. */
const SIZE_JUMP = 1.7;
/** What such an observation counts for; and how many in a row are the object's new size. */
const JUMP_TRUST = 0.08;
const JUMP_COUNT = 4;
/** After so long unseen the velocity begins to fade, and by which time constant: people go straight on behind a van, but not for long. */
const FADE_AFTER_MS = 1_000;
const FADE_S = 4;
/** Longest that one unseen picture counts for: when nobody looked for a minute, one miss is not a minute's. */
const MAX_MISS_MS = 2_000;

/** One object as the tracker holds it. */
export class Track {
  readonly votes = new LabelVotes();
  readonly path = new FootPath();
  readonly stillness: Stillness;
  confirmed = false;
  /** In the last picture that somebody looked at. */
  seen = true;
  seenMs: number;
  /** Pictures without it since, and their time; the time for which something else stood before it, apart. */
  misses = 0;
  missedMs = 0;
  hiddenMs = 0;
  /** Where it is expected now. */
  readonly box: MutableBox = { x1: 0, y1: 0, x2: 0, y2: 0 };
  private count = 0;
  private evidence = 0;
  private jumps = 0;
  private made: TrackedObject | null = null;

  constructor(
    readonly id: number,
    readonly firstMs: number,
    detection: Detection,
    readonly filter: BoxFilter,
    private readonly named: boolean,
    aspect: number,
  ) {
    this.seenMs = firstMs;
    this.stillness = new Stillness(aspect, !named);
    filter.start(detection.box);
    this.take(firstMs, detection);
  }

  /** Where it stands, when it does. */
  get place(): Box | null {
    return this.stillness.box;
  }

  /** Milliseconds of pictures without it, whether something hid it or not. */
  get awayMs(): number {
    return this.missedMs + this.hiddenMs;
  }

  /** Goes on to a later time. @param dt seconds. */
  predict(dt: number): void {
    this.made = null;
    if (this.place !== null && !this.stillness.doubted) {
      // What stands is where it stood: only the doubt grows, and a hidden car does not creep.
      this.filter.halt();
      this.filter.predict(Math.min(dt, 1));
      this.filter.halt();
    } else {
      this.filter.predict(dt);
      if (this.awayMs > FADE_AFTER_MS) this.filter.slow(Math.exp(-dt / FADE_S));
    }
    this.filter.box(this.box);
  }

  /** A picture shows it. @param trust 0..1. */
  update(ptsMs: number, detection: Detection, trust: number): void {
    const doubted = this.stillness.doubted;
    const stand = this.stillness.observe(ptsMs, detection.box);
    if (stand === 'standing' && doubted) this.filter.start(detection.box);
    else if (stand === 'standing' || stand === 'off') this.filter.update(detection.box, trust);
    else if (stand === 'moving') this.filter.update(detection.box, trust * this.trustInSize(detection.box));
    this.take(ptsMs, detection);
  }

  /** It had not left the place where it stood: what was seen of it since was something else. */
  goBack(): void {
    this.stillness.goBack();
    this.filter.start(this.place as Box);
    this.filter.halt();
  }

  /** Somebody looked, and it was not there. @param dt seconds since the look before. @param hidden something else stood before it. */
  miss(dt: number, hidden: boolean): void {
    this.made = null;
    this.seen = false;
    this.misses++;
    const ms = Math.min(MAX_MISS_MS, dt * 1000);
    if (hidden) this.hiddenMs += ms;
    else this.missedMs += ms;
  }

  /** The object as rules see it: stays as it is. */
  view(): TrackedObject {
    this.made ??= this.make();
    return this.made;
  }

  private take(ptsMs: number, { box, label, score }: Detection): void {
    this.made = null;
    this.seen = true;
    this.seenMs = ptsMs;
    this.misses = 0;
    this.missedMs = 0;
    this.hiddenMs = 0;
    if (this.count === 0) this.stillness.observe(ptsMs, box);
    this.count++;
    this.evidence += score;
    this.votes.add(this.named ? label : UNKNOWN_OBJECT, score);
    this.filter.box(this.box);
    this.path.add({ ptsMs, x: (this.box.x1 + this.box.x2) / 2, y: this.box.y2, seen: box });
    const spanMs = ptsMs - this.firstMs;
    const often = this.count >= CONFIRM_COUNT && spanMs >= CONFIRM_MS;
    const long = this.count >= CONFIRM_SPARSE_COUNT && spanMs >= CONFIRM_SPARSE_MS;
    this.confirmed ||= (often || long) && this.evidence >= CONFIRM_SCORE;
  }

  private trustInSize(box: Box): number {
    const ratio = areaOf(box) / Math.max(1e-9, areaOf(this.box));
    if (ratio < SIZE_JUMP && ratio > 1 / SIZE_JUMP) {
      this.jumps = 0;
      return 1;
    }
    this.jumps++;
    if (this.jumps < JUMP_COUNT) return JUMP_TRUST;
    this.filter.start(box);
    this.jumps = 0;
    return 1;
  }

  private make(): TrackedObject {
    const { stillness, filter } = this;
    const still = stillness.box;
    const gone = still !== null && !this.seen;
    const box = gone ? still : withinPicture(this.box);
    return {
      id: this.id,
      label: this.votes.best,
      score: this.votes.score,
      state: !this.confirmed ? 'tentative' : this.seen ? 'confirmed' : 'lost',
      box,
      foot: { x: (box.x1 + box.x2) / 2, y: box.y2 },
      velocity: still !== null ? { x: 0, y: 0 } : { x: filter.velocityX, y: filter.velocityY },
      firstPtsMs: this.firstMs,
      seenPtsMs: this.seenMs,
      stillSincePtsMs: stillness.sinceMs,
      stillBox: still,
      path: this.path.snapshot(),
    };
  }
}

const withinPicture = ({ x1, y1, x2, y2 }: Box): Box => ({ x1: share(x1), y1: share(y1), x2: share(x2), y2: share(y2) });
const share = (value: number): number => Math.min(1, Math.max(0, value));
