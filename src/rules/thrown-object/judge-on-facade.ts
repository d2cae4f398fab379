import { fallAt, fitConstantVelocity, fitFall, type Sight } from '../../core/ballistics/fall-fit.js';
import { GRAVITY } from '../../core/ballistics/fall-model.js';
import { kinkedMotionRms } from '../../core/ballistics/kinked-motion.js';
import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { Path } from '../../core/tracking/linker.js';
import type { Point } from '../../domain/geometry.js';
import { atLeast, atMost, type Criterion, confidenceOf, type Judgement, type JudgeOptions, reasonsOf } from './judgement.js';
import {
  LARGEST_FLAKE_M,
  LOST_S,
  leastSeen,
  MAX_SIZE_M,
  MIN_BIC_GAIN,
  MIN_DOWN_SHARE,
  MIN_POINTS,
  MIN_SCORE,
  MIN_SCORE_WEATHER,
  MIN_SEEN_SUSPECTED_SHARE,
} from './limits.js';
import { leavesSight, pathEvidence, sightOf } from './path-evidence.js';

/** Points that a path needs in precipitation. */
export const MIN_POINTS_WEATHER = 10;
/** Points for a suspicion: a short steady path is a drop of rain. */
const MIN_POINTS_SUSPECTED = 15;
/** Residual of the fall in facade metres: this plus a share of the drop (corner error, departure from the facade's plane). */
const RMS_M = 0.25;
const RMS_DROP_SHARE = 0.006;
/** The same sideways, where no drag is to blame. */
const LATERAL_M = 0.6;
/**
 * Parameters that a fall with drag in moving air is taken to have beyond steady motion: terminal speed and wind, whose two directions are seldom
 * told apart. More asks more of long paths.
 */
const MORE_PARAMETERS = 2;
/** Position noise assumed in the comparison of models, metres: smaller residuals are not better evidence. */
const MODEL_NOISE_M = 0.05;
/** How far outside the drawn facade an origin may lie, metres: balconies, roof edges, corner error. */
const FACADE_MARGIN_M = 1;
/**
 * How far a thing may rise before it falls, metres: people throw things a few metres up from a window; from near the ground, what rises
 * more than an arm's length is a ball that somebody tossed.
 */
const MAX_RISE_M = 5;
const MAX_TOSS_RISE_M = 1.2;
const TOSS_BELOW_M = 7;
/** Fastest that things leave a hand, m/s, beside what a fall from the roof has given them: rain and birds are faster. */
export const MAX_THROW_MPS = 8;
/** The same out of the facade, m/s, which short paths tell badly: throws were found fitted with up to 10. */
const MAX_OUT_MPS = 11;
/** How much faster than physics allows a start may seem: error of scale, noise of the first positions. */
const SPEED_ROOM = 1.15;
/**
 * Fastest start in precipitation, m/s: drops and flakes are at full speed from where they are first seen, what is let go is not. At 5, driven
 * snow raises alarms; lower, and throws whose first half second is hidden are lost in snow.
 */
export const MAX_START_WEATHER_MPS = 3.5;
/**
 * Most that its size may change from one sight to the next, times: of 253 throws of made clips four had 1.8 to 1.9 in the end and less when they were confirmed, the others at
 * most 1.66; leaves of two trees before a facade, one after the other taken for a fall, 1.93 and 2.05. Lower, and what is small and torn by noise is lost; higher, and leaves
 * are thrown.
 */
const MAX_SIZE_CHANGE = 1.88;
/** Speed that a fall must reach, m/s: a shirt does within a floor. What comes down more slowly drifts: a leaf, paper, a platform. */
const MIN_END_MPS = 3.5;
/**
 * Strongest wind that may explain a path, m/s: more is taken for the wings of a bird, and costs a throw of a light thing in a gale, which is
 * suspected then. 98 of 100 throws in wind up to 4 m/s were fitted with less.
 */
const MAX_WIND_MPS = 5.5;
/**
 * Wind and speed out of the facade together: as multiples of these, m/s, they may come to so much. Each alone is possible; both at once fit
 * anything that moves.
 */
const FAR_FETCHED = { windMps: 3.5, outMps: 6, most: 1.9 } as const;
/**
 * Farthest that a thing may go sideways, as a share of its drop: who throws at 8 m/s sideways passes it after a second and a half of falling. Birds
 * glide farther; so does snow, and from what the wind drives only what falls more steeply can be told.
 */
const MAX_SIDEWAYS_SHARE = 0.9;
const MAX_SIDEWAYS_WEATHER_SHARE = 0.65;
const MAX_SIDEWAYS_DRIVEN_SHARE = 0.35;
/**
 * Stretch from the first sight in which a fall is compared with a kink, seconds: a light thing is at its full speed after one. Shorter, and the two
 * look alike; longer, and flutter counts for more than how it began.
 */
