import type { CandidateColumns } from './candidate-columns.js';
import { AXIS_NUMBERS } from './kalman-axis.js';
import type { PathPoint, PathPoints } from './path-points.js';

/** One way to continue a path: its end in the store of points, its score, and its Kalman filters. Used again and again by the linker. */
export class Hypothesis {
  rootId = 0;
  score = 0;
  frames = 0;
  missed = 0;
  /** Count of points. */
  length = 0;
  firstX = 0;
  firstY = 0;
  lastX = 0;
  lastY = 0;
  lastSeenS = 0;
  lastSeq = 0;
  /** The last point's place in its frame's list of candidates. */
  candidateIndex = 0;
  /** The last point, in the store. */
  last = -1;
  /** Time of the state, seconds. */
  stateS = 0;
  /** x, then y: see kalman-axis.ts. */
  readonly state = new Float64Array(2 * AXIS_NUMBERS);
  private objects: readonly PathPoint[] | null = null;

  constructor(private readonly store: PathPoints) {}

  /** Its points in order of time; they stay as they are when the path goes on. */
  get points(): readonly PathPoint[] {
    this.objects ??= this.store.pathTo(this.last, this.length);
    return this.objects;
  }

  /** Holds no points as objects any more: nobody asks for those of a hypothesis that is not in use. */
  forget(): void {
    this.objects = null;
  }

  /** Becomes a copy of another; the filters and the use of the last point are the caller's business. */
  copyFrom(other: Hypothesis): void {
    this.rootId = other.rootId;
    this.score = other.score;
    this.frames = other.frames;
    this.missed = other.missed;
    this.length = other.length;
    this.firstX = other.firstX;
    this.firstY = other.firstY;
    this.lastX = other.lastX;
    this.lastY = other.lastY;
    this.lastSeenS = other.lastSeenS;
    this.lastSeq = other.lastSeq;
    this.candidateIndex = other.candidateIndex;
    this.last = other.last;
    this.stateS = other.stateS;
    this.objects = other.objects;
  }

  /** Goes on with candidate `i`, which is `point` in the store. */
  see(point: number, from: CandidateColumns, i: number): void {
    this.last = point;
    this.length++;
    this.missed = 0;
    this.lastX = from.x[i] as number;
    this.lastY = from.y[i] as number;
    this.lastSeenS = from.timeS;
    this.lastSeq = from.seq;
    this.candidateIndex = from.index[i] as number;
    this.stateS = from.timeS;
    this.objects = null;
  }
}
