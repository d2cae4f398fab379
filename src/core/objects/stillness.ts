import type { Box } from '../../domain/geometry.js';
import { intersectionOverUnion, shareInside } from '../geometry/box.js';
import { type BoxScale, scaleOf } from './boxes.js';

/**
 * What an observation says of a thing that stands: `standing` where it stood, `covered` by or merged with something while it stands, `off` its
 * place; `moving`: it did not stand.
 */
export type Stand = 'standing' | 'covered' | 'off' | 'moving';

/** Judged on so long a past at least, and on so many observations: a walker's step and a detector's jitter look alike over less. */
const JUDGE_MS = 1_600;
const JUDGE_COUNT = 3;
/** Observations remembered before a thing stands; more than what a judgement may come late, so that its start can be found. */
const REMEMBERED = 48;
/**
 * Largest drift between the first and the second half of the past, scales a second: a person who walks at 1 m/s along the view of a
 * camera that looks down by 10° drifts 0.19. Smaller, and jitter of YOLOX-nano keeps parked cars from standing.
 */
const MAX_DRIFT_PER_S = 0.09;
/** How far from the place a thing may be seen and have been there, scales; what it went in its last second of braking counts as standing. */
const NEAR = 0.15;
/** Or this overlap with the place: sides jump when people raise their arms, while the rest stays. */
const SAME_PLACE = 0.6;
/** Share of one box inside the other from which one is a part of the other: partly hidden, or merged with a passer. */
export const PART = 0.8;
/** A hidden part leaves at least two edges where they were, within this, scales; a thing that walks away takes all four along. */
const EDGE = 0.12;
/** After so long seen only in part or merged, what is seen must itself not drift: who walks away along the view is a part of himself for a while. */
const COVERED_MS = 15_000;
/** Observations off the place that make it move: one may be somebody else's. */
const OFF_COUNT = 2;
/** A thing that stands again on its place within this had not left: it was mistaken for a passer. */
const RETURN_MS = 10_000;
/**
 * And something that is seen on its place so soon after it was first seen off it is the thing itself: what was seen off it was a passer that was taken for it.
 * Longer, and a car that pulls up in a queue is taken for the one before it.
 */
const RESTORE_MS = 2_500;
/** Boxes that a place is the median of, spread over the whole time that it stands. */
const SAMPLES = 32;

/** Whether, where and since when one object stands: from its boxes alone, robust against jitter, passers and parts that are hidden. */
export class Stillness {
  private readonly past: { ptsMs: number; box: Box }[] = [];
  private samples: Box[] = [];
  /** Every how many observations one more box is kept, and how many have been since the last. */
  private stride = 1;
  private skipped = 0;
  private since_: number | null = null;
  private box_: Box | null = null;
  private offCount = 0;
  private offSinceMs = 0;
  private coveredSinceMs: number | null = null;
  private left: { readonly ptsMs: number; readonly offSinceMs: number; readonly sinceMs: number; readonly box: Box } | null = null;
  private readonly scale: BoxScale = { x: 1, y: 1 };

  /** @param merges whether boxes of things that touch may become one (moving regions do, a model's boxes do not). */
  constructor(
    private readonly aspect: number,
    private readonly merges: boolean,
  ) {}

  /** Since when it stands; `null`: it moves. */
  get sinceMs(): number | null {
    return this.since_;
  }

  /** While it stands: the median of its boxes. */
  get box(): Box | null {
    return this.box_;
  }

  /** Whether the last observation was off the place, and the next will say who was right. */
  get doubted(): boolean {
    return this.offCount > 0;
  }

  /** Takes one observation in, in order of time. */
  observe(ptsMs: number, box: Box): Stand {
    const place = this.box_;
    if (place === null) {
      this.remember(ptsMs, box);
      return this.settle() ? 'standing' : 'moving';
    }
    if (this.near(box, place)) {
      this.offCount = 0;
      this.coveredSinceMs = null;
      this.sample(box);
      return 'standing';
    }
    if (this.couldBeCovered(box, place)) {
      if (this.coveredSinceMs === null) this.past.length = 0;
      this.coveredSinceMs ??= ptsMs;
      this.remember(ptsMs, box);
      if (ptsMs - this.coveredSinceMs <= COVERED_MS || this.steadyPast() !== null) return 'covered';
    }
    if (this.offCount === 0) {
      this.past.length = 0;
      this.offSinceMs = ptsMs;
    }
    this.remember(ptsMs, box);
    this.offCount++;
    if (this.offCount < OFF_COUNT) return 'off';
    this.leave(ptsMs);
    return 'moving';
  }

  /** The place that it has just left, if it did; `null` once it is too late to be a mistake. */
  leftPlace(ptsMs: number): Box | null {
    return this.box_ === null && this.left !== null && ptsMs - this.left.offSinceMs <= RESTORE_MS ? this.left.box : null;
  }

  /** It had not left its place: it stands there as before. */
  goBack(): void {
    if (this.left === null) return;
    this.since_ = this.left.sinceMs;
    this.box_ = this.left.box;
    this.samples = [this.left.box];
    this.stride = 1;
    this.skipped = 0;
    this.left = null;
    this.past.length = 0;
  }

