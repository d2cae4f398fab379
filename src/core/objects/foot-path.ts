import type { PathPoint } from '../../domain/street.js';

/** Every point of the last seconds is kept: what a crossed line or a fall is judged by. */
const KEEP_ALL_MS = 10_000;
/** Points at most: a path of an hour still shows the way, and a hundred objects cost some 100 kB a picture. */
const MAX_POINTS = 200;

/** Where an object's foot has been, oldest first: all of the last ten seconds, thinned before, the very first always. */
export class FootPath {
  private points: PathPoint[] = [];

  add(point: PathPoint): void {
    this.points.push(point);
    if (this.points.length <= MAX_POINTS) return;
    const recent = point.ptsMs - KEEP_ALL_MS;
    const thinned = this.everyOther((p) => p.ptsMs < recent);
    // At 20 pictures a second and more, ten seconds are too many points themselves.
    this.points = thinned.length <= MAX_POINTS ? thinned : this.everyOther(() => true);
  }

  /** A copy that stays as it is. */
  snapshot(): readonly PathPoint[] {
    return this.points.slice();
  }

  private everyOther(old: (point: PathPoint) => boolean): PathPoint[] {
    const { points } = this;
    return points.filter((point, i) => i === 0 || i === points.length - 1 || i % 2 === 0 || !old(point));
  }
}
