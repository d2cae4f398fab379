import type { ThrowDetails } from './incident.js';

const weightWords = { light: 'light', medium: 'of medium weight', heavy: 'heavy', undetermined: 'of unknown weight' } as const;

/**
 * What fell and how, in words for people: metres, seconds and kilometres an hour, as far as they are known.
 *
 * @example describeFall(details) // 'something heavy, fell 36.3 m in 2.9 s, about 76 km/h (70 to 83) at impact'
 */
export function describeFall({ massClass, fall }: Pick<ThrowDetails, 'massClass' | 'fall'>): string {
  const duration = `${fall.durationS.toFixed(1)} s`;
  const drop = fall.dropM === null ? `fell for ${duration}` : `fell ${fall.dropM.toFixed(1)} m in ${duration}`;
  const impact = describeImpact(fall);
  const range = impact?.range === null || impact === null ? '' : ` (${impact.range})`;
  return `something ${weightWords[massClass]}, ${drop}${impact === null ? '' : `, ${impact.speed}${range} at impact`}`;
}

/**
 * The speed at impact in words, and between what it lies where that is known; `null` when the speed is not.
 *
 * @example describeImpact(details.fall) // { speed: 'about 76 km/h', range: '70 to 83' }
 */
export function describeImpact({
  impactSpeedMps,
  impactSpeedIntervalMps,
}: ThrowDetails['fall']): { readonly speed: string; readonly range: string | null } | null {
  if (impactSpeedMps === null) return null;
  const speed = `${kilometresAnHour(impactSpeedMps)} km/h`;
  if (impactSpeedIntervalMps === null || impactSpeedIntervalMps === undefined) return { speed, range: null };
  return { speed: `about ${speed}`, range: impactSpeedIntervalMps.map(kilometresAnHour).join(' to ') };
}

/**
 * Whole kilometres an hour of a speed as events carry it, in tenths of a metre a second: so that pictures, which are made from the incident, and
 * words, which are made from its event, say the same.
 *
 * @example kilometresAnHour(26.8) // 96
 */
export function kilometresAnHour(speedMps: number): number {
  return Math.round((3.6 * Math.round(10 * speedMps)) / 10);
}

/** The criteria whose threshold must not be passed; of all others it must be reached. */
const upperBounds: ReadonlySet<string> = new Set([
  'fall_fit',
  'sideways_fit',
  'size',
  'size_changes',
  'implied_size',
  'speed_at_origin',
  'upward_at_origin',
  'out_at_origin',
  'sideways_at_origin',
  'wind',
  'far_fetched',
  'rise',
  'sideways',
  'since_rest',
  'sensor_value_low',
  'standing_at_once',
  'mean_speed',
  'fall_seconds',
]);

/** How the threshold of a reason is meant. */
export function boundWords(criterion: string): 'at least' | 'at most' {
  return upperBounds.has(criterion) ? 'at most' : 'at least';
}
