/**
 * How recall depends on size, contrast and speed: a logistic regression with squares and products of their logarithms,
 * fitted to throws that were found or not. It only smooths: what it says stands beside the throws themselves.
 *
 * @param {readonly {sizePx: number, contrast: number, speedPx: number, found: boolean}[]} throws
 * @returns {(sizePx: number, contrast: number, speedPx: number) => number} recall, 0..1
 */
export function fitRecall(throws) {
  const rows = throws.map((t) => features(t.sizePx, t.contrast, t.speedPx));
  const n = rows[0]?.length ?? 0;
  const weights = new Float64Array(n);
  for (let round = 0; round < 40; round++) {
    // Newton's step on the likelihood, with a little ridge so that a clean cut between found and missed has a steepest slope.
    const gradient = new Float64Array(n);
    const curvature = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? RIDGE : 0)));
    for (let i = 0; i < n; i++) gradient[i] = -RIDGE * weights[i];
    rows.forEach((row, k) => {
      const p = logistic(dot(row, weights));
      for (let i = 0; i < n; i++) {
        gradient[i] += row[i] * ((throws[k].found ? 1 : 0) - p);
        for (let j = 0; j < n; j++) curvature[i][j] += row[i] * row[j] * p * (1 - p);
      }
    });
    const step = solve(curvature, gradient);
    for (let i = 0; i < n; i++) weights[i] += step[i];
    if (Math.hypot(...step) < 1e-6) break;
  }
  return (sizePx, contrast, speedPx) => logistic(dot(features(sizePx, contrast, speedPx), weights));
}

/** Strength of the ridge: about what half a throw knows. */
const RIDGE = 0.5;

function features(sizePx, contrast, speedPx) {
  const s = Math.log(sizePx / 5);
  const c = Math.log(contrast / 25);
  const v = Math.log(speedPx / 20);
  return [1, s, c, v, s * s, c * c, v * v, s * c, s * v, c * v];
}

const logistic = (x) => 1 / (1 + Math.exp(-x));
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Gauss's elimination with pivots; the matrix is small and positive. */
function solve(matrix, vector) {
  const n = vector.length;
  const m = matrix.map((row, i) => [...row, vector[i]]);
  for (let i = 0; i < n; i++) {
    const pivot = m.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(m[best][i]) ? i + k : best), i);
    [m[i], m[pivot]] = [m[pivot], m[i]];
    for (let k = i + 1; k < n; k++) {
      const factor = m[k][i] / m[i][i];
      for (let j = i; j <= n; j++) m[k][j] -= factor * m[i][j];
    }
  }
  const out = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let sum = m[i][n];
    for (let j = i + 1; j < n; j++) sum -= m[i][j] * out[j];
    out[i] = sum / m[i][i];
  }
  return out;
}