const BEGINNING_S = 1.5;
/** Position noise assumed in that comparison, pixels. */
const KINK_NOISE_PX = 0.3;
/**
 * BIC by which a fall must beat a kink: throws have 4 to 140, drones that sink from where they hovered −12 to −40. Shirts and bags, which flutter and are
 * soon at their full speed, have some −4 to −11, but then more than the 21 against steady motion that a drone had: each seven of that make one up here.
 * Lower at least, and a machine that speeds up is thrown: one had −67 with 103 against steady motion.
 */
const MIN_KINK_GAIN = { least: -12, most: 3, steadyPerGain: 7 } as const;
/** The same in precipitation, where gusts bend and hurry flakes: of 45 throws there all but one had more than 15. */
const MIN_KINK_GAIN_WEATHER = 12;
/**
 * The same of what begins as fast, or goes as far sideways, as drops and flakes do: of 81 of those that were taken for throws without this limit the
 * best had 21 and the reflection of a throw 37; of four throws whose beginning was hidden, or that went as far sideways, three had 57 to 105.
 */
const MIN_KINK_GAIN_FLAKE = 50;
/** The same of what is too large for a flake: gusts only make it flutter. */
const MIN_KINK_GAIN_LARGE = -30;
/** Speed that no drop or flake reaches on its way down two floors, m/s: the fastest of those 55 that only a kink gave away had 12. */
const FASTEST_FLAKE_MPS = 14;
/** Criteria that a thing may fail and still be suspected: it falls, but may as well be a bag, a sheet of paper, or nothing. */
const DOUBTS: readonly string[] = ['size_changes', 'fall_against_kink', 'fall_against_steady_motion', 'speed_at_end', 'wind'];
/** Speed up to which what falls steadily may be something light, m/s. */
const SLOW_MPS = 12;

/**
 * Fastest that something can fall which was thrown down as fast as can be from at most so far above, m/s.
 *
 * @source dv²/dh = 2g(1 − v²/v_t²): speeds approach the terminal one, from above or below.
 */
function fastestAfter(fallM: number, terminalSpeed: number): number {
  const thrown = MAX_THROW_MPS ** 2;
  const settled = terminalSpeed ** 2;
  const left = Math.exp((-2 * GRAVITY * fallM) / settled);
  const fastest = SPEED_ROOM * Math.sqrt(Math.max(thrown, settled + (thrown - settled) * left));
  // A fit of nonsense gives no number; a limit it must be.
  return Number.isFinite(fastest) ? fastest : SPEED_ROOM * MAX_THROW_MPS;
}

/** How much better a fall explains the beginning than a change from one steady speed to another does, which is how machines and birds move. */
function gainOverKink(sights: readonly Sight[], plane: FacadePlane): number {
  const first = sights[0] as Sight;
  const beginning = sights.filter((sight) => sight.timeS <= first.timeS + BEGINNING_S);
  if (beginning.length < MIN_POINTS) return 0;
  const places = beginning.map((sight) => ({ ...plane.toMetres(sight), timeS: sight.timeS }));
  const noiseM = Math.max(MODEL_NOISE_M, KINK_NOISE_PX / plane.pixelsPerMetre(places[0] as Point));
  return gainOf(beginning.length, kinkedMotionRms(places), fitFall(beginning, plane).rmsM, noiseM);
}

/** BIC by which a fall must beat a kink, given how large and fast it is, and how much better than steady motion a fall explains it. */
function minKinkGain(weather: boolean, sizeM: number, endMps: number, bicGain: number): number {
  if (weather && sizeM >= LARGEST_FLAKE_M) return MIN_KINK_GAIN_LARGE;
  const { least, most, steadyPerGain } = MIN_KINK_GAIN;
  if (weather) return endMps < FASTEST_FLAKE_MPS ? MIN_KINK_GAIN_WEATHER : most;
  return Math.max(least, most - bicGain / steadyPerGain);
}

/** How much better one model explains positions than another: difference of their BIC, without its penalty for parameters. */
const gainOf = (n: number, otherRmsM: number, rmsM: number, noiseM: number): number =>
  n * Math.log((otherRmsM ** 2 + noiseM ** 2) / (rmsM ** 2 + noiseM ** 2));

