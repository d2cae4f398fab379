import { solveLinear } from '../geometry/homography.js';

export interface PolynomialFit {
  /** Coefficients of 1, u, u², … with u = t − {@link origin}, in units of the values a second to the power. */
  readonly coefficients: readonly number[];
  /** Time from which `u` counts, seconds: the middle of the data, so that the normal equations stay well conditioned. */
  readonly origin: number;
  readonly rms: number;
}

/**
 * Weighted least-squares polynomial.
 *
 * @param degree 0..4, below the number of points.
 * @throws {RangeError} when there are too few points.
 * @example fitPolynomial([0, 1, 2], [1, 3, 5], 1).coefficients // [3, 2] about the middle, t = 1
 */
export function fitPolynomial(
  times: readonly number[],
  values: readonly number[],
  degree: number,
  weights?: readonly number[],
): PolynomialFit {
  const n = times.length;
  if (n <= degree) throw new RangeError(`${n} points do not determine a polynomial of degree ${degree}`);
  const origin = ((times[0] as number) + (times[n - 1] as number)) / 2;
  // Solved in units of half the span, so that the powers stay of one size.
  const unit = Math.max(1e-9, ((times[n - 1] as number) - (times[0] as number)) / 2);
  const rows = Array.from({ length: degree + 1 }, () => new Array<number>(degree + 2).fill(0));
  for (let k = 0; k < n; k++) {
    const u = ((times[k] as number) - origin) / unit;
    const w = weights?.[k] ?? 1;
    for (let i = 0; i <= degree; i++) {
      const row = rows[i] as number[];
      for (let j = 0; j <= degree; j++) row[j] = (row[j] as number) + w * u ** (i + j);
      row[degree + 1] = (row[degree + 1] as number) + w * u ** i * (values[k] as number);
    }
  }
  const scaled = solveLinear(rows);
  if (scaled === null) throw new RangeError('the points do not determine a polynomial: too few different times');
  const coefficients = scaled.map((c, i) => c / unit ** i);
  const fit = { coefficients, origin, rms: 0 };
  let sum = 0;
  for (let k = 0; k < n; k++) sum += (polynomialAt(fit, times[k] as number) - (values[k] as number)) ** 2;
  return { ...fit, rms: Math.sqrt(sum / n) };
}

export function polynomialAt(fit: Pick<PolynomialFit, 'coefficients' | 'origin'>, t: number): number {
  const u = t - fit.origin;
  return fit.coefficients.reduceRight((sum, c) => sum * u + c, 0);
}
