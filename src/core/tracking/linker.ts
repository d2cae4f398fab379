import type { MotionFrame } from '../motion/candidate.js';
import { CandidateColumns } from './candidate-columns.js';
import { CandidateGrid } from './candidate-grid.js';
import { DescendingOrder } from './descending-order.js';
import { Hypothesis } from './hypothesis.js';
import { AXIS_NUMBERS, AXIS_PP, predictAxis, startAxis, updateAxis } from './kalman-axis.js';
import { PathLimits } from './path-limits.js';
import { type PathPoint, PathPoints } from './path-points.js';

export type { PathPoint } from './path-points.js';

/** A path that candidates make. Points in order of time. */
export interface Path {
  /** The same for all hypotheses that began with the same first points. */
  readonly rootId: number;
  readonly points: readonly PathPoint[];
  /** Log-likelihood ratio against clutter, natural units. */
  readonly score: number;
  /** Frames looked at since its first point, misses included. */
  readonly frames: number;
  /** Frames since its last point. */
  readonly missed: number;
}

/**
 * A path as the linker holds it: valid until its next step, while {@link Path.points} once read stay as they are. What is asked of every
 * path at every frame is here as numbers, so that no points need be made of paths that nobody looks at.
 */
export interface LinkedPath extends Path {
  /** Count of points. */
  readonly length: number;
  /** Height of the first point, pixels. */
  readonly firstX: number;
  readonly firstY: number;
  /** The last point: pixels, and seconds. */
  readonly lastX: number;
  readonly lastY: number;
  readonly lastSeenS: number;
  readonly lastSeq: number;
}

export interface LinkerOptions {
  /** Largest acceleration that gravity can cause in this picture, px/s². */
  readonly maxAccelerationPx: number;
  /** Fastest speed to follow, px/s. */
  readonly maxSpeedPx: number;
  /** How long a path may go unseen, seconds (balconies). */
  readonly coastS: number;
}

/** Chance to see an object again in the next frame. It is hidden behind balconies, or lost against a window like itself. */
const DETECTION = 0.85;
/** Mahalanobis distance², two degrees of freedom, that a path's next point may have: 99.97 % of them are nearer. */
const GATE = 16;
/**
 * Hypotheses kept in all: the clutter of heavy snow; beyond it the weakest go, and a fall that has just begun with them. With 800 three throws of three
 * were lost in a snow of 1080p; more cost time in such weather alone.
 */
const MAX_HYPOTHESES = 1600;
/** A hypothesis whose score falls this far below zero is clutter. */
const HOPELESS = -4;
/** Least share of the predicted way down that a next point must have gone, and most that it may lie beside the prediction, share of the way. */
const MIN_PROGRESS = 0.25;
const MAX_DEVIATION = 0.5;
/** Pixels granted on top of both: noise of the two centres, and of things some 20 px large. */
const SLACK_PX = 8;
/** Largest position noise looked for around a prediction, px²: that of a thing some 30 px large. */
const MAX_NOISE_PX2 = 16;
/** Free candidates a frame that may begin paths, the strongest: more are weather, in which the strongest are the nearest to be thrown. */
const MAX_SEEDS = 120;
/** Share of the largest acceleration by which it may change within a second (perspective, drag). */
const JERK_SHARE = 1.2;
/** Same thing from frame to frame: areas within this factor (plus a few pixels), as motion blur and backgrounds change them. */
const AREA_FACTOR = 5;
const AREA_SLACK_PX = 6;
/** What a change of the contrast's sign costs, natural units: a thing passes from a dark window to a bright wall, but mostly it does not. */
const SIGN_FLIP = 1.5;
/** Least downward speed at which a path can begin, pixels a frame: below it a pixel's noise looks like speed. */
const MIN_START_PX = 0.8;
/** Where the vertical state lies behind the horizontal one. */
const Y = AXIS_NUMBERS;

/**
 * Makes paths of candidates: any three in a row that fall alike begin one; each then lives as a small set of hypotheses with a
 * Kalman filter each, scored by how much better a falling thing explains the points than clutter of the local density does.
 *
 * Once it has met the most clutter of its scene it asks for no more memory: candidates are kept as columns, points shared between
 * paths, hypotheses used again.
 */
