import type { LinkedPath, Path } from '../../core/tracking/linker.js';
import { failsAny, type Judgement } from './judgement.js';
import { LARGEST_FLAKE_M } from './limits.js';

/** Growth of a path after which it must still be a fall: over short stretches some of many flakes look like one. */
const DOUBT_GROWTH = 1.35;
/** How long a path must be out of sight for its verdict to stand, seconds: a balcony hides it for less, and an alarm must come within a second. */
const OUT_OF_SIGHT_S = 0.3;
/** Drop from which nothing is waited for any more, floors: nothing that only drifts follows a fall for so long. */
const SURE_FLOORS = 9;
/**
 * BIC by which a fall beats a kink from which nothing is waited for, either: gusts hurry and bend flakes by changes of speed, and of 23 minutes of rain and snow
 * the likest to a throw had 26 at any of its looks. Lower, and flakes are told; higher, and the message comes up to half a second later.
 */
const SURE_KINK_GAIN = 30;

/** How far a held fall's residuals may exceed their limits before it is given up, times: what is light strays in gusts. */
const DOUBT_TIMES = 1.5;
/** Whether a later look speaks against a held verdict. */
export function isDoubted(judgement: Judgement): boolean {
  if (failsAny(judgement, ['sideways', 'fall_against_steady_motion', 'fall_against_kink', 'downward_steps'])) return true;
  return judgement.reasons.some(
    ({ criterion, value, threshold }) => ['fall_fit', 'sideways_fit'].includes(criterion) && value > DOUBT_TIMES * threshold,
  );
}

/** A verdict as it is told while it is held: suspected, with what is still waited for as its first reason. */
export function whileHeld(judgement: Judgement): Judgement {
  const wait = { criterion: 'out_of_sight', value: 0, threshold: OUT_OF_SIGHT_S, unit: 's' };
  return { ...judgement, verdict: 'suspected', confidence: judgement.confidence / 2, reasons: [wait, ...judgement.reasons] };
}

interface Held {
  readonly path: Path;
  readonly judgement: Judgement;
}

/**
 * Verdicts in precipitation wait until the fall is over: each of dozens of flakes a second is looked at again and again as its path grows, and
 * one in thousands of looks takes a gust for a fall. What falls goes on falling. What is too large for a flake, or begins as no flake moves, need not wait.
 */
export class HeldVerdicts {
  private readonly held = new Map<number, Held>();

  /** Takes in a confirmed verdict. @returns whether it is to be waited for; otherwise it stands at once. */
  hold(path: Path, judgement: Judgement): boolean {
    const reason = (name: string): number => judgement.reasons.find(({ criterion }) => criterion === name)?.value ?? 0;
    if (reason('drop_floors') >= SURE_FLOORS || reason('fall_against_kink') >= SURE_KINK_GAIN || reason('size') >= LARGEST_FLAKE_M) {
      this.held.delete(path.rootId);
      return false;
    }
    this.held.set(path.rootId, { path, judgement });
    return true;
  }

  /** Whether a path's verdict is held. */
  has(rootId: number): boolean {
    return this.held.has(rootId);
  }

  /** A later look at the path found it to be no fall. */
  doubt(path: Path): void {
    const held = this.held.get(path.rootId);
    if (held !== undefined && path.points.length >= DOUBT_GROWTH * held.path.points.length) this.held.delete(path.rootId);
  }

  /** Those whose path is over: they stand. */
  release(paths: readonly LinkedPath[], nowS: number): readonly Held[] {
    if (this.held.size === 0) return [];
    const seenS = new Map<number, number>();
    for (const { rootId, lastSeenS } of paths) seenS.set(rootId, Math.max(lastSeenS, seenS.get(rootId) ?? 0));
    const over = [...this.held.values()].filter(
      ({ path }) => nowS - (seenS.get(path.rootId) ?? Number.NEGATIVE_INFINITY) >= OUT_OF_SIGHT_S,
    );
    for (const { path } of over) this.held.delete(path.rootId);
    return over;
  }
}
