import type { Box, Point } from './geometry.js';

export type IncidentPhase = 'new' | 'update' | 'end';
export type Severity = 'info' | 'warning' | 'critical';
export type Verdict = 'confirmed' | 'suspected';
export type MassClass = 'light' | 'medium' | 'heavy' | 'undetermined';

/** Why an alarm was raised: one criterion, what was measured, and the limit it passed. */
export interface Reason {
  readonly criterion: string;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  /** Id of an earlier incident that this criterion refers to. */
  readonly event?: string;
}

/** One position of a thrown object. All coordinates normalised to 0..1 of the full frame; x, y is the centre. */
export interface TrajectoryPoint {
  /** Seconds on the stream's own clock. */
  readonly t: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** What is known of one throw. Points normalised to 0..1 of the full frame. `null`: not measurable on this camera. */
export interface ThrowDetails {
  readonly trajectory: readonly TrajectoryPoint[];
  readonly origin: {
    readonly point: Point;
    readonly floor: number | null;
    /** Lowest and highest floor that fit, inclusive. */
    readonly floorInterval: readonly [number, number] | null;
    readonly unit: string | null;
    /** Height above the ground line of the facade, metres. */
    readonly heightM: number | null;
  };
  readonly landing: { readonly point: Point; readonly extrapolated: boolean };
  readonly fall: {
    readonly dropM: number | null;
    readonly dropFloors: number | null;
    readonly durationS: number;
    readonly impactSpeedMps: number | null;
    /** Lowest and highest that fit what is known of the terminal speed and the facade's scale. Incidents of earlier versions lack it. */
    readonly impactSpeedIntervalMps?: readonly [number, number] | null;
  };
  readonly massClass: MassClass;
  /** Interval of the terminal speed that fits, m/s; the upper end is `null` when no upper limit can be given. */
  readonly terminalSpeedMps: readonly [number, number | null] | null;
  readonly pathShape: 'straight' | 'curved';
  readonly fit: { readonly model: FallModel; readonly rmsPx: number };
  /** How strong gravity was in the metres of the drawn facade: a check of its scale. Left out where the fall cannot tell. */
  readonly gravity?: GravitySample;
}

export interface GravitySample {
  readonly mps2: number;
  /** Standard deviation. */
  readonly sigmaMps2: number;
}

export type FallModel = 'ballistic' | 'drag' | 'constant_velocity' | 'wandering';

/**
 * Something that happened in front of one camera, from its first report to its end. The id stays the same through
 * `new`, `update` and `end`; each call to the store makes one event of it.
 */
export interface Incident {
  /** ULID. */
  readonly id: string;
  readonly cameraId: string;
  /** Name of the configured rule that raised it (unique within the camera). */
  readonly rule: string;
  /** Incident type: the registry name of the rule, `thrown_object` for one. */
  readonly type: string;
  readonly phase: IncidentPhase;
  readonly severity: Severity;
  readonly verdict: Verdict;
  /** 0..1. */
  readonly confidence: number;
  /** UTC milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /**
   * Seconds on the stream's own clock. `end` is the last moment seen so far; `told`, the newest picture when this was said:
   * what lies between the two is the engine's own delay.
   */
  readonly streamTime: { readonly start: number; readonly end: number; readonly told?: number };
  /** Normalised to 0..1 of the full frame: everything that the incident touched. */
  readonly box: Box;
  readonly zone: string | null;
  readonly labels: readonly string[];
  readonly throw: ThrowDetails | null;
  readonly reasons: readonly Reason[];
}

/** Wall clock of a moment of the incident's stream, UTC milliseconds since 1970. */
export function wallClockMs({ startedAtMs, streamTime }: Pick<Incident, 'startedAtMs' | 'streamTime'>, streamS: number): number {
  return Math.round(startedAtMs + 1000 * (streamS - streamTime.start));
}

/** When an open incident was last seen, as far as it was told, UTC milliseconds since 1970. */
export const lastSeenMs = ({ startedAtMs, streamTime: { start, end } }: Pick<Incident, 'startedAtMs' | 'streamTime'>): number =>
  Math.round(startedAtMs + Math.max(0, end - start) * 1000);