export class Linker {
  private paths_: Hypothesis[] = [];
  private spare: Hypothesis[] = [];
  /** Hypotheses of the frame at hand, and their scores. */
  private readonly next: Hypothesis[] = [];
  private nextCount = 0;
  private scores = new Float64Array(0);
  private readonly dropped: Hypothesis[] = [];
  private readonly unused: Hypothesis[] = [];
  private unusedCount = 0;
  private readonly points = new PathPoints();
  private readonly grid = new CandidateGrid();
  private readonly order = new DescendingOrder();
  private readonly limits = new PathLimits(MAX_HYPOTHESES);
  private moving = new CandidateColumns();
  /** Candidates that continue a path, by their place in `moving`. */
  private used = new Uint8Array(0);
  /** Free candidates of this frame and the two before. */
  private free = new CandidateColumns();
  private second = new CandidateColumns();
  private first = new CandidateColumns();
  private steps = 0;
  private nextRoot = 1;
  private nextSight = 1;
  /** A predicted state, x then y. */
  private readonly predicted = new Float64Array(2 * AXIS_NUMBERS);
  private readonly jerk: number;

  constructor(private readonly options: LinkerOptions) {
    this.jerk = (JERK_SHARE * options.maxAccelerationPx) ** 2;
  }

  /** All hypotheses, best first. */
  get paths(): readonly LinkedPath[] {
    return this.paths_;
  }

  /** Forgets everything of these roots (their path is taken over by an incident, or dismissed). */
  drop(rootIds: ReadonlySet<number>): void {
    // Somebody may be going through the list, and through the paths in it: both stay until the next step.
    for (const path of this.paths_) if (rootIds.has(path.rootId)) this.dropped.push(path);
    this.paths_ = this.paths_.filter((path) => !rootIds.has(path.rootId));
  }

  /** Marks with 1 the candidates of this frame, by place in its list, that are the last point of a path of at least so many points. */
  markOnPaths(minPoints: number, marks: Uint8Array): void {
    for (const path of this.paths_) {
      if (path.length >= minPoints && path.missed === 0) marks[path.candidateIndex] = 1;
    }
  }

  /**
   * Takes one frame.
   *
   * @param density stray candidates per px² and frame around a point.
   */
  step(frame: MotionFrame, density: (x: number, y: number) => number): void {
    this.take(frame);
    for (const path of this.paths_) this.extend(path, frame, density);
    this.free.copyFrom(this.moving, this.used, this.moving.count);
    if (this.steps >= 2) this.begin(density);
    this.prune();
    this.remember();
  }

  private take(frame: MotionFrame): void {
    const { moving } = this;
    moving.begin(frame);
    for (let i = 0; i < frame.candidates.length; i++) {
      const candidate = frame.candidates[i] as (typeof frame.candidates)[number];
      if (candidate.moving) moving.add(candidate, i, this.nextSight + i);
    }
    this.nextSight = (this.nextSight + frame.candidates.length) | 0;
    if (moving.count > this.used.length) this.used = new Uint8Array(2 * moving.count);
    this.used.fill(0, 0, moving.count);
    this.grid.fill(moving.x, moving.y, moving.count);
  }

  private extend(path: Hypothesis, frame: MotionFrame, density: Density): void {
    const { moving, predicted } = this;
    const dt = frame.timeS - path.stateS;
    predictAxis(path.state, 0, predicted, 0, dt, this.jerk * 0.1);
    predictAxis(path.state, Y, predicted, Y, dt, this.jerk);
    const lastContrast = this.points.contrastOf(path.last);
    // The two likeliest: a path may split in two.
    let best = -1;
    let bestGain = 0;
    let other = -1;
    let otherGain = 0;
    const found = this.candidatesNear(path);
    const { hits } = this.grid;
    for (let k = 0; k < found; k++) {
      const i = hits[k] as number;
      const r = moving.noise[i] as number;
      const sx = (predicted[AXIS_PP] as number) + r;
      const sy = (predicted[Y + AXIS_PP] as number) + r;
      const ex = (moving.x[i] as number) - (predicted[0] as number);
      const ey = (moving.y[i] as number) - (predicted[Y] as number);
      const d2 = (ex * ex) / sx + (ey * ey) / sy;
      if (d2 > GATE) continue;
      const flip = lastContrast * (moving.contrast[i] as number) < 0 ? SIGN_FLIP : 0;
      const gain = gainOf(d2, sx * sy, density(moving.x[i] as number, moving.y[i] as number)) - flip;
      if (best < 0 || gain > bestGain) {
        other = best;
        otherGain = bestGain;
        best = i;
        bestGain = gain;
      } else if (other < 0 || gain > otherGain) {
        other = i;
        otherGain = gain;
      }
    }
    if (best >= 0) this.branch(path, best, bestGain);
    if (other >= 0) this.branch(path, other, otherGain);
    if (frame.timeS - path.lastSeenS > this.options.coastS) return;
    const miss = frame.flooded ? 0 : Math.log(1 - DETECTION);
    if (path.score + miss < HOPELESS) return;
    const coasting = this.fresh();
    coasting.copyFrom(path);
    this.points.use(path.last);
    coasting.score += miss;
    coasting.frames++;
    coasting.missed++;
    coasting.stateS = frame.timeS;
    coasting.state.set(predicted);
    this.next[this.nextCount++] = coasting;
  }

