import { type FallFit, fallAt, fitConstantVelocity, fitFall } from '../../core/ballistics/fall-fit.js';
import { GRAVITY } from '../../core/ballistics/fall-model.js';
import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { LinkedPath, Path, PathPoint } from '../../core/tracking/linker.js';
import type { FallModel, Reason, Verdict } from '../../domain/incident.js';
import {
  downShareOf,
  type PathEvidence,
  pathEvidence,
  seenShareOf,
  sightOf,
  type VerticalMotion,
  verticalMotion,
} from './path-evidence.js';

/** What a path was judged to be. `null` verdict: nothing worth reporting. */
export interface Judgement {
  readonly verdict: Verdict | null;
  /** 0..1. */
  readonly confidence: number;
  readonly model: FallModel;
  /** Each criterion with what was measured, those that failed first. */
  readonly reasons: readonly Reason[];
  /** Names of the criteria that failed. */
  readonly failed: readonly string[];
  /** The fall in facade metres; `null` on a camera without a facade. */
  readonly fit: FallFit | null;
}

export interface JudgeOptions {
  readonly plane: FacadePlane | null;
  readonly floorHeightM: number | null;
  readonly minDropFloors: number;
  /** Least drop without a facade, fraction of the picture's height. */
  readonly minDropShare: number;
  readonly pictureHeightPx: number;
  /** Precipitation was recognised, or it is too early to tell: more evidence is asked for. */
  readonly weather: boolean;
  /** It was recognised for certain. */
  readonly precipitation: boolean;
  /** A wind drives it. */
  readonly driven: boolean;
}

/** Points a path needs to be judged: fewer cannot tell a fall from chance. */
export const MIN_POINTS = 6;
/** The same in precipitation. */
const MIN_POINTS_WEATHER = 10;
/** Points for a suspicion: a short steady path is a drop of rain. */
const MIN_POINTS_SUSPECTED = 15;
/** Points for a confident verdict without a facade, where only the shape of the motion speaks. */
export const MIN_POINTS_UNCALIBRATED = 9;
const MIN_DOWN_SHARE = 0.85;
/** Share of the pictures in which it must be seen: balconies, trees or rain hide the rest. */
const MIN_SEEN_SHARE = 0.6;
/** The same where the path stands far out of the clutter: by how much, natural units. */
const MIN_SEEN_CLEAR_SHARE = 0.5;
const CLEAR_SCORE = 60;
/** Residual of the fall in facade metres: this plus a share of the drop (corner error, departure from the facade's plane). */
const RMS_M = 0.25;
const RMS_DROP_SHARE = 0.006;
const LATERAL_M = 0.6;
/** BIC by which a fall must beat steady motion; 10 is "very strong" (Kass and Raftery 1995), 20 leaves room for unmodelled noise. */
const MIN_BIC_GAIN = 20;
/** The same, and the least drop, in what the wind drives: gusts bend and hurry flakes for a floor or three. */
const MIN_BIC_GAIN_DRIVEN = 40;
const MIN_DROP_DRIVEN_FLOORS = 4;
/** Position noise assumed in the comparison of models, metres: smaller residuals are not better evidence. */
const MODEL_NOISE_M = 0.05;
/** How far outside the drawn facade an origin may lie, metres: balconies, roof edges, corner error. */
const FACADE_MARGIN_M = 0.7;
/**
 * How far a thing may rise before it falls, metres: people throw things a few metres up from a window; from near the ground, what rises
 * more than an arm's length is a ball that somebody tossed.
 */
const MAX_RISE_M = 5;
const MAX_TOSS_RISE_M = 1.2;
const TOSS_BELOW_M = 7;
/** Fastest that things leave a hand, m/s, beside what a fall from the roof has given them: rain and birds are faster. */
const MAX_THROW_MPS = 8;
/** Fastest start in precipitation, m/s: drops and flakes are at full speed from where they are first seen, what is let go is not. */
const MAX_START_WEATHER_MPS = 3.5;
/** Speed that a fall must reach, m/s: a shirt does within a floor. What comes down more slowly drifts: a leaf, paper, a platform. */
const MIN_END_MPS = 3.5;
/** The same without a facade: rise as a share of the drop. */
const MAX_RISE_SHARE = 0.35;
/**
 * Farthest that a thing may go sideways, as a share of its drop: who throws at 8 m/s sideways passes it after a second and a half of falling. Birds
 * glide farther; so does snow, and from what the wind drives only what falls more steeply can be told.
 */
const MAX_SIDEWAYS_SHARE = 0.9;
const MAX_SIDEWAYS_WEATHER_SHARE = 0.65;
const MAX_SIDEWAYS_DRIVEN_SHARE = 0.35;
/** Log-likelihood ratio against clutter that a path needs, and in precipitation. */
const MIN_SCORE = 12;
const MIN_SCORE_WEATHER = 30;

