import type { Point } from '../../domain/geometry.js';
import type { Reason, ThrowDetails } from '../../domain/incident.js';
import { FEEDBACK_CRITERION, type Lesson, MAX_LESSONS, type Teaching } from '../../domain/lesson.js';
import type { Judgement } from './judgement.js';

/**
 * How far apart two throws may lie and still be alike, as standard deviations. Places in picture heights: 0.04 is a storey of a tower that
 * fills the picture. Larger ones punish neighbours for a gutter; smaller ones miss the next drop beside it.
 */
const ORIGIN_SIGMA = 0.04;
const CORRIDOR_SIGMA = 0.04;
/**
 * Of the logarithm of the times that both take for the same way: 0.25 tells a can from a brick after three floors, and forgives a late
 * first sight.
 */
const PACE_SIGMA = 0.25;
/**
 * Of the logarithm of the sizes: of things of 3 px, sizes are off by half. Smaller, and the same drop of another light is new; larger, and
 * size says nothing.
 */
const SIZE_SIGMA = 0.7;
/**
 * What is left of the likeness when the terminal speeds exclude each other: another kind of thing at the same place. 0 would trust an
 * interval that noise has moved.
 */
const OTHER_WEIGHT = 0.2;
/** Heights at which two paths are compared: more than a bend of a fall needs. */
const LEVELS = 8;

/**
 * Doubt, 0..1, from which feedback has a say: two half-lives of one false alarm just like it. Lower, and it reaches farther in place and
 * time; higher, and neighbours of a gutter cry on.
 */
const MIN_DOUBT = 0.25;
/** Evidence asked for at full doubt, beyond that of the false alarm: as much again. What repeats itself scatters by a third. */
const MORE_EVIDENCE = 1;
/** Confidence that is left at full doubt of a finding which does not reach that, and the most it may have: below all confirmed ones. */
const LEFT_AT_FULL_DOUBT = 0.5;
/** See above: an ordering, which breaks when doubted findings outrank confirmed ones. */
const MOST_CONFIDENCE = 0.45;
/**
 * Floors of drop from which a thing that may be heavy is reported whatever was said before: four floors are 12 m, which a drop of water or
 * a leaf never falls as a brick does.
 */
const NEVER_SILENT_FLOORS = 4;
/** Terminal speed that it must be able to have, m/s: where the class heavy begins. */
const NEVER_SILENT_MPS = 20;
/**
 * Half-lives after which a lesson counts no more: 3 % are left. More only keep rows that change nothing; fewer forget what together still
 * had a say.
 */
const LASTS_HALF_LIVES = 5;
/** Criteria that say how much evidence there is; larger is more. */
const EVIDENCE: readonly string[] = ['fall_against_steady_motion', 'acceleration', 'against_clutter'];

/** How long lessons are of use with this half-life; both milliseconds. */
export function memoryMs(halfLifeMs: number): number {
  return LASTS_HALF_LIVES * halfLifeMs;
}

interface Remembered {
  readonly event: string;
  readonly outcome: Lesson['outcome'];
  /** 0..1, faded. */
  readonly weight: number;
  readonly shape: Shape;
  readonly evidence: ReadonlyMap<string, number>;
}

/** Place and motion of a throw. Lengths in picture heights. */
interface Shape {
  /** In order of time. */
  readonly points: readonly (Point & { readonly t: number })[];
  readonly size: number;
  readonly terminalSpeedMps: ThrowDetails['terminalSpeedMps'];
}

/**
 * What a camera has learnt from the centre: where and how things moved that turned out to be false alarms, and real ones. A finding that is
 * like a false alarm must bring more evidence than that one had, or it is only suspected; a real one like it speaks for it. Lessons fade with
 * their half-life. Pure: without lessons it changes nothing.
 */
export class Feedback {
  private remembered: readonly Remembered[] = [];

  constructor(
    private readonly picture: { readonly width: number; readonly height: number },
    private readonly halfLifeMs: number,
  ) {}

  /** Takes over all that is known now, in place of what was known before. */
  learn({ lessons, nowMs }: Teaching): void {
    const newest = [...lessons].sort((a, b) => b.learntAtMs - a.learntAtMs).slice(0, MAX_LESSONS);
    this.remembered = newest.flatMap(({ incident, outcome, strength, learntAtMs }) => {
      const age = Math.max(0, nowMs - learntAtMs) / this.halfLifeMs;
      // With a half-life of 0 nothing is learnt: the age is infinite, or not a number.
      if (!(age <= LASTS_HALF_LIVES) || incident.throw === null) return [];
      const evidence = new Map(incident.reasons.filter(isEvidence).map((r) => [r.criterion, Math.max(r.value, r.threshold)]));
      return [{ event: incident.id, outcome, weight: strength * 2 ** -age, shape: this.shapeOf(incident.throw), evidence }];
    });
  }

