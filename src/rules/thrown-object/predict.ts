import { type FallFit, fallAt, fitFall } from '../../core/ballistics/fall-fit.js';
import { fitPolynomial, polynomialAt } from '../../core/ballistics/polynomial-fit.js';
import type { FacadePlane } from '../../core/geometry/facade-plane.js';
import type { PathPoint } from '../../core/tracking/linker.js';
import type { Point } from '../../domain/geometry.js';
import { sightOf } from './path-evidence.js';

/** Where a falling thing is at a time, pixels. */
export type Predictor = (timeS: number) => Point;

/** Points at the end of a path from which a camera without a facade extrapolates: a third of a second, nearly a parabola. */
const LOCAL_POINTS = 8;

/** Predicts from a fit in facade metres. */
export function predictOnFacade(fit: FallFit, plane: FacadePlane): Predictor {
  return (timeS) => plane.toPixels(fallAt(fit, timeS));
}

/**
 * Predicts from the points at one end of a path, in the picture: sideways evenly, downward with the whole path's acceleration.
 */
export function predictInPicture(points: readonly PathPoint[], end: 'first' | 'last'): Predictor {
  const t = points.map((p) => p.timeS);
  const bend =
    points.length > 4
      ? (fitPolynomial(
          t,
          points.map((p) => p.candidate.y),
          2,
        ).coefficients[2] as number)
      : 0;
  const near = end === 'first' ? points.slice(0, LOCAL_POINTS) : points.slice(-LOCAL_POINTS);
  const times = near.map((p) => p.timeS);
  const across = fitPolynomial(
    times,
    near.map((p) => p.candidate.x),
    near.length > 1 ? 1 : 0,
  );
  // With the acceleration taken out, what is left is a straight line.
  const origin = across.origin;
  const down = fitPolynomial(
    times,
    near.map((p) => p.candidate.y - bend * (p.timeS - origin) ** 2),
    near.length > 1 ? 1 : 0,
  );
  return (timeS) => ({ x: polynomialAt(across, timeS), y: polynomialAt(down, timeS) + bend * (timeS - origin) ** 2 });
}

/** The best predictor for an end of a path. */
export function predictorFor(points: readonly PathPoint[], plane: FacadePlane | null, end: 'first' | 'last'): Predictor {
  return plane === null ? predictInPicture(points, end) : predictOnFacade(fitFall(points.map(sightOf), plane, false), plane);
}