/**
 * Largest thing taken for thrown, metres. Without a facade the scale follows from gravity: what accelerates slowly is far away, and what
 * is far away and still looks large is a bird, a hand or a car.
 */
const MAX_SIZE_M = 1;

/**
 * How many times a limit of speed a path must exceed for no model to be asked: two positions tell it to some 3 m/s, and a fit may lay part of it
 * to motion out of the facade. Less would turn throws away.
 */
const CLEARLY = 2;

interface Criterion extends Reason {
  readonly passed: boolean;
}

const atLeast = (criterion: string, value: number, threshold: number, unit: string): Criterion => ({
  criterion,
  value,
  threshold,
  unit,
  passed: value >= threshold,
});
const atMost = (criterion: string, value: number, threshold: number, unit: string): Criterion => ({
  criterion,
  value,
  threshold,
  unit,
  passed: value <= threshold,
});

/** Whether a path could be a throw at all: cheap, so that models are fitted to few paths. What needs its points comes last. */
export function worthJudging(path: LinkedPath, options: JudgeOptions): boolean {
  if (path.length < MIN_POINTS || path.score < MIN_SCORE / 2) return false;
  if (options.weather && (path.length < MIN_POINTS_WEATHER || path.score < MIN_SCORE_WEATHER)) return false;
  // Beyond the plane's horizon a drop is no number.
  if (!(dropFloorsOrShare(path, options) >= 0.9)) return false;
  const seenShare = seenShareOf(path, path.length);
  if (seenShare < MIN_SEEN_SHARE - 0.1 || downShareOf(path.points) < MIN_DOWN_SHARE - 0.1) return false;
  return options.plane === null || !(fliesPast(path, options.plane) || (options.weather && startsFast(path, options.plane)));
}

/** Whether the first few points already fall faster than what is let go can: most of what falls in rain. */
function startsFast(path: LinkedPath, plane: FacadePlane): boolean {
  const first = path.points[0] as PathPoint;
  const fourth = path.points[3];
  if (fourth === undefined) return false;
  const dropM = plane.toMetres(first.candidate).y - plane.toMetres(fourth.candidate).y;
  return dropM / Math.max(1e-3, fourth.timeS - first.timeS) > CLEARLY * MAX_START_WEATHER_MPS;
}

/** Whether it goes sideways faster, all along, than anybody throws: driven rain near the lens, birds. */
function fliesPast(path: LinkedPath, plane: FacadePlane): boolean {
  const first = path.points[0] as PathPoint;
  const acrossM = plane.toMetres({ x: path.lastX, y: path.lastY }).x - plane.toMetres(first.candidate).x;
  return Math.abs(acrossM) / Math.max(1e-3, path.lastSeenS - first.timeS) > CLEARLY * MAX_THROW_MPS;
}

/** Drop in units of the least drop that counts. */
function dropFloorsOrShare(path: LinkedPath, options: JudgeOptions): number {
  if (options.plane === null || options.floorHeightM === null)
    return (path.lastY - path.firstY) / (options.pictureHeightPx * options.minDropShare);
  const top = options.plane.toMetres({ x: path.firstX, y: path.firstY }).y;
  return (top - options.plane.toMetres({ x: path.lastX, y: path.lastY }).y) / (options.floorHeightM * options.minDropFloors);
}

/** Decides between a fall, steady motion and wandering. */
export function judge(path: Path, options: JudgeOptions): Judgement {
  return options.plane === null || options.floorHeightM === null
    ? judgeInPicture(path, options)
    : judgeOnFacade(path, options, options.plane, options.floorHeightM);
}

