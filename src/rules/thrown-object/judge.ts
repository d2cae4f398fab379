import { GRAVITY } from '../../core/ballistics/fall-model.js';
import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { LinkedPath, Path, PathPoint } from '../../core/tracking/linker.js';
import { judgeInPicture } from './judge-in-picture.js';
import { judgeOnFacade, MAX_START_WEATHER_MPS, MAX_THROW_MPS, MIN_POINTS_WEATHER } from './judge-on-facade.js';
import type { Judgement, JudgeOptions } from './judgement.js';
import { MIN_DOWN_SHARE, MIN_POINTS, MIN_SCORE, MIN_SCORE_WEATHER, MIN_SEEN_SUSPECTED_SHARE } from './limits.js';
import { downShareOf, seenShareOf } from './path-evidence.js';

/**
 * How many times a limit of speed a path must exceed for no model to be asked: two positions tell it to some 3 m/s, and a fit may lay part of it
 * to motion out of the facade. Less would turn throws away.
 */
const CLEARLY = 2;

/** Least drop, as it is seen, for models to be asked, in units of the least drop that counts: fits put it a little higher than pictures do. */
const LEAST_DROP = 0.9;
/**
 * The same on a facade of what was lost from sight: what comes toward a camera that looks up seems to rise meanwhile. A bottle thrown at 5 m/s fell 7.4 m and
 * showed 4. Higher, and such throws are never judged; lower costs fits.
 */
export const LEAST_DROP_LOST = 0.6;

/** Whether a path could be a throw at all: cheap, so that models are fitted to few paths. What needs its points comes last. */
export function worthJudging(path: LinkedPath, options: JudgeOptions, leastDrop = LEAST_DROP): boolean {
  if (path.length < MIN_POINTS || path.score < MIN_SCORE / 2) return false;
  if (options.weather && (path.length < MIN_POINTS_WEATHER || path.score < MIN_SCORE_WEATHER)) return false;
  // Beyond the plane's horizon a drop is no number.
  if (!(dropFloorsOrShare(path, options) >= leastDrop)) return false;
  const seenShare = seenShareOf(path, path.length);
  if (seenShare < MIN_SEEN_SUSPECTED_SHARE || downShareOf(path.points) < MIN_DOWN_SHARE - 0.1) return false;
  return options.plane === null || !(fliesPast(path, options.plane) || (options.weather && startsFast(path, options.plane)));
}

/** Sights at either end from which a path's speed there is told. */
const SPEED_POINTS = 4;
/**
 * Least share of gravity by which what was first seen at speed must go on to gain more, for models to be asked: drops and flakes near the lens, which
 * pass at a steady speed in the picture, slow down on a facade seen from below. Higher, and light things whose beginning is hidden are lost; without it rain
 * costs a fit a drop.
 */
const LEAST_GAIN_OF_SPEED = 0.25;

/** Whether the first few points already fall faster than what is let go can, and those that follow hardly faster: most of what falls in rain. */
function startsFast(path: LinkedPath, plane: FacadePlane): boolean {
  const { points } = path;
  const firstMps = speedOf(points.slice(0, SPEED_POINTS), plane);
  if (firstMps <= CLEARLY * MAX_START_WEATHER_MPS) return false;
  const seconds = path.lastSeenS - (points[0] as PathPoint).timeS;
  return speedOf(points.slice(-SPEED_POINTS), plane) - firstMps < LEAST_GAIN_OF_SPEED * GRAVITY * seconds;
}

/** Downward speed from the first to the last of a few points, m/s. */
function speedOf(points: readonly PathPoint[], plane: FacadePlane): number {
  const first = points[0] as PathPoint;
  const last = points[points.length - 1] as PathPoint;
  const dropM = plane.toMetres(first.candidate).y - plane.toMetres(last.candidate).y;
  return dropM / Math.max(1e-3, last.timeS - first.timeS);
}

/** Whether it goes sideways faster, all along, than anybody throws: driven rain near the lens, birds. */
function fliesPast(path: LinkedPath, plane: FacadePlane): boolean {
  const first = path.points[0] as PathPoint;
  const acrossM = plane.toMetres({ x: path.lastX, y: path.lastY }).x - plane.toMetres(first.candidate).x;
  return Math.abs(acrossM) / Math.max(1e-3, path.lastSeenS - first.timeS) > CLEARLY * MAX_THROW_MPS;
}

/** Drop, as it is seen, in units of the least drop that counts. */
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
