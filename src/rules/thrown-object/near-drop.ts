import type { Candidate, MotionFrame } from '../../core/motion/candidate.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { Reason } from '../../domain/incident.js';
import { MIN_POINTS_UNCALIBRATED } from './judge-in-picture.js';
import type { Judgement } from './judgement.js';
import { median } from './path-evidence.js';
import { MAX_SIDEWAYS, MIN_SIZES_PER_S, MIN_SPEED_KEPT, quickArrival, speedPx, thinPx } from './quick-arrival.js';
import { REST_S, type Rested, RestWatch } from './rest-watch.js';

export interface NearDropOptions {
  /** Of the picture, pixels. */
  readonly height: number;
  /** Least drop, fraction of the picture's height. */
  readonly minDropShare: number;
}

/** Something that fell near the lens, and where it came to lie. */
export interface NearDrop {
  /** Its sights on the way down, at least three. */
  readonly points: readonly PathPoint[];
  readonly lies: PathPoint;
  /** Always suspected: three pictures tell no acceleration. */
  readonly judgement: Judgement;
}

/**
 * Smallest thing that counts as near, as the side of a square: share of the picture's height, and pixels. A cup in a room is 0.05. Smaller, and
 * what crawls and flickers comes to rest everywhere; what is small has fallen for longer, and its path speaks for itself.
 */
const MIN_SIDE_SHARE = 0.025;
const MIN_SIDE_PX = 8;
/** Longest time from the first sight of a fall to the first at rest, seconds: a bounce and a roll. Longer, and something else fell. */
const SETTLES_S = 1;
/**
 * How long before the fall its resting place must have been empty and the picture whole, seconds: longer than a hand takes to come and go. Longer, and
 * the second of two things dropped is missed; shorter, and what a hand or a knock has moved counts as new.
 */
const EMPTY_S = 1;
/** Share of the thing's area from which something was there before: a half would overlook what has half become background, a tenth sees noise. */
const OLD_SHARE = 0.25;
/**
 * The same from which something that moves beside it is a hand, or a foot, that brought it. Less, and its own shadow and codec noise disown it; more,
 * and small hands bring large things unseen.
 */
const BESIDE_SHARE = 0.5;
/**
 * How long it must be left alone where it lies, seconds from the first sight there: whoever puts a thing down is gone by then, and seen going.
 * Longer, and more things dropped in company are missed; shorter, and hands that rest are things.
 */
const LEFT_ALONE_S = 1.2;
/**
 * Areas in the fall and at rest within this factor: blur makes the one up to 5 times larger (measured), its shadow the other. More, and a crumb lies where a
 * hand was; less, and what is blurred is not known again.
 */
const AREA_FACTOR = 8;
/**
 * How far down it must lie, share of the drop: things that bounce away over a floor rise in the picture, but not to where they came from (0.6
 * measured). Lower, and what lies on a shelf has fallen past it; higher, and what slides away over the floor is missed.
 */
const MIN_LOW_SHARE = 0.5;

interface Waiting {
  readonly points: readonly PathPoint[];
  readonly rested: Rested;
}

/**
 * Finds what falls too near and too quickly to be followed: three to eight pictures, blurred, of something large. So short a path could be a hand's. What
 * tells it is what it leaves behind: where nothing lay before, something lies now, and stays, and nobody is seen to have put it there.
 */
