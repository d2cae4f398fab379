import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { LinkedPath, Path, PathPoint } from '../../core/tracking/linker.js';
import { judgeInPicture } from './judge-in-picture.js';
import { judgeOnFacade, MAX_START_WEATHER_MPS, MAX_THROW_MPS, MIN_POINTS_WEATHER } from './judge-on-facade.js';
import type { Judgement, JudgeOptions } from './judgement.js';
import { MIN_DOWN_SHARE, MIN_POINTS, MIN_SCORE, MIN_SCORE_WEATHER, MIN_SEEN_SHARE } from './limits.js';
import { downShareOf, seenShareOf } from './path-evidence.js';

/**
 * How many times a limit of speed a path must exceed for no model to be asked: two positions tell it to some 3 m/s, and a fit may lay part of it
 * to motion out of the facade. Less would turn throws away.
 */
const CLEARLY = 2;

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
