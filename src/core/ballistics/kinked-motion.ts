/** A place on the facade at a time, metres and seconds. */
export interface TimedPlace {
  readonly timeS: number;
  readonly x: number;
  readonly y: number;
}

/** Fewest places on either side of the kink. */
const MIN_SIDE = 2;

/**
 * Root mean square distance, metres, of places from the best motion that goes straight at one speed, and from some moment on straight at
 * another: what lifts, drones and birds do, and what falls does not.
 *
 * @param places at least five, in order of time.
 */
export function kinkedMotionRms(places: readonly TimedPlace[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let kink = MIN_SIDE; kink < places.length - MIN_SIDE; kink++) {
    const atS = (places[kink] as TimedPlace).timeS;
    const sum = residual(places, atS, (p) => p.x) + residual(places, atS, (p) => p.y);
    if (sum < least) least = sum;
  }
  return Math.sqrt(least / places.length);
}

/** Sum of squares that p + v·min(0, t) + w·max(0, t) leaves, t from the kink. */
function residual(places: readonly TimedPlace[], atS: number, of: (p: TimedPlace) => number): number {
  // Normal equations of the three unknowns; the two ramps never overlap.
  let [n, sa, sb, saa, sbb, sv, sav, sbv, svv] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const v0 = of(places[0] as TimedPlace);
  for (const place of places) {
    const t = place.timeS - atS;
    const a = Math.min(0, t);
    const b = Math.max(0, t);
    const v = of(place) - v0;
    n++;
    sa += a;
    sb += b;
    saa += a * a;
    sbb += b * b;
    sv += v;
    sav += a * v;
    sbv += b * v;
    svv += v * v;
  }
  // v = (sav − p·sa)/saa and w = (sbv − p·sb)/sbb put into the equation of p.
  const p = (sv - (sa * sav) / saa - (sb * sbv) / sbb) / (n - (sa * sa) / saa - (sb * sb) / sbb);
  const v = (sav - p * sa) / saa;
  const w = (sbv - p * sb) / sbb;
  return Math.max(0, svv - p * sv - v * sav - w * sbv);
}