  private near(box: Box, place: Box): boolean {
    scaleOf(place, this.aspect, this.scale);
    const footX = Math.abs(box.x1 + box.x2 - place.x1 - place.x2) / 2 / this.scale.x;
    const footY = Math.abs(box.y2 - place.y2) / this.scale.y;
    return (footX <= NEAR && footY <= NEAR) || intersectionOverUnion(box, place) >= SAME_PLACE;
  }

  private couldBeCovered(box: Box, place: Box): boolean {
    if (this.merges && (shareInside(place, box) >= PART || shareInside(box, place) >= PART)) return true;
    if (shareInside(box, place) < PART) return false;
    const { x, y } = scaleOf(place, this.aspect, this.scale);
    const edges = [(box.x1 - place.x1) / x, (box.x2 - place.x2) / x, (box.y1 - place.y1) / y, (box.y2 - place.y2) / y];
    return edges.filter((edge) => Math.abs(edge) <= EDGE).length >= 2;
  }

  private remember(ptsMs: number, box: Box): void {
    if (this.past.length === REMEMBERED) this.past.shift();
    this.past.push({ ptsMs, box });
  }

  /** The place that the recent past shows, and where in the past that begins; `null` when it is too short, or shows a drift. */
  private steadyPast(): { readonly first: number; readonly place: Box } | null {
    const { past } = this;
    const last = past[past.length - 1] as (typeof past)[number];
    let first = past.length - 1;
    while (first > 0 && (past.length - first < JUDGE_COUNT || last.ptsMs - (past[first] as typeof last).ptsMs < JUDGE_MS)) first--;
    const count = past.length - first;
    if (count < JUDGE_COUNT || last.ptsMs - (past[first] as typeof last).ptsMs < JUDGE_MS) return null;
    const half = count >> 1;
    const early = past.slice(first, first + half);
    const late = past.slice(past.length - half);
    const [a, b] = [medianBox(early.map((p) => p.box)), medianBox(late.map((p) => p.box))];
    const seconds = ((late[0] as typeof last).ptsMs - (early[0] as typeof last).ptsMs) / 1000;
    const { x, y } = scaleOf(b, this.aspect, this.scale);
    const drift = Math.hypot((a.x1 + a.x2 - b.x1 - b.x2) / 2 / x, (a.y2 - b.y2) / y);
    return drift > MAX_DRIFT_PER_S * seconds ? null : { first, place: medianBox(past.slice(first).map((p) => p.box)) };
  }

  /** Whether the recent past is steady: then its place and its start are found. */
  private settle(): boolean {
    const steady = this.steadyPast();
    if (steady === null) return false;
    const { past } = this;
    const { first, place } = steady;
    const last = past[past.length - 1] as (typeof past)[number];
    // Back to the first of those that were already there; one that was not may be jitter.
    let start = first;
    for (let i = first - 1; i >= 0; i--) {
      const there = this.near((past[i] as typeof last).box, place);
      if (there) start = i;
      else if (i === 0 || !this.near((past[i - 1] as typeof last).box, place)) break;
    }
    while (start < past.length - JUDGE_COUNT && !this.near((past[start] as typeof last).box, place)) start++;
    this.since_ = (past[start] as typeof last).ptsMs;
    this.samples = past.slice(start).map((p) => p.box);
    this.stride = 1;
    this.skipped = 0;
    this.box_ = medianBox(this.samples);
    const { left } = this;
    if (left !== null && last.ptsMs - left.ptsMs <= RETURN_MS && this.near(left.box, this.box_)) this.since_ = left.sinceMs;
    this.left = null;
    past.length = 0;
    return true;
  }

  private sample(box: Box): void {
    if (++this.skipped < this.stride) return;
    this.skipped = 0;
    this.samples.push(box);
    if (this.samples.length > SAMPLES) {
      this.samples = this.samples.filter((_, i) => i % 2 === 0);
      this.stride *= 2;
    }
    this.box_ = medianBox(this.samples);
  }

  private leave(ptsMs: number): void {
    this.left = { ptsMs, offSinceMs: this.offSinceMs, sinceMs: this.since_ as number, box: this.box_ as Box };
    this.since_ = null;
    this.box_ = null;
    this.offCount = 0;
    this.coveredSinceMs = null;
  }
}

/** Each edge in the middle of what it was seen at. */
function medianBox(boxes: readonly Box[]): Box {
  const edges = new Float64Array(boxes.length);
  const middle = (of: (box: Box) => number): number => {
    for (let i = 0; i < boxes.length; i++) edges[i] = of(boxes[i] as Box);
    edges.sort();
    const half = edges.length >> 1;
    const upper = edges[half] as number;
    return edges.length % 2 === 1 ? upper : ((edges[half - 1] as number) + upper) / 2;
  };
  return { x1: middle((b) => b.x1), y1: middle((b) => b.y1), x2: middle((b) => b.x2), y2: middle((b) => b.y2) };
}
