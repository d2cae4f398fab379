import type { Candidate, MotionFrame } from '../motion/candidate.js';
import { CandidateGrid } from './candidate-grid.js';
import { type AxisState, predictAxis, startAxis, updateAxis } from './kalman-axis.js';

/** One candidate on a path, and when it was seen. */
export interface PathPoint {
  readonly seq: number;
  readonly ptsMs: number;
  readonly timeS: number;
  readonly candidate: Candidate;
}

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

export interface LinkerOptions {
  /** Largest acceleration that gravity can cause in this picture, px/s². */
  readonly maxAccelerationPx: number;
  /** Fastest speed to follow, px/s. */
  readonly maxSpeedPx: number;
  /** How long a path may go unseen, seconds (balconies). */
  readonly coastS: number;
}

interface Hypothesis extends Path {
  readonly x: AxisState;
  readonly y: AxisState;
  readonly stateS: number;
  readonly lastSeenS: number;
}

/** Chance to see an object again in the next frame. It is hidden behind balconies, or lost against a window like itself. */
const DETECTION = 0.85;
/** Mahalanobis distance², two degrees of freedom, that a path's next point may have: 99.97 % of them are nearer. */
const GATE = 16;
/** Branches a path may split into at one frame, and hypotheses kept for one root. */
const BRANCHES = 2;
const PER_ROOT = 4;
/** Hypotheses kept in all: the clutter of heavy rain; beyond it the weakest go. */
const MAX_HYPOTHESES = 400;
/** A hypothesis whose score falls this far below zero is clutter. */
const HOPELESS = -4;
/** Position noise of a candidate's centre: this plus a share of its size, pixels. */
const NOISE_PX = 0.6;
const NOISE_SIZE_SHARE = 0.12;
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

/**
 * Makes paths of candidates: any three in a row that fall alike begin one; each then lives as a small set of hypotheses with a
 * Kalman filter each, scored by how much better a falling thing explains the points than clutter of the local density does.
 */
export class Linker {
  private hypotheses: Hypothesis[] = [];
  private earlier: { frame: MotionFrame; free: readonly Candidate[] }[] = [];
  private nextRoot = 1;

  constructor(private readonly options: LinkerOptions) {}

  /** All hypotheses, best first. */
  get paths(): readonly Path[] {
    return this.hypotheses;
  }

  /** Forgets everything of these roots (their path is taken over by an incident, or dismissed). */
  drop(rootIds: ReadonlySet<number>): void {
    this.hypotheses = this.hypotheses.filter((h) => !rootIds.has(h.rootId));
  }

  /**
   * Takes one frame.
   *
   * @param density stray candidates per px² and frame around a point.
   */
  step(frame: MotionFrame, density: (x: number, y: number) => number): void {
    const moving = frame.candidates.filter((c) => c.moving);
    const grid = new CandidateGrid(moving);
    const used = new Set<Candidate>();
    const next: Hypothesis[] = [];
    for (const h of this.hypotheses) this.extend(h, frame, grid, density, used, next);
    const free = moving.filter((c) => !used.has(c));
    this.begin(frame, free, density, next);
    this.hypotheses = prune(next);
    this.earlier.push({ frame, free: free.slice(0, MAX_SEEDS) });
    if (this.earlier.length > 2) this.earlier.shift();
  }

  private extend(h: Hypothesis, frame: MotionFrame, grid: CandidateGrid, density: Density, used: Set<Candidate>, next: Hypothesis[]): void {
    const dt = frame.timeS - h.stateS;
    const jerk = (JERK_SHARE * this.options.maxAccelerationPx) ** 2;
    const x = predictAxis(h.x, dt, jerk * 0.1);
    const y = predictAxis(h.y, dt, jerk);
    const last = (h.points[h.points.length - 1] as PathPoint).candidate;
    const options: { gain: number; candidate: Candidate; r: number }[] = [];
    const reachX = Math.sqrt(GATE * (x.c[0] + MAX_NOISE_PX2));
    const reachY = Math.sqrt(GATE * (y.c[0] + MAX_NOISE_PX2));
    grid.visit(x.p - reachX, y.p - reachY, x.p + reachX, y.p + reachY, (candidate) => {
      if (!alike(last, candidate)) return;
      // However unsure the filter is after a gap: what falls neither turns back nor jumps aside.
      const fallen = y.p - last.y;
      if (candidate.y - last.y < MIN_PROGRESS * fallen - SLACK_PX) return;
      if (Math.hypot(candidate.x - x.p, candidate.y - y.p) > SLACK_PX + MAX_DEVIATION * Math.hypot(x.p - last.x, fallen)) return;
      const r = noise(candidate);
      const sx = x.c[0] + r;
      const sy = y.c[0] + r;
      const d2 = (candidate.x - x.p) ** 2 / sx + (candidate.y - y.p) ** 2 / sy;
      if (d2 > GATE) return;
      const likelihood = Math.exp(-d2 / 2) / (2 * Math.PI * Math.sqrt(sx * sy));
      const flip = last.contrast * candidate.contrast < 0 ? SIGN_FLIP : 0;
      options.push({ gain: Math.log((DETECTION * likelihood) / density(candidate.x, candidate.y)) - flip, candidate, r });
    });
    options.sort((a, b) => b.gain - a.gain);
    for (const { gain, candidate, r } of options.slice(0, BRANCHES)) {
      used.add(candidate);
      next.push({
        ...h,
        points: [...h.points, point(frame, candidate)],
        score: h.score + gain,
        frames: h.frames + 1,
        missed: 0,
        x: updateAxis(x, candidate.x, r),
        y: updateAxis(y, candidate.y, r),
        stateS: frame.timeS,
        lastSeenS: frame.timeS,
      });
    }
    if (frame.timeS - h.lastSeenS > this.options.coastS) return;
    const miss = frame.flooded ? 0 : Math.log(1 - DETECTION);
    if (h.score + miss < HOPELESS) return;
    next.push({ ...h, score: h.score + miss, frames: h.frames + 1, missed: h.missed + 1, x, y, stateS: frame.timeS });
  }

