import type { Incident, MassClass, ThrowDetails } from '../domain/incident.js';

/** What a person reads on the pictures of an incident. Plain text, not yet escaped for SVG. */
export interface Caption {
  readonly title: string;
  readonly lines: readonly string[];
  /** Beside the origin, for example `Floor 17 · Unit 02 · 07:41:12`. */
  readonly origin: string;
  /** Beside the landing. */
  readonly landing: string;
}

/** Words of the caption of a throw. All times are UTC: the picture may be read in another time zone. */
export function throwCaption(incident: Incident, details: ThrowDetails): Caption {
  const clock = utcTime(incident.startedAtMs).slice(0, 8);
  return {
    title: `${incident.verdict === 'confirmed' ? 'CONFIRMED' : 'SUSPECTED'} · ${massWords[details.massClass]} ${placeWords(details)}`,
    lines: [
      `${utcDate(incident.startedAtMs)} ${utcTime(incident.startedAtMs)} UTC`,
      ...fallLines(details),
      weightLine(details),
      `Confidence ${Math.round(100 * incident.confidence)} %: ${confidenceWords(incident.confidence)}`,
      `${incident.cameraId}, stream ${incident.streamTime.start.toFixed(2)} to ${incident.streamTime.end.toFixed(2)} s`,
    ],
    origin: [...originWords(details), clock].join(' · '),
    landing: landingWords(details),
  };
}

const massWords: Record<MassClass, string> = {
  light: 'light object',
  medium: 'medium-weight object',
  heavy: 'heavy object',
  undetermined: 'object',
};

function placeWords({ origin }: ThrowDetails): string {
  if (origin.floor === null) return 'fell';
  return origin.unit === null ? `from floor ${origin.floor}` : `from floor ${origin.floor}, unit ${origin.unit}`;
}

function originWords({ origin }: ThrowDetails): string[] {
  if (origin.floor === null) return ['First seen'];
  return [`Floor ${origin.floor}`, ...(origin.unit === null ? [] : [`Unit ${origin.unit}`])];
}

function landingWords({ landing, origin }: ThrowDetails): string {
  // Without a facade nobody knows where the ground is: the path ends where the thing was lost from sight.
  if (origin.heightM === null) return 'Last seen';
  const { x, y } = landing.point;
  if (y >= 1) return 'Landing below the picture';
  if (x < 0 || x >= 1 || y < 0) return 'Landing outside the picture';
  return landing.extrapolated ? 'Landing, extrapolated' : 'Landing';
}

function fallLines({ fall, origin }: ThrowDetails): string[] {
  const duration = `${fall.durationS.toFixed(1)} s`;
  const lines = [
    fall.dropM === null ? `Seen falling for ${duration}` : `Fell ${metres(fall.dropM)}${floors(fall.dropFloors)} in ${duration}`,
  ];
  if (fall.impactSpeedMps !== null) {
    lines.push(`${Math.round(fall.impactSpeedMps)} m/s (${Math.round(3.6 * fall.impactSpeedMps)} km/h) at impact`);
  }
  const interval = origin.floorInterval;
  if (interval !== null && interval[0] !== interval[1]) lines.push(`Origin between floor ${interval[0]} and floor ${interval[1]}`);
  if (origin.floor === null) lines.push('Floor and height unknown: no facade drawn for this camera');
  return lines;
}

const metres = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} m`;
const floors = (value: number | null): string => (value === null ? '' : ` (${value.toFixed(1)} floors)`);

function weightLine({ massClass, terminalSpeedMps }: ThrowDetails): string {
  if (massClass === 'undetermined' || terminalSpeedMps === null) return 'Weight undetermined';
  const [low, high] = terminalSpeedMps;
  const range = high === null ? `${Math.round(low)} m/s or more` : `${Math.round(low)} to ${Math.round(high)} m/s`;
  return `${capitalised(massClass)}: terminal speed ${range}`;
}

/** Words for a confidence of 0..1. They name how sure the agent is that something was thrown or fell, nothing else. */
export function confidenceWords(confidence: number): string {
  if (confidence >= 0.95) return 'as good as certain';
  if (confidence >= 0.85) return 'very likely';
  if (confidence >= 0.65) return 'likely';
  if (confidence >= 0.4) return 'possible';
  return 'doubtful';
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** @example utcDate(0) // '1970-01-01' */
export function utcDate(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** @example utcTime(0) // '00:00:00.000' */
export function utcTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 23);
}