function judgeOnFacade(path: Path, options: JudgeOptions, plane: FacadePlane, floorM: number): Judgement {
  const evidence = pathEvidence(path);
  const sights = path.points.map(sightOf);
  const first = sights[0] as (typeof sights)[number];
  const last = sights[sights.length - 1] as (typeof sights)[number];
  const highest = sights.reduce((a, b) => (b.y < a.y ? b : a));
  const fit = fitFall(sights, plane, false);
  const steady = fitConstantVelocity(sights, plane);
  const start = fallAt(fit, first.timeS);
  const end = fallAt(fit, last.timeS);
  const dropM = Math.max(start.y, plane.toMetres(highest).y) - end.y;
  const n = sights.length;
  const bicGain = n * Math.log((steady.rmsM ** 2 + MODEL_NOISE_M ** 2) / (fit.rmsM ** 2 + MODEL_NOISE_M ** 2)) - Math.log(n);
  const insideX = Math.min(start.x + FACADE_MARGIN_M, plane.widthM + FACADE_MARGIN_M - start.x);
  const insideY = Math.min(start.y, plane.heightM + floorM - start.y);
  const minScore = options.weather ? MIN_SCORE_WEATHER : MIN_SCORE;
  const fromRoof = Math.sqrt(2 * GRAVITY * Math.max(0, plane.heightM + floorM - start.y));
  const maxSideways = !options.weather ? MAX_SIDEWAYS_SHARE : options.driven ? MAX_SIDEWAYS_DRIVEN_SHARE : MAX_SIDEWAYS_WEATHER_SHARE;
  const driven = options.weather && options.driven;
  const minDropFloors = driven ? Math.max(MIN_DROP_DRIVEN_FLOORS, options.minDropFloors) : options.minDropFloors;
  const minBicGain = driven ? MIN_BIC_GAIN_DRIVEN : MIN_BIC_GAIN;
  const criteria = [
    atLeast('drop_floors', dropM / floorM, minDropFloors, 'floors'),
    atLeast('points', evidence.points, options.weather ? MIN_POINTS_WEATHER : MIN_POINTS, 'frames'),
    atLeast('downward_steps', evidence.downShare, MIN_DOWN_SHARE, 'share'),
    atLeast('seen', evidence.seenShare, path.score >= CLEAR_SCORE ? MIN_SEEN_CLEAR_SHARE : MIN_SEEN_SHARE, 'share'),
    atMost('fall_fit', fit.rmsM, RMS_M + RMS_DROP_SHARE * dropM, 'm'),
    atMost('sideways_fit', fit.lateralM, LATERAL_M, 'm'),
    atMost('size', evidence.thinPx / plane.pixelsPerMetre(start), 2 * MAX_SIZE_M, 'm'),
    atLeast('fall_against_steady_motion', bicGain, minBicGain, 'BIC'),
    atLeast('speed_at_end', -end.vy, MIN_END_MPS, 'm/s'),
    atMost('speed_at_origin', -start.vy, options.weather ? MAX_START_WEATHER_MPS : MAX_THROW_MPS + fromRoof, 'm/s'),
    atMost('sideways', Math.abs(end.x - start.x) / Math.max(0.1, dropM), maxSideways, 'of drop'),
    atMost('sideways_at_origin', Math.abs(start.vx), MAX_THROW_MPS, 'm/s'),
    atMost('rise', evidence.risePx / plane.pixelsPerMetre(start), start.y > TOSS_BELOW_M ? MAX_RISE_M : MAX_TOSS_RISE_M, 'm'),
    atLeast('origin_inside_facade', Math.min(insideX, insideY), 0, 'm'),
    atLeast('against_clutter', path.score, minScore, 'nats'),
  ];
  const failed = criteria.filter((c) => !c.passed);
  const doubtful = failed.filter((c) => ['fall_against_steady_motion', 'speed_at_end', 'points', 'against_clutter'].includes(c.criterion));
  const onlyDoubts = failed.length > 0 && failed.length === doubtful.length;
  // What falls steadily from the facade may be a bag or a sheet of paper: never a confident alarm.
  const slow = -end.vy < 12 && path.score >= minScore && evidence.points >= MIN_POINTS_SUSPECTED;
  const verdict = failed.length === 0 ? 'confirmed' : onlyDoubts && slow && !options.weather ? 'suspected' : null;
  const model =
    bicGain < 0
      ? 'constant_velocity'
      : fit.rmsM > RMS_M + RMS_DROP_SHARE * dropM
        ? 'wandering'
        : fit.forces.terminalSpeed >= 60
          ? 'ballistic'
          : 'drag';
  return {
    verdict,
    confidence: confidenceOf(verdict, criteria),
    model,
    reasons: reasonsOf(criteria),
    failed: failed.map((c) => c.criterion),
    fit,
  };
}