export class NearDrops {
  private readonly rests: RestWatch;
  private readonly minAreaPx: number;
  private firstS: number | null = null;
  private waiting: Waiting[] = [];
  /** When the last fall that was told of ended, seconds: what rolls comes to rest more than once. */
  private toldUntilS = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: NearDropOptions) {
    this.minAreaPx = Math.max(MIN_SIDE_PX, MIN_SIDE_SHARE * options.height) ** 2;
    this.rests = new RestWatch(this.minAreaPx);
  }

  /** @param history the last few seconds, the frame at hand included, in order of time. */
  step(frame: MotionFrame, history: readonly MotionFrame[]): readonly NearDrop[] {
    this.firstS ??= frame.timeS;
    for (const rested of this.rests.step(frame)) {
      const points = this.arrival(rested.first, history);
      if (points !== null) this.waiting.push({ points, rested });
    }
    return this.waiting.length === 0 ? [] : this.release(frame.timeS, history);
  }

  /** The stream is over: what lies still now is told. */
  finish(history: readonly MotionFrame[]): readonly NearDrop[] {
    return this.release(Number.POSITIVE_INFINITY, history);
  }

  /** The fall that ended here; `null` when there was none, or when something lay here before it. */
  private arrival(rest: PathPoint, history: readonly MotionFrame[]): readonly PathPoint[] | null {
    const place = rest.candidate;
    const frames = history.filter(({ timeS }) => timeS >= rest.timeS - SETTLES_S && timeS <= rest.timeS);
    const minDropPx = this.options.minDropShare * this.options.height;
    // What bounces and slides goes no farther than it fell.
    const points = quickArrival(
      frames,
      this.minAreaPx,
      (last, dropPx) =>
        dropPx >= minDropPx && Math.hypot(last.x - place.x, last.y - place.y) <= dropPx && place.y >= last.y - (1 - MIN_LOW_SHARE) * dropPx,
    );
    if (points === null) return null;
    const areas = median(points.map((p) => p.candidate.areaPx)) / place.areaPx;
    if (Math.max(areas, 1 / areas) > AREA_FACTOR) return null;
    const startS = (points[0] as PathPoint).timeS;
    if (startS - (this.firstS as number) < EMPTY_S) return null;
    const before = history.filter(({ timeS }) => timeS >= startS - EMPTY_S && timeS < startS);
    return before.some((frame) => frame.flooded || frame.candidates.some((c) => isAt(place, c, OLD_SHARE))) ? null : points;
  }

  private release(nowS: number, history: readonly MotionFrame[]): readonly NearDrop[] {
    const drops: NearDrop[] = [];
    this.waiting = this.waiting.filter(({ points, rested }) => {
      if (nowS - rested.first.timeS < LEFT_ALONE_S) return true;
      const start = points[0] as PathPoint;
      const end = points[points.length - 1] as PathPoint;
      if (start.timeS <= this.toldUntilS || !leftAlone(start, rested.first, history)) return false;
      this.toldUntilS = end.timeS;
      drops.push({ points, lies: rested.first, judgement: this.judgementOf(points, rested) });
      return false;
    });
    return drops;
  }

  private judgementOf(points: readonly PathPoint[], { first, last }: Rested): Judgement {
    const from = points[0] as PathPoint;
    const to = points[points.length - 1] as PathPoint;
    const dropPx = to.candidate.y - from.candidate.y;
    const steps = points.slice(1).map((p, i) => speedPx(points[i] as PathPoint, p));
    const kept = Math.min(...steps.slice(1).map((speed, i) => speed / Math.max(...steps.slice(0, i + 1))));
    const sizes = speedPx(from, to) / median(points.map((p) => thinPx(p.candidate)));
    const low = (first.candidate.y - from.candidate.y) / dropPx;
    const reason = (criterion: string, value: number, threshold: number, unit: string): Reason => ({ criterion, value, threshold, unit });
    return {
      verdict: 'suspected',
      confidence: CONFIDENCE,
      model: 'drag',
      reasons: [
        reason('points', points.length, MIN_POINTS_UNCALIBRATED, 'frames'),
        reason('drop', dropPx / this.options.height, this.options.minDropShare, 'of picture height'),
        reason('sideways', Math.abs(to.candidate.x - from.candidate.x) / dropPx, MAX_SIDEWAYS, 'of drop'),
        reason('sizes_a_second', sizes, MIN_SIZES_PER_S, 'sizes/s'),
        reason('speed_kept', kept, MIN_SPEED_KEPT, 'of the fastest before'),
        reason('lies_low', low, MIN_LOW_SHARE, 'of drop'),
        reason('lies_still', last.timeS - first.timeS, REST_S, 's'),
      ],
      failed: ['points'],
      fit: null,
    };
  }
}

/** As for other suspected paths: half the share of its criteria that it passes. */
const CONFIDENCE = (0.5 * 6) / 7;

/** Whether a candidate lies within a place, and is no speck. */
function isAt(place: Candidate, c: Candidate, share: number): boolean {
  return c.areaPx >= share * place.areaPx && Math.abs(c.x - place.x) <= place.w / 2 && Math.abs(c.y - place.y) <= place.h / 2;
}

/** Whether nothing moved beside a thing since it lies there, as far from it as it fell, and the picture stayed whole. */
function leftAlone(from: PathPoint, lies: PathPoint, history: readonly MotionFrame[]): boolean {
  const place = lies.candidate;
  const reachPx = place.y - from.candidate.y;
  const beside = (c: Candidate): boolean =>
    c.moving && c.areaPx >= BESIDE_SHARE * place.areaPx && !isAt(place, c, 0) && Math.hypot(c.x - place.x, c.y - place.y) <= reachPx;
  return history.every(({ timeS, flooded, candidates }) => timeS < lies.timeS || (!flooded && !candidates.some(beside)));
}
