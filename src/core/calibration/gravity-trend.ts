import type { GravitySample } from '../../domain/incident.js';
import { GRAVITY } from '../ballistics/fall-model.js';
import { median } from '../median.js';

/** What one fall said of a facade's scale: natural logarithm of the gravity found over 9.81, and its standard deviation. */
export interface ScaleSample {
  readonly logRatio: number;
  readonly sigma: number;
}

/** What several falls say together. */
export interface ScaleTrend {
  readonly falls: number;
  /** Gravity found over 9.81: 0.9 when 10 m on the drawn facade are 11 m in truth. */
  readonly ratio: number;
  /** Standard deviation of the ratio's logarithm. */
  readonly sigma: number;
  /** The drawn facade's scale is wrong, as far as can be known. */
  readonly off: boolean;
}

/** Falls that a trend is made of, the newest. More would hide a change for longer; fewer would scatter. */
export const TREND_FALLS = 25;
/** Falls below which nothing is said: the median of five bears two that are wrong. */
const MIN_FALLS = 5;
/** Shares by which the scale must be off to be called so, and right to be called right again: 8 % moves the origin by a floor in twelve. */
const OFF_SHARE = 0.08;
const RIGHT_SHARE = 0.05;
/** Standard deviations that it must be off by: falls share what the model does not know. */
const OFF_SIGMAS = 2;
/** Standard deviation from the median absolute deviation, and of a median from that of what it is taken of, both of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
const MEDIAN_SIGMA = 1.2533;

export function scaleSample({ mps2, sigmaMps2 }: GravitySample): ScaleSample {
  return { logRatio: Math.log(mps2 / GRAVITY), sigma: sigmaMps2 / mps2 };
}

/**
 * A robust mean of what falls said: median and median absolute deviation, so that two bad ones of five do no harm.
 *
 * @param samples oldest first; the newest {@link TREND_FALLS} count.
 * @param wasOff what was said last: the answer changes only when it is clear.
 * @returns `null` while there are too few falls.
 */
export function scaleTrend(samples: readonly ScaleSample[], wasOff: boolean): ScaleTrend | null {
  const newest = samples.slice(-TREND_FALLS);
  if (newest.length < MIN_FALLS) return null;
  const middle = median(newest.map(({ logRatio }) => logRatio));
  const spread = MAD_TO_SIGMA * median(newest.map(({ logRatio }) => Math.abs(logRatio - middle)));
  const claimed = median(newest.map(({ sigma }) => sigma));
  const sigma = (MEDIAN_SIGMA * Math.max(spread, claimed)) / Math.sqrt(newest.length);
  const share = Math.abs(Math.expm1(middle));
  const clear = share > OFF_SHARE && Math.abs(middle) > OFF_SIGMAS * sigma;
  return { falls: newest.length, ratio: Math.exp(middle), sigma, off: clear || (wasOff && share > RIGHT_SHARE) };
}
