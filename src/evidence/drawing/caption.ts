import type { Incident, MassClass, ThrowDetails } from '../../domain/incident.js';
import { describeImpact } from '../../domain/incident-words.js';

/** A figure that is read at a glance, and what it means. */
export interface Figure {
  readonly value: string;
  readonly note: string;
}

/** What a person reads on the pictures of an incident. Plain text, not yet escaped for SVG. */
export interface Caption {
  readonly verdict: 'CONFIRMED' | 'SUSPECTED';
  /** How sure the agent is, for example `97 %, as good as certain`. */
  readonly confidence: string;
  /** Where it came from, for example `Floor 17 · Unit 02`. */
  readonly place: string;
  /** Height of the fall, speed at impact, duration, weight class; without a facade the last two alone. */
  readonly figures: readonly Figure[];
  /** Date and time first, then what qualifies the figures. */
  readonly notes: readonly string[];
  /** Beside the origin, for example `Floor 17 · Unit 02 · 07:41:12`. */
  readonly origin: string;
  /** Beside the landing. */
  readonly landing: string;
}

/** Words of the caption of a throw. All times are UTC: the picture may be read in another time zone. */
export function throwCaption(incident: Incident, details: ThrowDetails): Caption {
  const { startedAtMs, streamTime } = incident;
  const clock = isWallClock(startedAtMs) ? utcTime(startedAtMs).slice(0, 8) : `${streamTime.start.toFixed(1)} s`;
  const place = placeWords(details);
  return {
    verdict: incident.verdict === 'confirmed' ? 'CONFIRMED' : 'SUSPECTED',
    confidence: shownConfidence(incident),
    place: place ?? 'Object fell',
    figures: figures(details),
    notes: [
      isWallClock(startedAtMs)
        ? `${utcDate(startedAtMs)} ${utcTime(startedAtMs)} UTC`
        : `${streamTime.start.toFixed(2)} s into the recording, date unknown`,
      ...qualifications(details),
      `${incident.cameraId}, stream ${streamTime.start.toFixed(2)} to ${streamTime.end.toFixed(2)} s`,
    ],
    origin: `${place ?? 'First seen'} · ${clock}`,
    landing: landingWords(details),
  };
}

/** Whether a time was read off a clock: a file that does not say when it was recorded counts from 1970. */
export function isWallClock(atMs: number): boolean {
  return atMs >= Date.UTC(1971, 0);
}

/** @example placeWords(details) // 'Floor 17 · Unit 02'; `null` when nobody knows */
export function placeWords({ origin }: Pick<ThrowDetails, 'origin'>): string | null {
  if (origin.floor === null) return null;
  return origin.unit === null ? `Floor ${origin.floor}` : `Floor ${origin.floor} · Unit ${origin.unit}`;
}

function landingWords({ landing, origin }: ThrowDetails): string {
  // Without a facade nobody knows where the ground is: the path ends where the thing was lost from sight.
  if (origin.heightM === null) return 'Last seen';
  const { x, y } = landing.point;
  if (y >= 1) return 'Landing below the picture';
  if (x < 0 || x >= 1 || y < 0) return 'Landing outside the picture';
  return landing.extrapolated ? 'Landing, extrapolated' : 'Landing';
}

function figures({ fall, massClass }: ThrowDetails): Figure[] {
  const { dropM, dropFloors, durationS } = fall;
  const impact = describeImpact(fall);
  const list: Figure[] = [];
  if (dropM !== null) list.push({ value: metres(dropM), note: dropFloors === null ? 'fall' : `fall, ${dropFloors.toFixed(1)} floors` });
  if (impact !== null) list.push({ value: impact.speed, note: impact.range === null ? 'at impact' : `at impact (${impact.range})` });
  list.push({ value: `${durationS.toFixed(1)} s`, note: 'seen falling' }, { value: massClass, note: 'weight class' });
  return list;
}

/** @example metres(45.1) // '45 m' */
export const metres = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} m`;

function qualifications({ origin, massClass, terminalSpeedMps }: ThrowDetails): string[] {
  const interval = origin.floorInterval;
  const lines: string[] = [];
  if (interval !== null && interval[0] !== interval[1]) lines.push(`Origin between floor ${interval[0]} and floor ${interval[1]}`);
  if (origin.floor === null) lines.push('Floor, height and speed unknown: no facade drawn for this camera');
  if (massClass !== 'undetermined' && terminalSpeedMps !== null) {
    const [low, high] = terminalSpeedMps;
    const range = high === null ? `${Math.round(low)} m/s or more` : `${Math.round(low)} to ${Math.round(high)} m/s`;
    lines.push(`${massWords[massClass]}: terminal speed ${range}`);
  }
  return lines;
}

const massWords: Record<Exclude<MassClass, 'undetermined'>, string> = { light: 'Light', medium: 'Medium', heavy: 'Heavy' };

/** Words for a confidence of 0..1. They name how sure the agent is that something was thrown or fell, nothing else. */
export function confidenceWords(confidence: number): string {
  if (confidence >= 0.95) return 'as good as certain';
  if (confidence >= 0.85) return 'very likely';
  if (confidence >= LIKELY) return 'likely';
  if (confidence >= 0.4) return 'possible';
  return 'doubtful';
}

/**
 * How sure it is, in figures and words. What is confirmed and yet only "possible" would contradict itself to whoever glances at it: there the figure stands alone.
 *
 * @example shownConfidence({ verdict: 'confirmed', confidence: 0.92 }) // '92 %, very likely'
 * @example shownConfidence({ verdict: 'confirmed', confidence: 0.49 }) // 'confidence 49 %'
 */
export function shownConfidence({ verdict, confidence }: Pick<Incident, 'verdict' | 'confidence'>): string {
  const share = `${Math.round(100 * confidence)} %`;
  return verdict === 'confirmed' && confidence < LIKELY ? `confidence ${share}` : `${share}, ${confidenceWords(confidence)}`;
}

/** Confidence from which on a thing is called likely. */
const LIKELY = 0.65;

/** @example utcDate(0) // '1970-01-01' */
export function utcDate(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** @example utcTime(0) // '00:00:00.000' */
export function utcTime(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 23);
}
