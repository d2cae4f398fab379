import { GRAVITY } from '../../core/ballistics/fall-model.js';
import type { Path } from '../../core/tracking/linker.js';
import { atLeast, atMost, confidenceOf, type Judgement, type JudgeOptions, reasonsOf } from './judgement.js';
import { leastSeen, MAX_SIZE_M, MIN_DOWN_SHARE, MIN_SCORE, MIN_SCORE_WEATHER } from './limits.js';
import { type PathEvidence, pathEvidence, sightOf, type VerticalMotion, verticalMotion } from './path-evidence.js';

/** Points for a confident verdict without a facade, where only the shape of the motion speaks. */
export const MIN_POINTS_UNCALIBRATED = 9;
/** BIC by which acceleration must beat steady motion: more than on a facade, since nothing else tells a fall from what merely hurries. */
const MIN_ACCELERATION_GAIN = 20;
/** Farthest that it may rise before it falls, share of the drop. */
const MAX_RISE_SHARE = 0.35;

/** Share of sights that are all brighter than what lies behind, or all darker: noise that was linked by chance is both. */
const SAME_CONTRAST_SHARE = 0.7;
/**
 * Clutter is not linked for so many points so far out of itself (natural units): what is, passes before bright walls and dark windows. On twelve real clips and
 * 28 rendered ones no path but true falls came up to it and lacked the one contrast alone; the nearest had 14 points and 67. Lower, and flicker is confirmed;
 * higher, and falls before brick and foliage are suspected.
 */
const ANY_CONTRAST = { points: 18, score: 100 } as const;

/** The verdict on a camera without a facade, where only the shape of the motion in the picture speaks. */
export function judgeInPicture(path: Path, options: JudgeOptions): Judgement {
  const evidence = pathEvidence(path);
  const motion = verticalMotion(path.points.map(sightOf));
  const share = evidence.dropPx / options.pictureHeightPx;
  // A path too short for its shape to speak is suspected only where clutter hardly makes one like it.
  const short = evidence.points < MIN_POINTS_UNCALIBRATED;
  const minScore = options.weather || short ? MIN_SCORE_WEATHER : MIN_SCORE;
  // Near the lens perspective dominates, far away drag: one of the two curves follows what the other does not.
  const fitPx = Math.min(motion.cubicPx, motion.projectivePx);
  const fitLimit = 1.2 + 0.01 * evidence.dropPx;
  const anyContrast = evidence.points >= ANY_CONTRAST.points && path.score >= ANY_CONTRAST.score;
  const criteria = [
    atLeast('drop', share, options.minDropShare, 'of picture height'),
    atLeast('points', evidence.points, MIN_POINTS_UNCALIBRATED, 'frames'),
    atLeast('downward_steps', evidence.downShare, MIN_DOWN_SHARE, 'share'),
    atLeast('seen', evidence.seenShare, leastSeen(path.score), 'share'),
    atMost('fall_fit', fitPx, fitLimit, 'px'),
    atMost('sideways_fit', motion.acrossPx, fitLimit, 'px'),
    atMost('sideways', evidence.acrossPx / Math.max(1, evidence.dropPx), 0.6, 'of drop'),
    atMost('rise', evidence.risePx / Math.max(1, evidence.dropPx), MAX_RISE_SHARE, 'of drop'),
    atLeast('acceleration', motion.bicGain, MIN_ACCELERATION_GAIN, 'BIC'),
    atLeast('speeds_up', motion.speedRatio, 1.8, 'ratio'),
    atMost('since_rest', motion.sinceRestS / Math.max(0.05, evidence.durationS), 1.5, 'of duration'),
    atMost('implied_size', (evidence.thinPx * GRAVITY) / Math.max(1, motion.accelerationPx), MAX_SIZE_M, 'm'),
    atLeast('same_contrast', evidence.sameSignShare, anyContrast ? 0 : SAME_CONTRAST_SHARE, 'share'),
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
