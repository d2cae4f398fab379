import type { Sight } from './fall-fit.js';
import { LeastSquares } from './least-squares.js';
import { fitPolynomial } from './polynomial-fit.js';

/** A fall from rest seen in perspective by a camera of which nothing is known. */
export interface ProjectiveFall {
  /** Vertical place in the picture at a time, pixels. */
  yAt(timeS: number): number;
  /** Root mean square vertical distance of the sights, pixels. */
  readonly rmsPx: number;
}

/** Steps of the derivatives: pixels, px/s², 1/s², seconds. */
const STEPS = [1e-2, 1e-2, 1e-4, 1e-4];

/**
 * Fits y = (a + b·s) / (1 + c·s) with s = (t − t₀)²: a straight vertical fall in any perspective. The four figures themselves
 * mean little (from one path they cannot be told apart); how well the curve fits does.
 *
 * @param sights at least five, in order of time.
 */
export function fitProjectiveFall(sights: readonly Sight[]): ProjectiveFall {
  const origin = (sights[0] as Sight).timeS;
  const times = sights.map((s) => s.timeS - origin);
  const parabola = fitPolynomial(
    times,
    sights.map((s) => s.y),
    2,
  );
  const [height, speed, bend] = parabola.coefficients as [number, number, number];
  const rest = bend > 1e-6 ? parabola.origin - speed / (2 * bend) : 0;
  const y = (p: ArrayLike<number>, t: number): number => {
    const s = (t - (p[3] as number)) ** 2;
    return ((p[0] as number) + (p[1] as number) * s) / (1 + (p[2] as number) * s);
  };
  const residuals = (p: Float64Array, out: Float64Array): void => {
    for (let i = 0; i < sights.length; i++) {
      const sight = sights[i] as Sight;
      out[i] = (y(p, times[i] as number) - sight.y) / sight.sigmaPx;
    }
  };
  const start = [height - bend * (parabola.origin - rest) ** 2, bend, 0, Math.max(-2, rest)];
  const { parameters } = new LeastSquares(STEPS.length, sights.length).fit(residuals, start, STEPS);
  const sum = sights.reduce((total, s, i) => total + (y(parameters, times[i] as number) - s.y) ** 2, 0);
  return { yAt: (timeS) => y(parameters, timeS - origin), rmsPx: Math.sqrt(sum / sights.length) };
}
