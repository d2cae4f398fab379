import type { PathPoint } from '../../core/tracking/linker.js';
import type { IncidentPhase, Reason, ThrowDetails, Verdict } from '../../domain/incident.js';
import type { Judgement } from './judgement.js';

/** What the rule says of one throw: its first report or its end. */
export interface ThrowFinding {
  /** Counts the rule's throws from 1. */
  readonly number: number;
  readonly phase: IncidentPhase;
  readonly verdict: Verdict;
  readonly confidence: number;
  readonly reasons: readonly Reason[];
  readonly startPtsMs: number;
  readonly endPtsMs: number;
  readonly details: ThrowDetails;
}

/** A throw that was told of and is not over, or would have been told of. */
export interface OpenThrow {
  readonly number: number;
  readonly rootId: number;
  points: readonly PathPoint[];
  judgement: Judgement;
  /** Its `new` was not reported: feedback doubts it, and suspected ones are not wanted. */
  silent?: true;
  /** It was told as suspected, and may still be confirmed. */
  waits?: boolean;
}
