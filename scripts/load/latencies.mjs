/**
 * The value below which a share of all lies (nearest rank); `NaN` of none.
 *
 * @param {ArrayLike<number>} values in any order
 * @param {number} share 0..1
 * @example percentile([5, 1, 3], 0.5) // 3
 */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** @param {readonly number[]} values milliseconds @returns {string} p50, p95, p99 and the longest */
export function describeLatency(values) {
  if (values.length === 0) return 'none';
  const text = [0.5, 0.95, 0.99, 1].map((share) => Math.round(percentile(values, share)));
  return `p50 ${text[0]} ms, p95 ${text[1]} ms, p99 ${text[2]} ms, longest ${text[3]} ms (${values.length})`;
}