  /** The judgement in the light of what was learnt: the same one, or less sure and with the reason why. */
  temper(judgement: Judgement, details: ThrowDetails): Judgement {
    if (this.remembered.length === 0) return judgement;
    const shape = this.shapeOf(details);
    let trusted = 1;
    let unlike = 1;
    let nearest: { readonly lesson: Remembered; readonly weight: number } | null = null;
    for (const lesson of this.remembered) {
      const weight = lesson.weight * likeness(lesson.shape, shape);
      if (lesson.outcome === 'real') trusted *= 1 - weight;
      else {
        unlike *= 1 - weight;
        if (nearest === null || weight > nearest.weight) nearest = { lesson, weight };
      }
    }
    const doubt = (1 - unlike) * trusted;
    if (nearest === null || doubt < MIN_DOUBT) return judgement;
    const reason: Reason = {
      criterion: FEEDBACK_CRITERION,
      value: timesTheEvidence(judgement.reasons, nearest.lesson.evidence),
      threshold: 1 + MORE_EVIDENCE * doubt,
      unit: 'times its evidence',
      event: nearest.lesson.event,
    };
    if (reason.value >= reason.threshold) return { ...judgement, reasons: [...judgement.reasons, reason] };
    return {
      ...judgement,
      verdict: 'suspected',
      confidence: Math.min(MOST_CONFIDENCE, judgement.confidence * (1 - (1 - LEFT_AT_FULL_DOUBT) * doubt)),
      reasons: [reason, ...judgement.reasons],
      failed: [FEEDBACK_CRITERION, ...judgement.failed],
    };
  }

  private shapeOf({ trajectory, terminalSpeedMps }: ThrowDetails): Shape {
    const aspect = this.picture.width / this.picture.height;
    const sizes = trajectory.map((p) => Math.max(p.w * aspect, p.h)).sort((a, b) => a - b);
    return {
      points: trajectory.map(({ t, x, y }) => ({ t, x: x * aspect, y })),
      size: sizes[sizes.length >> 1] ?? 0,
      terminalSpeedMps,
    };
  }
}

/**
 * Whether a finding that feedback made only suspected must be reported even where suspected ones are not wanted: all that may be heavy
 * and fell far enough to be sure that it fell. On a camera without a facade nobody can say, so it is reported.
 */
export function mayNotBeSilenced({ terminalSpeedMps, fall }: Pick<ThrowDetails, 'terminalSpeedMps' | 'fall'>): boolean {
  const fastest = terminalSpeedMps?.[1] ?? Number.POSITIVE_INFINITY;
  if (fastest < NEVER_SILENT_MPS) return false;
  return fall.dropFloors === null || fall.dropFloors >= NEVER_SILENT_FLOORS;
}

const isEvidence = ({ criterion }: Reason): boolean => EVIDENCE.includes(criterion);

/** The least that any kind of evidence is of what the false alarm had; 1 when nothing can be compared. */
function timesTheEvidence(reasons: readonly Reason[], theirs: ReadonlyMap<string, number>): number {
  const ratios = reasons.filter(isEvidence).flatMap(({ criterion, value }) => {
    const its = theirs.get(criterion);
    return its === undefined || its <= 0 ? [] : [value / its];
  });
  return ratios.length === 0 ? 1 : Math.max(0, Math.min(...ratios));
}

/** How alike two throws are in place and motion, 0..1. `known` is the earlier one: a way that goes on beyond it is less like it. */
function likeness(known: Shape, other: Shape): number {
  const [a, b] = [known.points[0], other.points[0]];
  if (a === undefined || b === undefined) return 0;
  const top = Math.max(a.y, b.y);
  const ends = [known, other].map(({ points }) => points.reduce((low, p) => Math.max(low, p.y), 0)) as [number, number];
  const bottom = Math.min(...ends);
  if (bottom <= top) return 0;
  const common = Math.min(1, (bottom - top) / (ends[1] - b.y));
  const across: number[] = [];
  for (let i = 0; i <= LEVELS; i++) {
    const y = top + ((bottom - top) * i) / LEVELS;
    across.push(Math.abs(passing(known, y).x - passing(other, y).x));
  }
  const pace = Math.log(timeFor(known, top, bottom) / timeFor(other, top, bottom));
  const z2 =
    (Math.hypot(a.x - b.x, a.y - b.y) / ORIGIN_SIGMA) ** 2 +
    (across.reduce((sum, d) => sum + d, 0) / across.length / CORRIDOR_SIGMA) ** 2 +
    (pace / PACE_SIGMA) ** 2 +
    (Math.log((known.size + 1e-4) / (other.size + 1e-4)) / SIZE_SIGMA) ** 2;
  return common * (excludeEachOther(known.terminalSpeedMps, other.terminalSpeedMps) ? OTHER_WEIGHT : 1) * Math.exp(-z2 / 2);
}

function excludeEachOther(a: ThrowDetails['terminalSpeedMps'], b: ThrowDetails['terminalSpeedMps']): boolean {
  if (a === null || b === null) return false;
  return a[0] > (b[1] ?? Number.POSITIVE_INFINITY) || b[0] > (a[1] ?? Number.POSITIVE_INFINITY);
}

/** Seconds from one height to a lower one; never 0. */
function timeFor(shape: Shape, top: number, bottom: number): number {
  return Math.max(0.02, passing(shape, bottom).t - passing(shape, top).t);
}

/** Where and when a path first reaches a height, by straight lines between its points. */
function passing({ points }: Shape, y: number): { readonly x: number; readonly t: number } {
  const i = points.findIndex((p) => p.y >= y);
  const below = points[i === -1 ? points.length - 1 : i] as Point & { readonly t: number };
  const above = points[i - 1];
  if (i <= 0 || above === undefined || below.y <= above.y) return below;
  const share = (y - above.y) / (below.y - above.y);
  return { x: above.x + share * (below.x - above.x), t: above.t + share * (below.t - above.t) };
}
