import type { Candidate } from '../motion/candidate.js';
import type { CandidateColumns } from './candidate-columns.js';

/** One candidate on a path, and when it was seen. */
export interface PathPoint {
  readonly seq: number;
  readonly ptsMs: number;
  readonly timeS: number;
  readonly candidate: Candidate;
}

/** Points to begin with; the store doubles when all are in use. */
const FIRST_CAPACITY = 512;
/** Numbers a point: seq, ptsMs, timeS, then its candidate's x, y, w, h, area, contrast, peak. */
const NUMBERS = 10;

/**
 * The points of all paths of one linker, each with the one before it: paths that begin alike share their beginning, and a path
 * grows by one point without copying. Points that no path ends in or leads through are used again.
 */
export class PathPoints {
  private numbers = new Float64Array(FIRST_CAPACITY * NUMBERS);
  /** The point before, −1 at a path's beginning; of an unused one the next unused one. */
  private before = new Int32Array(FIRST_CAPACITY);
  /** Paths that end in a point and points that follow it. */
  private users = new Int32Array(FIRST_CAPACITY);
  private sights = new Int32Array(FIRST_CAPACITY);
  /** Points as objects, made when somebody asks for them. */
  private readonly objects: (PathPoint | null)[] = [];
  private unused = -1;
  private top = 0;

  /** A new point after `before` (−1: the first of a path), in use by whoever asked for it. */
  add(before: number, from: CandidateColumns, i: number): number {
    const point = this.unused >= 0 ? this.unused : this.top;
    if (point === this.top) {
      if (this.top === this.before.length) this.widen();
      this.top++;
      this.objects.push(null);
    } else {
      this.unused = this.before[point] as number;
    }
    if (before >= 0) this.use(before);
    this.before[point] = before;
    this.users[point] = 1;
    this.sights[point] = from.sight[i] as number;
    const at = point * NUMBERS;
    const { numbers } = this;
    numbers[at] = from.seq;
    numbers[at + 1] = from.ptsMs;
    numbers[at + 2] = from.timeS;
    numbers[at + 3] = from.x[i] as number;
    numbers[at + 4] = from.y[i] as number;
    numbers[at + 5] = from.w[i] as number;
    numbers[at + 6] = from.h[i] as number;
    numbers[at + 7] = from.areaPx[i] as number;
    numbers[at + 8] = from.contrast[i] as number;
    numbers[at + 9] = from.peak[i] as number;
    return point;
  }

  /** One more user of a point. */
  use(point: number): void {
    this.users[point] = (this.users[point] as number) + 1;
  }

  /** One user fewer; without any, the point and those before it that only led to it are free. */
  release(last: number): void {
    for (let point = last; point >= 0; ) {
      const users = (this.users[point] as number) - 1;
      this.users[point] = users;
      if (users > 0) return;
      const before = this.before[point] as number;
      this.before[point] = this.unused;
      this.unused = point;
      this.objects[point] = null;
      point = before;
    }
  }

  /** The number of the candidate seen at a point. */
  sightOf(point: number): number {
    return this.sights[point] as number;
  }

  beforeOf(point: number): number {
    return this.before[point] as number;
  }

  xOf(point: number): number {
    return this.numbers[point * NUMBERS + 3] as number;
  }

  yOf(point: number): number {
    return this.numbers[point * NUMBERS + 4] as number;
  }

  areaPxOf(point: number): number {
    return this.numbers[point * NUMBERS + 7] as number;
  }

  contrastOf(point: number): number {
    return this.numbers[point * NUMBERS + 8] as number;
  }

  /** The path that ends in a point, as objects that stay as they are whatever becomes of the store. */
  pathTo(last: number, length: number): PathPoint[] {
    const path = new Array<PathPoint>(length);
    let point = last;
    for (let i = length - 1; i >= 0; i--) {
      path[i] = this.objectOf(point);
      point = this.before[point] as number;
    }
    return path;
  }

  private objectOf(point: number): PathPoint {
    const known = this.objects[point];
    if (known !== null && known !== undefined) return known;
    const at = point * NUMBERS;
    const number = (k: number): number => this.numbers[at + k] as number;
    const candidate = {
      ...{ x: number(3), y: number(4), w: number(5), h: number(6) },
      ...{ areaPx: number(7), contrast: number(8), peak: number(9), moving: true },
    };
    const made = { seq: number(0), ptsMs: number(1), timeS: number(2), candidate };
    this.objects[point] = made;
    return made;
  }

  private widen(): void {
    const capacity = 2 * this.before.length;
    const { numbers } = this;
    this.numbers = new Float64Array(capacity * NUMBERS);
    this.numbers.set(numbers);
    this.before = widened(this.before, capacity);
    this.users = widened(this.users, capacity);
    this.sights = widened(this.sights, capacity);
  }
}

function widened(column: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(capacity);
  wider.set(column);
  return wider;
}