function judgeInPicture(path: Path, options: JudgeOptions): Judgement {
  const evidence = pathEvidence(path);
  const motion = verticalMotion(path.points.map(sightOf));
  const share = evidence.dropPx / options.pictureHeightPx;
  // A path too short for its shape to speak is suspected only where clutter hardly makes one like it.
  const short = evidence.points < MIN_POINTS_UNCALIBRATED;
  const minScore = options.weather || short ? MIN_SCORE_WEATHER : MIN_SCORE;
  // Near the lens perspective dominates, far away drag: one of the two curves follows what the other does not.
  const fitPx = Math.min(motion.cubicPx, motion.projectivePx);
  const fitLimit = 1.2 + 0.01 * evidence.dropPx;
  const criteria = [
    atLeast('drop', share, options.minDropShare, 'of picture height'),
    atLeast('points', evidence.points, MIN_POINTS_UNCALIBRATED, 'frames'),
    atLeast('downward_steps', evidence.downShare, MIN_DOWN_SHARE, 'share'),
    atLeast('seen', evidence.seenShare, path.score >= CLEAR_SCORE ? MIN_SEEN_CLEAR_SHARE : MIN_SEEN_SHARE, 'share'),
    atMost('fall_fit', fitPx, fitLimit, 'px'),
    atMost('sideways_fit', motion.acrossPx, fitLimit, 'px'),
    atMost('sideways', evidence.acrossPx / Math.max(1, evidence.dropPx), 0.6, 'of drop'),
    atMost('rise', evidence.risePx / Math.max(1, evidence.dropPx), MAX_RISE_SHARE, 'of drop'),
    atLeast('acceleration', motion.bicGain, MIN_BIC_GAIN, 'BIC'),
    atLeast('speeds_up', motion.speedRatio, 1.8, 'ratio'),
    atMost('since_rest', motion.sinceRestS / Math.max(0.05, evidence.durationS), 1.5, 'of duration'),
    atMost('implied_size', (evidence.thinPx * GRAVITY) / Math.max(1, motion.accelerationPx), MAX_SIZE_M, 'm'),
    atLeast('same_contrast', evidence.sameSignShare, 0.7, 'share'),
    atLeast('against_clutter', path.score, minScore, 'nats'),
  ];
  const failed = criteria.filter((c) => !c.passed);
  const doubtful = failed.filter((c) => ['points', 'speeds_up', 'since_rest', 'same_contrast'].includes(c.criterion));
  const steady = failed.every((c) => STEADY_FAILS.includes(c.criterion)) && fallsSteadily(evidence, motion, path.score, options);
  const suspicious = failed.length === doubtful.length || steady;
  const verdict = failed.length === 0 ? 'confirmed' : suspicious && !options.precipitation ? 'suspected' : null;
  const model = motion.bicGain < 0 ? 'constant_velocity' : fitPx > fitLimit ? 'wandering' : 'drag';
  return {
    verdict,
    confidence: confidenceOf(verdict, criteria),
    model,
    reasons: reasonsOf(criteria),
    failed: failed.map((c) => c.criterion),
    fit: null,
  };
}

/** Criteria that something light fails which came into view at its terminal speed. */
const STEADY_FAILS: readonly string[] = ['acceleration', 'speeds_up', 'since_rest', 'implied_size'];
/**
 * What such a thing must show instead: a long way straight down (share of the picture's height), in many pictures, far out of the clutter, at a
 * speed (picture heights a second) and of a size (share of the height) that vehicles and people on the ground do not have. Looser, and
 * whoever walks towards a camera is suspected.
 */
const STEADY = { drop: 0.35, points: 20, score: 100, linePx: 1.2, lineShare: 0.02, sideways: 0.2, heightsPerS: 0.35, size: 0.04 } as const;

function fallsSteadily(evidence: PathEvidence, motion: VerticalMotion, score: number, options: JudgeOptions): boolean {
  const height = options.pictureHeightPx;
  return (
    evidence.dropPx >= STEADY.drop * height &&
    evidence.points >= STEADY.points &&
    score >= STEADY.score &&
    motion.linePx <= STEADY.linePx + STEADY.lineShare * evidence.dropPx &&
    evidence.acrossPx <= STEADY.sideways * evidence.dropPx &&
    evidence.dropPx >= STEADY.heightsPerS * height * evidence.durationS &&
    evidence.thinPx <= STEADY.size * height
  );
}

function reasonsOf(criteria: readonly Criterion[]): Reason[] {
  const order = [...criteria.filter((c) => !c.passed), ...criteria.filter((c) => c.passed)];
  return order.map(({ criterion, value, threshold, unit }) => ({ criterion, value: finite(value), threshold, unit }));
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 1e6);

/**
 * A figure between 0.5 and 1 for a confirmed path (how far its tightest criterion is from its limit), below 0.5 for others. An
 * ordering, not a probability.
 */
function confidenceOf(verdict: Verdict | null, criteria: readonly Criterion[]): number {
  if (verdict === null) return 0;
  if (verdict === 'suspected') return 0.5 * (criteria.filter((c) => c.passed).length / criteria.length);
  const margins = criteria
    .filter((c) => ['fall_fit', 'fall_against_steady_motion', 'acceleration', 'against_clutter', 'seen', 'points'].includes(c.criterion))
    .map((c) => (c.criterion === 'fall_fit' ? 1 - c.value / c.threshold : 1 - c.threshold / Math.max(c.value, 1e-9)));
  return 0.5 + 0.5 * (margins.reduce((a, b) => a + b, 0) / margins.length);
}
