import { fitPolynomial, polynomialAt } from '../../core/ballistics/polynomial-fit.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { Point } from '../../domain/geometry.js';

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
