import type { Redactions } from './redaction.js';

export type EvidenceKind = 'clip' | 'snapshot' | 'trail' | 'crop' | 'track';

/** One finished evidence file. It exists on disk, whole and synced, before this record does. */
export interface Evidence {
  /** ULID. */
  readonly id: string;
  readonly incidentId: string;
  readonly cameraId: string;
  readonly kind: EvidenceKind;
  /** Absolute path of the file. */
  readonly path: string;
  /** For example `video/mp4`. */
  readonly mediaType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Span of wall time that the file shows, UTC milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The same on the stream's own clock, seconds: first and last presentation time. Evidence of earlier versions lacks it. */
  readonly streamTime?: { readonly start: number; readonly end: number };
  /** What is hidden in it; `null` of what is no picture. Evidence of earlier versions lacks it. */
  readonly redactions?: Redactions | null;
}

/** Evidence that an incident will have, announced before the file exists: of a throw with its `end`, of anything else with its `new`. */
export interface EvidencePlan {
  /** ULID; the finished {@link Evidence} keeps it. */
  readonly id: string;
  readonly kind: EvidenceKind;
}
