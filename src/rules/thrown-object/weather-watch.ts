import type { LinkedPath } from '../../core/tracking/linker.js';
import { median } from './path-evidence.js';

/**
 * Paths a second from which precipitation is taken to fall; birds and people make one every few seconds, light rain four. Lower, and a flock or a
 * shaken camera at night turns throws away; higher, and drizzle raises alarms.
 */
const PATHS_PER_S = 2;
/**
 * Memory of the rate, seconds: showers begin within seconds and must not be forgotten between gusts. Shorter, and one handful of gravel is
 * a shower.
 */
const MEMORY_S = 8;
/** How long after the last such moment it goes on, seconds: snow comes in flurries. Longer keeps the bar high after the rain. */
const LASTS_S = 30;
/**
 * How long after the start nothing is known yet, seconds: it may be raining. Longer misses throws after a reconnection, shorter alarms on
 * rain at it.
 */
const UNKNOWN_S = 3;
/**
 * Points a path must have to count, and its log-likelihood ratio against clutter: shake, pulsing pictures and lights make hundreds of shorter and
 * unlikelier ones. More, and fast rain is not seen as such.
 */
const MIN_POINTS = 8;
const MIN_SCORE = 15;
/**
 * Drop it must have, share of the picture's height: leaves of a tree stay where they are. Larger, and snow near the lens does not count;
 * smaller, and a tree is weather.
 */
const MIN_DROP_SHARE = 0.06;

/**
 * Share of the width that is looked at over which the middle 80 % of them must be spread: a tree is narrow, weather is everywhere. Larger, and
 * rain before half of the picture is no rain.
 */
const MIN_SPREAD = 0.4;

/** Sideways way of most of what falls, as a share of its drop, above which the wind drives it. */
const DRIVEN_LEAN = 0.35;

/** Recognises rain and snow: many things that fall at the same time, everywhere. */
export class WeatherWatch {
  private readonly falls: { readonly atS: number; readonly x: number; readonly lean: number }[] = [];
  private readonly counted = new Set<number>();
  private beganS: number | null = null;
  private lastS = Number.NEGATIVE_INFINITY;
  /** {@link falling}, or it is too early to tell. */
  active = true;
  /** More paths fall than people, birds or a tree can explain. */
  falling = false;
  /** A wind drives it: it goes sideways half as far as it falls, or farther. */
  driven = false;

  /** @param picture what is looked at, pixels. */
  constructor(private readonly picture: { readonly width: number; readonly height: number }) {}

  step(paths: readonly LinkedPath[], nowS: number): void {
    for (const path of paths) {
      if (path.length < MIN_POINTS || path.score < MIN_SCORE || path.lastY - path.firstY < MIN_DROP_SHARE * this.picture.height) continue;
      if (this.counted.has(path.rootId)) continue;
      this.counted.add(path.rootId);
      this.falls.push({ atS: nowS, x: path.lastX, lean: (path.lastX - path.firstX) / (path.lastY - path.firstY) });
    }
    while (this.falls[0] !== undefined && nowS - this.falls[0].atS > MEMORY_S) this.falls.shift();
    if (this.counted.size > 5000) this.counted.clear();
    this.beganS ??= nowS;
    if (this.falls.length > PATHS_PER_S * MEMORY_S && this.spread() > MIN_SPREAD * this.picture.width) {
      this.lastS = nowS;
      this.driven = Math.abs(median(this.falls.map((fall) => fall.lean))) > DRIVEN_LEAN;
    }
    this.falling = nowS - this.lastS < LASTS_S;
    this.active = this.falling || nowS - this.beganS < UNKNOWN_S;
  }

  private spread(): number {
    const x = this.falls.map((f) => f.x).sort((a, b) => a - b);
    return (x[Math.floor(0.9 * x.length)] as number) - (x[Math.floor(0.1 * x.length)] as number);
  }
}
