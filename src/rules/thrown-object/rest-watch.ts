import type { Candidate, MotionFrame } from '../../core/motion/candidate.js';
import type { PathPoint } from '../../core/tracking/linker.js';

/**
 * How long a thing must lie still, seconds: longer than a hand turns back in and a ball hangs at the top of its bounce (0.1 to 0.2 s). Longer,
 * and things that hardly differ from the floor have become background before; shorter, and hands that turn count as things that lie.
 */
export const REST_S = 0.35;
/**
 * How far its centre may wander from where it was first seen, share of its larger side: what rolls out and what codecs smear. More, and
 * what creeps lies; less, and a codec that refines it sets it down anew.
 */
const SAME_PLACE = 0.2;
/** Areas within this factor are the same thing at rest: the background takes it over from its edges inwards, to half in 0.4 s (measured). */
const SAME_AREA = 3;
/** Share of the pictures in which it must be seen: noise flickers in a few, and codecs hide faint things in one of five. */
const SEEN_SHARE = 0.75;
/** Sights that make a rest, however slow the camera: at 12.5 pictures a second 0.35 s hold five. */
const MIN_SIGHTS = 4;
/** How long it may go unseen before it is forgotten, seconds: a keyframe's flicker. */
const UNSEEN_S = 0.15;
/** Things watched at once, and looked at a frame: more of that size are a crowd or a change of light. */
const MAX_WATCHED = 40;

/** Something that came to lie where it lies. */
export interface Rested {
  /** Its first and its latest sight there. */
  readonly first: PathPoint;
  readonly last: PathPoint;
}

interface Watched {
  readonly first: PathPoint;
  last: PathPoint;
  sights: number;
  frames: number;
  told: boolean;
}

/** Knows what has just come to rest: large candidates that stay where they are. Old residents are told once too; who asks must know. */
export class RestWatch {
  private watched: Watched[] = [];

  /** @param minAreaPx area from which a candidate counts, pixels. */
  constructor(private readonly minAreaPx: number) {}

  /** @returns what has now lain still for long enough, each once. */
  step(frame: MotionFrame): readonly Rested[] {
    if (frame.flooded) return [];
    const { seq, ptsMs, timeS } = frame;
    const rested: Rested[] = [];
    const free = frame.candidates.filter((c) => c.areaPx >= this.minAreaPx).slice(0, MAX_WATCHED);
    for (const thing of this.watched) {
      thing.frames++;
      const at = free.findIndex((c) => isSame(thing.first.candidate, c));
      if (at < 0) continue;
      thing.last = { seq, ptsMs, timeS, candidate: free[at] as Candidate };
      thing.sights++;
      free.splice(at, 1);
      if (thing.told || timeS - thing.first.timeS < REST_S || thing.sights < MIN_SIGHTS) continue;
      if (thing.sights < SEEN_SHARE * thing.frames) continue;
      thing.told = true;
      rested.push(thing);
    }
    this.watched = this.watched.filter((thing) => timeS - thing.last.timeS <= UNSEEN_S);
    for (const candidate of free) {
      if (this.watched.length >= MAX_WATCHED) break;
      const point = { seq, ptsMs, timeS, candidate };
      this.watched.push({ first: point, last: point, sights: 1, frames: 1, told: false });
    }
    return rested;
  }
}

function isSame(a: Candidate, b: Candidate): boolean {
  const reach = Math.max(2, SAME_PLACE * Math.max(a.w, a.h));
  const areas = Math.max(a.areaPx, b.areaPx) / Math.min(a.areaPx, b.areaPx);
  return Math.abs(a.x - b.x) <= reach && Math.abs(a.y - b.y) <= reach && areas <= SAME_AREA;
}
