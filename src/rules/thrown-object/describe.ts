import { type FallFit, fallAt, fitFallThoroughly, type Sight } from '../../core/ballistics/fall-fit.js';
import { advance, GRAVITY, IN_VACUUM, type MotionState } from '../../core/ballistics/fall-model.js';
import { fitPolynomial, polynomialAt } from '../../core/ballistics/polynomial-fit.js';
import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { Point } from '../../domain/geometry.js';
import type { FallModel, MassClass, ThrowDetails } from '../../domain/incident.js';
import { sightOf, verticalMotion } from './path-evidence.js';

/** Share by which the drawn facade's scale may be off: corners drawn by hand, and the object's distance from the facade's plane. */
const SCALE_ERROR = 0.04;
/** Limits of the mass classes by terminal speed, m/s: a can or a shirt below, a brick above. */
const LIGHT_BELOW = 10;
const HEAVY_ABOVE = 20;
/** Downward speed at the first sight up to which that sight is the release, m/s: what is let go reaches it within a third of a metre. */
const AT_REST_MPS = 2.5;
/** First sights that tell the speed at the start: this many, or those of so many seconds. */
const START_POINTS = 6;
const START_S = 0.4;
/** Stretch of a fall that tells where it began, seconds: gusts that change later are no part of one fit, and would be paid for with its beginning. */
const BEGINNING_S = 4;
/** Farthest back in time that a release is sought beyond the first sight, seconds: a fall of two floors. */
const MAX_BACK_S = 1.1;
/** Height of the last sight below which the landing counts as seen, metres. */
const SEEN_LANDING_M = 1;
/** Bow of a path, in its length, above which it is called curved. */
const CURVED_SHARE = 0.03;

/** Puts a path into words and figures: origin, landing, fall, mass class. Points in order of time. */
export function describeThrow(
  points: readonly PathPoint[],
  plane: FacadePlane | null,
  size: { width: number; height: number },
  floorHeightM: number | null,
): ThrowDetails {
  const trajectory = points.map(({ ptsMs, candidate: c }) => ({
    t: ptsMs / 1000,
    x: c.x / size.width,
    y: c.y / size.height,
    w: c.w / size.width,
    h: c.h / size.height,
  }));
  const normal = (p: Point): Point => ({ x: p.x / size.width, y: p.y / size.height });
  const first = points[0] as PathPoint;
  const last = points[points.length - 1] as PathPoint;
  const common = { trajectory, pathShape: shapeOf(points) };
  const duration = (last.ptsMs - first.ptsMs) / 1000;
  if (plane === null || floorHeightM === null) {
    const motion = verticalMotion(points.map(sightOf));
    return {
      ...common,
      origin: { point: normal(first.candidate), floor: null, floorInterval: null, unit: null, heightM: null },
      // Where the ground is, nobody knows here: this is where it was last seen, and nothing is made up beyond.
      landing: { point: normal(last.candidate), extrapolated: false },
      fall: { dropM: null, dropFloors: null, durationS: duration, impactSpeedMps: null },
      massClass: 'undetermined',
      terminalSpeedMps: null,
      fit: { model: motion.bicGain > 0 ? 'drag' : 'constant_velocity', rmsPx: Math.min(motion.cubicPx, motion.projectivePx) },
    };
  }
  const sights = points.map(sightOf);
  const thorough = fitFallThoroughly(sights, plane);
  const fit = thorough.best;
  const beginning = sights.filter((sight) => sight.timeS - first.timeS <= BEGINNING_S);
  const begun = beginning.length === sights.length ? fit : fitFallThoroughly(beginning, plane).best;
  const release = releaseOf(begun, first.timeS, startSpeed(sights, plane));
  const seen = fallAt(begun, first.timeS);
  const origin = { x: release.x, y: Math.max(release.y, seen.y) };
  const ground = groundOf(fit, last.timeS);
  const landed = Math.max(0, fallAt(fit, last.timeS).y) <= SEEN_LANDING_M;
  const interval = thorough.terminalSpeedInterval(SCALE_ERROR);
  const dropM = origin.y - Math.max(0, ground.y);
  const impactMps = Math.hypot(ground.vx, ground.vy, ground.vz);
  // A release lies about a metre above its floor, so the floor below the release is the right one; the interval spans what was
  // seen and what was extrapolated, and a tenth of a storey of drawing error each way.
  const slack = 0.1 * floorHeightM;
  return {
    ...common,
    origin: {
      point: normal(plane.toPixels(origin, 0)),
      floor: plane.floorAt(origin.y),
      floorInterval: [plane.floorAt(seen.y - slack), plane.floorAt(origin.y + slack)],
      unit: plane.unitAt(origin.x),
      heightM: origin.y,
    },
    landing: { point: normal(plane.toPixels(ground, ground.z)), extrapolated: !landed },
    fall: {
      dropM,
      dropFloors: dropM / floorHeightM,
      durationS: duration,
      impactSpeedMps: impactMps,
      impactSpeedIntervalMps: interval === null ? null : impactInterval(impactMps, dropM, interval),
    },
    massClass: interval === null ? 'undetermined' : classOf(...interval),
    terminalSpeedMps: interval,
    fit: { model: modelOf(fit), rmsPx: fit.rmsPx },
  };
}