  /** Narrows the grid's hits to the candidates that could continue a path in the predicted state, whatever their probability. */
  private candidatesNear(path: Hypothesis): number {
    const { moving, predicted, points } = this;
    const px = predicted[0] as number;
    const py = predicted[Y] as number;
    const reachX = Math.sqrt(GATE * ((predicted[AXIS_PP] as number) + MAX_NOISE_PX2));
    const reachY = Math.sqrt(GATE * ((predicted[Y + AXIS_PP] as number) + MAX_NOISE_PX2));
    const found = this.grid.find(px - reachX, py - reachY, px + reachX, py + reachY);
    if (found === 0) return 0;
    const lastY = points.yOf(path.last);
    const lastAreaPx = points.areaPxOf(path.last);
    const fallen = py - lastY;
    const wayPx = length(px - points.xOf(path.last), fallen);
    const { hits } = this.grid;
    let kept = 0;
    for (let k = 0; k < found; k++) {
      const i = hits[k] as number;
      const x = moving.x[i] as number;
      const y = moving.y[i] as number;
      if (x < px - reachX || x > px + reachX || y < py - reachY || y > py + reachY) continue;
      if (!alike(lastAreaPx, moving.areaPx[i] as number)) continue;
      // However unsure the filter is after a gap: what falls neither turns back nor jumps aside.
      if (y - lastY < MIN_PROGRESS * fallen - SLACK_PX) continue;
      if (length(x - px, y - py) > SLACK_PX + MAX_DEVIATION * wayPx) continue;
      hits[kept++] = i;
    }
    return kept;
  }

  /** A path goes on with a candidate, unless it is clutter's with it. */
  private branch(path: Hypothesis, i: number, gain: number): void {
    if (path.score + gain < HOPELESS) return;
    const { moving, predicted } = this;
    const branch = this.fresh();
    branch.copyFrom(path);
    branch.score += gain;
    // What clutter explains better than this path takes no candidate from one that begins with it.
    if (branch.score > 0) this.used[i] = 1;
    branch.frames++;
    branch.state.set(predicted);
    branch.see(this.points.add(path.last, moving, i), moving, i);
    updateAxis(branch.state, 0, moving.x[i] as number, moving.noise[i] as number);
    updateAxis(branch.state, Y, moving.y[i] as number, moving.noise[i] as number);
    this.next[this.nextCount++] = branch;
  }

  /** New paths from three free candidates in a row. */
  private begin(density: Density): void {
    const { first, second, free, grid } = this;
    if (first.count === 0 || second.count === 0 || free.count === 0) return;
    const dt1 = second.timeS - first.timeS;
    const dt2 = free.timeS - second.timeS;
    const { maxSpeedPx, maxAccelerationPx } = this.options;
    grid.fill(free.x, free.y, Math.min(MAX_SEEDS, free.count));
    const slack = maxAccelerationPx * dt2 * (dt1 + dt2) * 0.5;
    for (let b = 0; b < second.count; b++) {
      const bx = second.x[b] as number;
      const by = second.y[b] as number;
      const bAreaPx = second.areaPx[b] as number;
      for (let a = 0; a < first.count; a++) {
        const dy = by - (first.y[a] as number);
        if (dy < MIN_START_PX || dy > maxSpeedPx * dt1) continue;
        const dx = bx - (first.x[a] as number);
        if (Math.abs(dx) > 2 * dy + 1 || !alike(first.areaPx[a] as number, bAreaPx)) continue;
        const px = bx + (dx * dt2) / dt1;
        const py = by + (dy * dt2) / dt1;
        const noiseAB = 4 * (second.noise[b] as number) + (first.noise[a] as number);
        const reach = 3 * Math.sqrt(MAX_NOISE_PX2 + noiseAB);
        const found = grid.find(px - reach, py - reach, px + reach, py + reach + slack);
        for (let k = 0; k < found; k++) {
          const c = grid.hits[k] as number;
          const tolerance = Math.min(reach, 3 * Math.sqrt((free.noise[c] as number) + noiseAB));
          const cy = free.y[c] as number;
          if (Math.abs((free.x[c] as number) - px) > tolerance || cy < py - tolerance || cy > py + tolerance + slack) continue;
          if (alike(bAreaPx, free.areaPx[c] as number)) this.start(a, b, c, density);
        }
      }
    }
  }

