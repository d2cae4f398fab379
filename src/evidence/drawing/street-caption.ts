import type { Incident, Reason } from '../../domain/incident.js';
import { boundWords } from '../../domain/incident-words.js';
import { UNKNOWN_OBJECT } from '../../domain/street.js';
import { isWallClock, shownConfidence, utcDate, utcTime } from './caption.js';

/** What a person reads on the picture of a street incident. Plain text, not yet escaped for SVG. */
export interface StreetCaption {
  readonly verdict: 'CONFIRMED' | 'SUSPECTED';
  /** For example `92 %, very likely`; what to do with what is only suspected. */
  readonly confidence: string;
  /** For example `Illegal parking · car`. */
  readonly title: string;
  /** Place, time and reasons, one line each. */
  readonly notes: readonly string[];
}

/** Reasons that stand on the picture; the event has them all. */
const MOST_REASONS = 4;

/** Words of the picture of anything but a throw. All times are UTC. */
export function streetCaption(incident: Incident): StreetCaption {
  const { startedAtMs, streamTime, labels, zone, cameraId } = incident;
  const lasted = streamTime.end - streamTime.start;
  const since = isWallClock(startedAtMs)
    ? `${utcDate(startedAtMs)} ${utcTime(startedAtMs).slice(0, 8)} UTC`
    : `${streamTime.start.toFixed(1)} s`;
  return {
    verdict: incident.verdict === 'confirmed' ? 'CONFIRMED' : 'SUSPECTED',
    // How sure it is that something was seen says nothing of whether it is what it is suspected to be.
    confidence: incident.verdict === 'confirmed' ? shownConfidence(incident) : 'a person should look',
    title: [typeWords(incident.type), ...labels.filter(isTelling).map((label) => label.replaceAll('_', ' '))].join(' · '),
    notes: [
      `${lasted >= 1 ? `Since ${since}, seen for ${durationWords(lasted)}` : since}`,
      [cameraId, ...(zone === null ? [] : [`zone ${zone}`]), `rule ${incident.rule}`].join(', '),
      ...incident.reasons.slice(0, MOST_REASONS).map(reasonWords),
    ],
  };
}

/** What no model has named is an object to programs; to people that says nothing. */
const isTelling = (label: string): boolean => label !== UNKNOWN_OBJECT && label !== `by ${UNKNOWN_OBJECT}`;

/** @example typeWords('illegal_parking') // 'Illegal parking' */
function typeWords(type: string): string {
  const words = type.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @example durationWords(75) // '1 min 15 s' */
export function durationWords(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  if (minutes < 60) return rest === 0 || rest === 60 ? `${minutes + (rest === 60 ? 1 : 0)} min` : `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @example reasonWords({ criterion: 'seconds_inside', value: 12.34, threshold: 1, unit: 's' }) // 'seconds inside 12.3 s (at least 1 s)' */
function reasonWords({ criterion, value, threshold, unit }: Reason): string {
  // Not measured, but seen or not.
  if (unit === 'seen') return `${criterion.replaceAll('_', ' ')}: ${value >= threshold ? 'seen' : 'not seen'}`;
  const withUnit = (amount: number): string => `${Math.round(100 * amount) / 100}${unit === '' ? '' : ` ${unit}`}`;
  return `${criterion.replaceAll('_', ' ')} ${withUnit(value)} (${boundWords(criterion)} ${withUnit(threshold)})`;
}
