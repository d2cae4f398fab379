import { solveLinear } from '../geometry/homography.js';

/** Residuals in units of their standard deviation beyond which a point counts less (Huber 1964: 95 % efficient at Gaussian noise). */
const HUBER = 1.345;
/** Steps of the search: falls converge in 5 to 10; more spend time on paths that fit nothing. */
const MAX_ITERATIONS = 20;
/**
 * Relative fall of the cost at which iterating ends: far below the 0.1 % by which models are told apart. Larger, and neighbouring terminal
 * speeds get costs that jump.
 */
const DONE = 1e-5;

export interface Fit {
  readonly parameters: readonly number[];
  /** Root mean square of the (unweighted) residuals. */
  readonly rms: number;
  /** Sum of squares of the residuals, each large one counted as Huber has it. */
  readonly cost: number;
}

/**
 * Robust non-linear least squares: Levenberg-Marquardt with a numerical Jacobian and Huber weights; for a handful of parameters.
 *
 * @param residuals of given parameters, in units of their standard deviation; always the same number of them.
 * @param steps size of the step for each parameter's derivative.
 * @example leastSquares((p) => [p[0] - 3, p[0] - 5], [0], [1e-3]).parameters // [4]
 */
export function leastSquares(
  residuals: (parameters: readonly number[]) => readonly number[],
  start: readonly number[],
  steps: readonly number[],
): Fit {
  let parameters = [...start];
  let r = residuals(parameters);
  let cost = huberCost(r);
  let damping = 1e-3;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const step = proposal(residuals, parameters, r, steps, damping);
    if (step === null) break;
    const candidate = parameters.map((p, i) => p + (step[i] as number));
    const rNext = residuals(candidate);
    const next = huberCost(rNext);
    if (next < cost) {
      const gain = (cost - next) / Math.max(cost, 1e-12);
      parameters = candidate;
      r = rNext;
      cost = next;
      damping = Math.max(damping / 5, 1e-7);
      if (gain < DONE) break;
    } else {
      damping *= 10;
      if (damping > 1e5) break;
    }
  }
  return { parameters, rms: Math.sqrt(r.reduce((sum, v) => sum + v * v, 0) / Math.max(1, r.length)), cost };
}

function proposal(
  residuals: (p: readonly number[]) => readonly number[],
  parameters: readonly number[],
  r: readonly number[],
  steps: readonly number[],
  damping: number,
): number[] | null {
  const n = parameters.length;
  const columns = parameters.map((value, i) => {
    const h = steps[i] as number;
    const moved = [...parameters];
    moved[i] = value + h;
    return residuals(moved).map((v, k) => (v - (r[k] as number)) / h);
  });
  const weights = r.map((v) => (Math.abs(v) <= HUBER ? 1 : HUBER / Math.abs(v)));
  const rows = Array.from({ length: n }, (_, i) => {
    const row = Array.from({ length: n }, (__, j) => weighted(columns[i] as number[], columns[j] as number[], weights));
    row[i] = (row[i] as number) * (1 + damping) + 1e-12;
    row.push(-weighted(columns[i] as number[], r, weights));
    return row;
  });
  const step = solveLinear(rows);
  return step?.every(Number.isFinite) ? step : null;
}

function weighted(a: readonly number[], b: readonly number[], w: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number) * (w[i] as number);
  return sum;
}

function huberCost(r: readonly number[]): number {
  let sum = 0;
  for (const v of r) {
    const a = Math.abs(v);
    sum += a <= HUBER ? a * a : 2 * HUBER * a - HUBER * HUBER;
  }
  return Number.isFinite(sum) ? sum : Number.POSITIVE_INFINITY;
}
