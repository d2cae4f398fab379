import { fitPolynomial, polynomialAt } from '../../core/ballistics/polynomial-fit.js';
import { fitProjectiveFall } from '../../core/ballistics/projective-fall.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { Point } from '../../domain/geometry.js';
import { sightOf } from './path-evidence.js';

/** Where a falling thing is at a time, pixels. */
export type Predictor = (timeS: number) => Point;

/**
 * Points at the end of a path from which it is extrapolated: half a second at 25 frames a second, nearly a parabola in any perspective.
 * More bend with the perspective, fewer with noise.
 */
const LOCAL_POINTS = 10;

/**
 * Predicts from the points at one end of a path: sideways evenly, downward as a parabola. Local and in the picture on purpose:
 * a fall fitted as a whole in facade metres is off by pixels at its ends when the thing leaves the facade's plane.
 */
export function predictFrom(points: readonly PathPoint[], end: 'first' | 'last'): Predictor {
  const near = end === 'first' ? points.slice(0, LOCAL_POINTS) : points.slice(-LOCAL_POINTS);
  const times = near.map((p) => p.timeS);
  const across = fitPolynomial(
    times,
    near.map((p) => p.candidate.x),
    Math.min(1, near.length - 1),
  );
  const down = fitPolynomial(
    times,
    near.map((p) => p.candidate.y),
    near.length >= 5 ? 2 : Math.min(1, near.length - 1),
  );
  return (timeS) => ({ x: polynomialAt(across, timeS), y: polynomialAt(down, timeS) });
}

/** Points at the beginning of a path from which its way sideways there follows: a second of 25 pictures. */
const ACROSS_POINTS = 25;

/**
 * Predicts where a thing was on its way up, if it came up at all, from the whole of its fall: the same way in the other direction. Near the top it hardly
 * moves, and a rail that hides it there moves what is seen of it, so that the few points of {@link predictFrom} lead astray.
 *
 * @param points at least five.
 */
export function predictWayUp(points: readonly PathPoint[]): Predictor {
  const near = points.slice(0, ACROSS_POINTS);
  const across = fitPolynomial(
    near.map((p) => p.timeS),
    near.map((p) => p.candidate.x),
    1,
  );
  const fall = fitProjectiveFall(points.map(sightOf));
  return (timeS) => ({ x: polynomialAt(across, timeS), y: fall.yAt(timeS) });
}