  private start(a: number, b: number, c: number, density: Density): void {
    const { first, second, free, points } = this;
    const started = this.fresh();
    const { state } = started;
    const sigma = this.options.maxAccelerationPx / 2;
    const dt1 = second.timeS - first.timeS;
    const dt2 = free.timeS - second.timeS;
    const r = second.noise[b] as number;
    startAxis(state, 0, first.x[a] as number, second.x[b] as number, dt1, r, 0, sigma / 4);
    startAxis(state, Y, first.y[a] as number, second.y[b] as number, dt1, r, sigma / 2, sigma);
    predictAxis(state, 0, state, 0, dt2, this.jerk * 0.1);
    predictAxis(state, Y, state, Y, dt2, this.jerk);
    const x = free.x[c] as number;
    const y = free.y[c] as number;
    const rc = free.noise[c] as number;
    // The first two points are free; the third must be where the others say, which clutter rarely is.
    const sx = (state[AXIS_PP] as number) + rc;
    const sy = (state[Y + AXIS_PP] as number) + rc;
    const ex = x - (state[0] as number);
    const ey = y - (state[Y] as number);
    const d2 = Math.min(GATE, (ex * ex) / sx + (ey * ey) / sy);
    started.rootId = this.nextRoot++;
    started.score = gainOf(d2, sx * sy, density(x, y));
    started.frames = 3;
    started.length = 2;
    started.firstX = first.x[a] as number;
    started.firstY = first.y[a] as number;
    const before = points.add(points.add(-1, first, a), second, b);
    points.release(points.beforeOf(before));
    started.see(points.add(before, free, c), free, c);
    points.release(before);
    updateAxis(state, 0, x, rc);
    updateAxis(state, Y, y, rc);
    this.next[this.nextCount++] = started;
  }

  /** Best first; at most a few a root; of two that share their last two points only the better; at most {@link MAX_HYPOTHESES}. */
  private prune(): void {
    for (const path of this.paths_) this.discard(path);
    for (let path = this.dropped.pop(); path !== undefined; path = this.dropped.pop()) this.discard(path);
    const { next, nextCount: count, points } = this;
    if (count > this.scores.length) this.scores = new Float64Array(2 * count);
    for (let i = 0; i < count; i++) this.scores[i] = (next[i] as Hypothesis).score;
    const order = this.order.sort(this.scores, count);
    this.limits.begin(count > MAX_HYPOTHESES);
    const kept = this.spare;
    this.spare = this.paths_;
    let keptCount = 0;
    for (let k = 0; k < count; k++) {
      const path = next[order[k] as number] as Hypothesis;
      const fits = keptCount < MAX_HYPOTHESES;
      if (fits && this.limits.takes(path.rootId, points.sightOf(path.last), points.sightOf(points.beforeOf(path.last)))) {
        kept[keptCount++] = path;
      } else {
        this.discard(path);
      }
    }
    kept.length = keptCount;
    this.nextCount = 0;
    this.paths_ = kept;
  }

  /** The strongest free candidates may begin paths in the next two frames. */
  private remember(): void {
    const forgotten = this.first;
    this.first = this.second;
    this.second = this.free;
    this.free = forgotten;
    if (this.second.count > MAX_SEEDS) this.second.count = MAX_SEEDS;
    this.steps++;
  }

  private fresh(): Hypothesis {
    return this.unusedCount > 0 ? (this.unused[--this.unusedCount] as Hypothesis) : new Hypothesis(this.points);
  }

  private discard(path: Hypothesis): void {
    this.points.release(path.last);
    path.forget();
    this.unused[this.unusedCount++] = path;
  }
}

type Density = (x: number, y: number) => number;

/** How much better a falling thing explains a candidate than clutter does, natural units. @param variances product of both, px⁴. */
function gainOf(d2: number, variances: number, density: number): number {
  const likelihood = Math.exp(-d2 / 2) / (2 * Math.PI * Math.sqrt(variances));
  return Math.log((DETECTION * likelihood) / density);
}

const length = (x: number, y: number): number => Math.sqrt(x * x + y * y);

function alike(areaA: number, areaB: number): boolean {
  const small = Math.min(areaA, areaB) + AREA_SLACK_PX;
  const large = Math.max(areaA, areaB) + AREA_SLACK_PX;
  return large <= AREA_FACTOR * small;
}
