import type { ThrowDetails } from './incident.js';

const weightWords = { light: 'light', medium: 'of medium weight', heavy: 'heavy', undetermined: 'of unknown weight' } as const;

/**
 * What fell and how, in words for people: metres, seconds and kilometres an hour, as far as they are known.
 *
 * @example describeFall(details) // 'something heavy, fell 36.3 m in 2.9 s, 76 km/h at impact'
 */
export function describeFall({ massClass, fall }: Pick<ThrowDetails, 'massClass' | 'fall'>): string {
  const duration = `${fall.durationS.toFixed(1)} s`;
  const drop = fall.dropM === null ? `fell for ${duration}` : `fell ${fall.dropM.toFixed(1)} m in ${duration}`;
  const impact = fall.impactSpeedMps === null ? '' : `, ${Math.round(fall.impactSpeedMps * 3.6)} km/h at impact`;
  return `something ${weightWords[massClass]}, ${drop}${impact}`;
}

/** The criteria whose threshold must not be passed; of all others it must be reached. */
const upperBounds: ReadonlySet<string> = new Set([
  'fall_fit',
  'sideways_fit',
  'size',
  'implied_size',
  'speed_at_origin',
  'sideways_at_origin',
  'rise',
  'sideways',
  'since_rest',
]);

/** How the threshold of a reason is meant. */
export function boundWords(criterion: string): 'at least' | 'at most' {
  return upperBounds.has(criterion) ? 'at most' : 'at least';
}
