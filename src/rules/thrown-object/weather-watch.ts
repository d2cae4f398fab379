import type { Path, PathPoint } from '../../core/tracking/linker.js';

/** Paths a second from which precipitation is taken to fall; a flock of birds makes some two or three. */
const PATHS_PER_S = 6;
/** Memory of the rate, seconds: showers begin within seconds and must not be forgotten between gusts. */
const MEMORY_S = 8;
/** Points a path must have to count: shorter ones are clutter of any kind. */
const MIN_POINTS = 5;

/** Recognises rain and snow: many things that fall at the same time. */
export class WeatherWatch {
  private rate = 0;
  private lastS: number | null = null;
  private readonly counted = new Set<number>();

  /** More paths fall than a person, a bird or a tree can explain. */
  get active(): boolean {
    return this.rate > PATHS_PER_S;
  }

  step(paths: readonly Path[], nowS: number): void {
    let fresh = 0;
    for (const path of paths) {
      if (path.points.length < MIN_POINTS || this.counted.has(path.rootId)) continue;
      this.counted.add(path.rootId);
      const age = nowS - (path.points[path.points.length - 1] as PathPoint).timeS;
      if (age < 1) fresh++;
    }
    if (this.counted.size > 5000) this.counted.clear();
    const dt = this.lastS === null ? 0.04 : Math.max(1e-3, nowS - this.lastS);
    this.lastS = nowS;
    const keep = Math.exp(-dt / MEMORY_S);
    this.rate = this.rate * keep + (fresh / dt) * (1 - keep);
  }
}