  /** New paths from three free candidates in a row. */
  private begin(frame: MotionFrame, free: readonly Candidate[], density: Density, next: Hypothesis[]): void {
    const [first, second] = this.earlier;
    if (first === undefined || second === undefined) return;
    const dt1 = second.frame.timeS - first.frame.timeS;
    const dt2 = frame.timeS - second.frame.timeS;
    const { maxSpeedPx, maxAccelerationPx } = this.options;
    const grid = new CandidateGrid(free.slice(0, MAX_SEEDS));
    const slack = maxAccelerationPx * dt2 * (dt1 + dt2) * 0.5;
    for (const b of second.free) {
      for (const a of first.free) {
        const dy = b.y - a.y;
        const dx = b.x - a.x;
        if (dy < MIN_START_PX || dy > maxSpeedPx * dt1 || Math.abs(dx) > 2 * dy + 1 || !alike(a, b)) continue;
        const px = b.x + (dx * dt2) / dt1;
        const py = b.y + (dy * dt2) / dt1;
        const noiseAB = 4 * noise(b) + noise(a);
        const reach = 3 * Math.sqrt(MAX_NOISE_PX2 + noiseAB);
        grid.visit(px - reach, py - reach, px + reach, py + reach + slack, (c) => {
          const tolerance = 3 * Math.sqrt(noise(c) + noiseAB);
          if (Math.abs(c.x - px) > tolerance || c.y < py - tolerance || c.y > py + tolerance + slack || !alike(b, c)) return;
          next.push(this.start([point(first.frame, a), point(second.frame, b), point(frame, c)], density));
        });
      }
    }
  }

  private start(points: readonly [PathPoint, PathPoint, PathPoint], density: Density): Hypothesis {
    const [a, b, c] = points;
    const sigma = this.options.maxAccelerationPx / 2;
    const dt1 = b.timeS - a.timeS;
    const dt2 = c.timeS - b.timeS;
    const r = noise(b.candidate);
    const jerk = (JERK_SHARE * this.options.maxAccelerationPx) ** 2;
    const x = predictAxis(startAxis(a.candidate.x, b.candidate.x, dt1, r, 0, sigma / 4), dt2, jerk * 0.1);
    const y = predictAxis(startAxis(a.candidate.y, b.candidate.y, dt1, r, sigma / 2, sigma), dt2, jerk);
    const rc = noise(c.candidate);
    // The first two points are free; the third must be where the others say, which clutter rarely is.
    const sx = x.c[0] + rc;
    const sy = y.c[0] + rc;
    const d2 = Math.min(GATE, (c.candidate.x - x.p) ** 2 / sx + (c.candidate.y - y.p) ** 2 / sy);
    const likelihood = Math.exp(-d2 / 2) / (2 * Math.PI * Math.sqrt(sx * sy));
    return {
      rootId: this.nextRoot++,
      points,
      score: Math.log((DETECTION * likelihood) / density(c.candidate.x, c.candidate.y)),
      frames: 3,
      missed: 0,
      x: updateAxis(x, c.candidate.x, rc),
      y: updateAxis(y, c.candidate.y, rc),
      stateS: c.timeS,
      lastSeenS: c.timeS,
    };
  }
}

type Density = (x: number, y: number) => number;

const point = (frame: MotionFrame, candidate: Candidate): PathPoint => ({
  seq: frame.seq,
  ptsMs: frame.ptsMs,
  timeS: frame.timeS,
  candidate,
});

const noise = (c: Candidate): number => (NOISE_PX + NOISE_SIZE_SHARE * Math.max(c.w, c.h)) ** 2;

function alike(a: Candidate, b: Candidate): boolean {
  const small = Math.min(a.areaPx, b.areaPx) + AREA_SLACK_PX;
  const large = Math.max(a.areaPx, b.areaPx) + AREA_SLACK_PX;
  return large <= AREA_FACTOR * small;
}

/** Best first; at most a few a root; of two that share their last two points only the better; at most {@link MAX_HYPOTHESES}. */
function prune(hypotheses: Hypothesis[]): Hypothesis[] {
  hypotheses.sort((a, b) => b.score - a.score);
  const perRoot = new Map<number, number>();
  const tails = new Map<Candidate, Set<Candidate | undefined>>();
  const kept: Hypothesis[] = [];
  for (const h of hypotheses) {
    const count = perRoot.get(h.rootId) ?? 0;
    if (count >= PER_ROOT) continue;
    const last = h.points[h.points.length - 1] as PathPoint;
    const before = h.points[h.points.length - 2]?.candidate;
    const seen = tails.get(last.candidate);
    if (seen?.has(before)) continue;
    if (seen === undefined) tails.set(last.candidate, new Set([before]));
    else seen.add(before);
    perRoot.set(h.rootId, count + 1);
    kept.push(h);
    if (kept.length === MAX_HYPOTHESES) break;
  }
  return kept;
}
