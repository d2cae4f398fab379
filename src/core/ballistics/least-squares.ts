import { solveInPlace } from '../geometry/linear-system.js';

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

/** Puts the residuals at given parameters, in units of their standard deviation, into `out`. */
export type Residuals = (parameters: Float64Array, out: Float64Array) => void;

/**
 * Robust non-linear least squares: Levenberg-Marquardt with a numerical Jacobian and Huber weights; for a handful of parameters. Its memory
 * is asked for once and serves for any number of fits of the same size.
 */
export class LeastSquares {
  private parameters: Float64Array;
  private candidate: Float64Array;
  private residuals: Float64Array;
  private candidateResiduals: Float64Array;
  private readonly weights: Float64Array;
  /** The Jacobian, column by column. */
  private readonly columns: readonly Float64Array[];
  private readonly rows: Float64Array;
  private readonly step: Float64Array;

  /**
   * @param parameterCount of the model.
   * @param residualCount of the data, priors included.
   * @param priorCount of them, the first, that are no data: those count in full however large, or nonsense far from every prior would be cheap.
   */
  constructor(
    private readonly parameterCount: number,
    residualCount: number,
    private readonly priorCount = 0,
  ) {
    this.parameters = new Float64Array(parameterCount);
    this.candidate = new Float64Array(parameterCount);
    this.residuals = new Float64Array(residualCount);
    this.candidateResiduals = new Float64Array(residualCount);
    this.weights = new Float64Array(residualCount);
    this.columns = Array.from({ length: parameterCount }, () => new Float64Array(residualCount));
    this.rows = new Float64Array(parameterCount * (parameterCount + 1));
    this.step = new Float64Array(parameterCount);
  }

  /**
   * @param steps size of the step for each parameter's derivative.
   * @example new LeastSquares(1, 2).fit((p, out) => out.set([p[0] - 3, p[0] - 5]), [0], [1e-3]).parameters // [4]
   */
  fit(residuals: Residuals, start: readonly number[], steps: readonly number[]): Fit {
    this.parameters.set(start);
    residuals(this.parameters, this.residuals);
    let cost = this.costOf(this.residuals);
    let damping = 1e-3;
    // After a step that did not help only the damping changes.
    let moved = true;
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      if (moved) this.differentiate(residuals, steps);
      if (!this.propose(damping)) break;
      residuals(this.candidate, this.candidateResiduals);
      const next = this.costOf(this.candidateResiduals);
      moved = next < cost;
      if (moved) {
        const gain = (cost - next) / Math.max(cost, 1e-12);
        [this.parameters, this.candidate] = [this.candidate, this.parameters];
        [this.residuals, this.candidateResiduals] = [this.candidateResiduals, this.residuals];
        cost = next;
        damping = Math.max(damping / 5, 1e-7);
        if (gain < DONE) break;
      } else {
        damping *= 10;
        if (damping > 1e5) break;
      }
    }
    let sum = 0;
    for (const r of this.residuals) sum += r * r;
    return { parameters: [...this.parameters], rms: Math.sqrt(sum / Math.max(1, this.residuals.length)), cost };
  }

  /** The Jacobian by forward differences, and the weights of the residuals. */
  private differentiate(residuals: Residuals, steps: readonly number[]): void {
    const { candidate: moved, residuals: r, weights } = this;
    for (let i = 0; i < this.parameterCount; i++) {
      const h = steps[i] as number;
      const column = this.columns[i] as Float64Array;
      moved.set(this.parameters);
      moved[i] = (moved[i] as number) + h;
      residuals(moved, column);
      for (let k = 0; k < r.length; k++) column[k] = ((column[k] as number) - (r[k] as number)) / h;
    }
    for (let k = 0; k < r.length; k++) {
      const size = Math.abs(r[k] as number);
      weights[k] = k < this.priorCount || size <= HUBER ? 1 : HUBER / size;
    }
  }

  private costOf(r: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < r.length; i++) {
      const a = Math.abs(r[i] as number);
      sum += i < this.priorCount || a <= HUBER ? a * a : 2 * HUBER * a - HUBER * HUBER;
    }
    return Number.isFinite(sum) ? sum : Number.POSITIVE_INFINITY;
  }

  /** Puts the parameters after a damped step into `candidate`; false when there is none. */
  private propose(damping: number): boolean {
    const { parameterCount: n, columns, rows, step } = this;
    for (let i = 0; i < n; i++) {
      const column = columns[i] as Float64Array;
      for (let j = i; j < n; j++) {
        const sum = weighted(column, columns[j] as Float64Array, this.weights);
        rows[i * (n + 1) + j] = sum;
        rows[j * (n + 1) + i] = sum;
      }
      rows[i * (n + 1) + n] = -weighted(column, this.residuals, this.weights);
    }
    for (let i = 0; i < n; i++) rows[i * (n + 2)] = (rows[i * (n + 2)] as number) * (1 + damping) + 1e-12;
    if (!solveInPlace(rows, n, step)) return false;
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(step[i])) return false;
      this.candidate[i] = (this.parameters[i] as number) + (step[i] as number);
    }
    return true;
  }
}

function weighted(a: Float64Array, b: Float64Array, w: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number) * (w[i] as number);
  return sum;
}