function classOf(low: number, high: number | null): MassClass {
  if (high !== null && high < LIGHT_BELOW) return 'light';
  if (low > HEAVY_ABOVE) return 'heavy';
  if (low >= LIGHT_BELOW && high !== null && high <= HEAVY_ABOVE) return 'medium';
  return 'undetermined';
}

function modelOf(fit: FallFit): FallModel {
  return fit.forces.terminalSpeed >= 60 ? 'ballistic' : 'drag';
}

/**
 * Downward speed at the first sight as its next ones alone tell it, m/s on the facade. A fit of the whole path pays for what it does not know
 * (flutter, a gust, a step outward) with the speed at its beginning.
 */
function startSpeed(sights: readonly Sight[], plane: FacadePlane): number {
  const firstS = (sights[0] as Sight).timeS;
  const near = sights.filter((sight, i) => i < START_POINTS || sight.timeS - firstS < START_S);
  const heights = near.map((sight) => plane.toMetres(sight).y);
  const start = fitPolynomial(
    near.map((sight) => sight.timeS),
    heights,
    2,
  );
  return (polynomialAt(start, firstS) - polynomialAt(start, firstS + 0.01)) / 0.01;
}

/**
 * Where the thing left the building: the first sight when it was (nearly) at rest or still rose then, by the fit or by its first sights; else
 * as much higher as it takes to reach the slower of the two speeds. Drag over those metres is nothing.
 */
function releaseOf(fit: FallFit, firstS: number, localMps: number): MotionState {
  const state = fallAt(fit, firstS);
  const speed = Math.min(-state.vy, localMps);
  if (speed <= AT_REST_MPS) return state;
  return advance({ ...state, vy: -speed }, -Math.min(MAX_BACK_S, speed / GRAVITY), IN_VACUUM);
}

/** Where the fitted path reaches the lower edge of the facade, or the last sight when that lies lower still. */
function groundOf(fit: FallFit, lastS: number): MotionState {
  let state = fallAt(fit, lastS);
  for (let ahead = 0; ahead < 15 && state.y > 0; ahead += 0.02) state = advance(state, 0.02, fit.forces);
  return state;
}

/**
 * Lowest and highest speed at the ground, m/s. Over a drop h, a thing of terminal speed v that was let go reaches v·√(1 − e^(−2gh/v²)): so much
 * at the least with the slowest and at the most with the fastest terminal speed that fits, and what the path itself says lies between. The scale's
 * error counts in the drop and in the speed, which is metres in a time. Of 126 confirmed throws of the tuning scenes 114 were within.
 */
function impactInterval(impactMps: number, dropM: number, [slowest, fastest]: readonly [number, number | null]): [number, number] {
  const [less, more] = [1 - SCALE_ERROR, 1 + SCALE_ERROR];
  const low = speedAfter(less * dropM, slowest);
  const high = speedAfter(more * dropM, fastest);
  return [less * Math.min(low, impactMps), more * Math.max(high, impactMps)];
}

/** Speed after a drop from rest, m/s. @param terminalSpeed `null` for no drag. */
function speedAfter(dropM: number, terminalSpeed: number | null): number {
  const square = 2 * GRAVITY * Math.max(0, dropM);
  return terminalSpeed === null ? Math.sqrt(square) : terminalSpeed * Math.sqrt(-Math.expm1(-square / terminalSpeed ** 2));
}

function shapeOf(points: readonly PathPoint[]): 'straight' | 'curved' {
  const a = (points[0] as PathPoint).candidate;
  const b = (points[points.length - 1] as PathPoint).candidate;
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  let bow = 0;
  for (const { candidate: c } of points)
    bow = Math.max(bow, Math.abs((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)) / Math.max(1, length));
  return bow > CURVED_SHARE * length ? 'curved' : 'straight';
}