/** The verdict on a camera with a facade, by a fall fitted in metres. */
export function judgeOnFacade(path: Path, options: JudgeOptions, plane: FacadePlane, floorM: number): Judgement {
  const evidence = pathEvidence(path);
  const sights = path.points.map(sightOf);
  const first = sights[0] as Sight;
  const last = sights[sights.length - 1] as Sight;
  const highest = sights.reduce((a, b) => (b.y < a.y ? b : a));
  const fit = fitFall(sights, plane);
  const steady = fitConstantVelocity(sights, plane);
  const start = fallAt(fit, first.timeS);
  const end = fallAt(fit, last.timeS);
  const topM = Math.max(start.y, plane.toMetres(highest).y);
  const fallsOn = topM - end.y < options.minDropFloors * floorM && leavesSight(path.points, options);
  const dropM = topM - (fallsOn ? Math.min(end.y, Math.max(0, fallAt(fit, last.timeS + LOST_S).y)) : end.y);
  const n = sights.length;
  const bicGain = gainOf(n, steady.rmsM, fit.rmsM, MODEL_NOISE_M) - MORE_PARAMETERS * Math.log(n);
  const insideX = Math.min(start.x + FACADE_MARGIN_M, plane.widthM + FACADE_MARGIN_M - start.x);
  const insideY = Math.min(start.y, plane.heightM + floorM - start.y);
  const minScore = options.weather ? MIN_SCORE_WEATHER : MIN_SCORE;
  const wind = Math.hypot(fit.forces.windX, fit.forces.windZ);
  const belowRoofM = Math.max(0, plane.heightM + floorM - start.y);
  const sidewaysShare = Math.abs(end.x - start.x) / Math.max(0.1, dropM);
  const maxFlakeSideways = options.driven ? MAX_SIDEWAYS_DRIVEN_SHARE : MAX_SIDEWAYS_WEATHER_SHARE;
  const sizeM = evidence.thinPx / plane.pixelsPerMetre(start);
  const mayBeFlake = options.weather && sizeM < LARGEST_FLAKE_M;
  const movesAsFlakes = options.weather && (-start.vy > MAX_START_WEATHER_MPS || (mayBeFlake && sidewaysShare > maxFlakeSideways));
  const fallFitM = RMS_M + RMS_DROP_SHARE * dropM;
  const criteria = [
    atLeast('drop_floors', dropM / floorM, options.minDropFloors, 'floors'),
    atLeast('points', evidence.points, options.weather ? MIN_POINTS_WEATHER : MIN_POINTS, 'frames'),
    atLeast('downward_steps', evidence.downShare, MIN_DOWN_SHARE, 'share'),
    atLeast('seen', evidence.seenShare, leastSeen(path.score), 'share'),
    atMost('fall_fit', fit.rmsM, fallFitM, 'm'),
    atMost('sideways_fit', fit.lateralM, LATERAL_M, 'm'),
    atMost('size', sizeM, 2 * MAX_SIZE_M, 'm'),
    atMost('size_changes', evidence.sizeChange, MAX_SIZE_CHANGE, 'times'),
    atLeast('fall_against_steady_motion', bicGain, MIN_BIC_GAIN, 'BIC'),
    atLeast('speed_at_end', -end.vy, MIN_END_MPS, 'm/s'),
    atMost('speed_at_origin', -start.vy, fastestAfter(belowRoofM, fit.forces.terminalSpeed), 'm/s'),
    atMost('upward_at_origin', start.vy, SPEED_ROOM * MAX_THROW_MPS, 'm/s'),
    atMost('out_at_origin', Math.abs(start.vz), MAX_OUT_MPS, 'm/s'),
    atMost('wind', wind, MAX_WIND_MPS, 'm/s'),
    atMost('far_fetched', Math.hypot(wind / FAR_FETCHED.windMps, start.vz / FAR_FETCHED.outMps), FAR_FETCHED.most, 'times'),
    atMost('sideways', sidewaysShare, options.weather && !mayBeFlake ? maxFlakeSideways : MAX_SIDEWAYS_SHARE, 'of drop'),
    atMost('sideways_at_origin', Math.abs(start.vx), MAX_THROW_MPS, 'm/s'),
    atMost('rise', evidence.risePx / plane.pixelsPerMetre(start), start.y > TOSS_BELOW_M ? MAX_RISE_M : MAX_TOSS_RISE_M, 'm'),
    atLeast('origin_inside_facade', Math.min(insideX, insideY), 0, 'm'),
    atLeast('against_clutter', path.score, minScore, 'nats'),
  ];
  const mayHide = !options.weather && evidence.seenShare >= MIN_SEEN_SUSPECTED_SHARE;
  const isHidden = (c: Criterion): boolean => mayHide && c.criterion === 'seen';
  // Costly, and asked of few.
  if (criteria.every((c) => c.passed || isHidden(c))) {
    const least = movesAsFlakes ? MIN_KINK_GAIN_FLAKE : minKinkGain(options.weather, sizeM, -end.vy, bicGain);
    criteria.push(atLeast('fall_against_kink', gainOverKink(sights, plane), least, 'BIC'));
  }
  const failed = criteria.filter((c) => !c.passed);
  const onlyDoubts = failed.every((c) => DOUBTS.includes(c.criterion));
  // What falls steadily from the facade may be a bag or a sheet of paper: never a confident alarm.
  const slow = -end.vy < SLOW_MPS && path.score >= minScore && evidence.points >= MIN_POINTS_SUSPECTED;
  const suspected = failed.every(isHidden) || (onlyDoubts && slow && !options.weather);
  const verdict = failed.length === 0 ? 'confirmed' : suspected ? 'suspected' : null;
  const model =
    bicGain < 0 ? 'constant_velocity' : fit.rmsM > fallFitM ? 'wandering' : fit.forces.terminalSpeed >= 60 ? 'ballistic' : 'drag';
  return {
    verdict,
    confidence: confidenceOf(verdict, criteria),
    model,
    reasons: reasonsOf(criteria),
    failed: failed.map((c) => c.criterion),
    fit,
  };
}
