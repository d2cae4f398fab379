/** First and longest wait between tries, milliseconds. Shorter strains a camera that is starting. */
const backoffMs = { first: 1000, longest: 60_000 } as const;

/**
 * How long to wait before a try, milliseconds: 1, 2, 4 … 60 s, spread by a quarter to each side so that cameras that
 * failed together are not asked together.
 *
 * @param failures tries that failed in a row, from 1.
 * @param random 0..1.
 * @example retryDelayMs(3, 0.5) // 4000
 */
export function retryDelayMs(failures: number, random: number): number {
  const base = Math.min(backoffMs.longest, backoffMs.first * 2 ** Math.min(30, failures - 1));
  return Math.min(backoffMs.longest, Math.max(backoffMs.first, base * (0.75 + random / 2)));
}
