import type { EvidencePlan } from '../../domain/evidence.js';
import type { Incident } from '../../domain/incident.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';

/** An incident as its camera's thread reported it. */
export interface FoundIncident {
  readonly incident: Incident;
  /** The connection that it was seen on; `null` of what no picture showed while none came. */
  readonly connectionId: string | null;
}

export interface IncidentIntakeOptions {
  /** What evidence follows from this report of an incident. */
  readonly plan: (incident: Incident) => readonly EvidencePlan[];
  /** Puts it on disk. @throws {AgentError} when the disk or database fails. */
  readonly record: (incident: Incident, plans: readonly EvidencePlan[]) => void;
  /** Records in the chain that incidents were lost. @throws {AgentError} when the disk or database fails. */
  readonly recordDropped: (incidents: readonly Incident[]) => void;
  /** It is on disk. */
  readonly onRecorded: (found: FoundIncident, plans: readonly EvidencePlan[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** The way of incidents to the disk: in order, and none lost while the disk fails for a time. */
export interface IncidentIntake {
  /** Never throws. */
  take(found: FoundIncident): void;
  /** Tries at once to put on disk what waits. */
  drain(): void;
  /** What is wrong with the store, or `null`. */
  problem(): string | null;
  waiting(): number;
  lost(): number;
}

/**
 * How many wait while the disk fails: at one throw a minute (three phases each) five hours, some 10 MB. Beyond that the
 * oldest is lost, counted and logged.
 */
const MAX_WAITING = 1000;
/** A full disk is made room on by people or by retention: looking more often helps nobody. */
const RETRY_MS = 5_000;

export function createIncidentIntake(options: IncidentIntakeOptions): IncidentIntake {
  const { clock, logger, signal } = options;
  const queue: FoundIncident[] = [];
  /** Lost, and not yet on record. */
  let dropped: Incident[] = [];
  let problem: string | null = null;
  let lost = 0;
  let retrying = false;

  function drain(): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const plans = options.plan(next.incident);
      try {
        options.record(next.incident, plans);
      } catch (error) {
        if (error instanceof AgentError) {
          fail(error);
          return;
        }
        // A programmer's error about this one incident must not hold up all others.
        logger.error({ event: 'incident-refused', incident: next.incident.id, err: error }, 'an incident could not be recorded');
        lost++;
        queue.shift();
        continue;
      }
      queue.shift();
      if (problem !== null) logger.info({ event: 'store-recovered' }, 'incidents reach the disk again');
      problem = null;
      options.onRecorded(next, plans);
      tellDropped();
    }
  }

  /** That they were lost is recorded once something can be. */
  function tellDropped(): void {
    if (dropped.length === 0) return;
    try {
      options.recordDropped(dropped);
      dropped = [];
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      fail(error);
    }
  }

  function fail(error: AgentError): void {
    if (problem === null)
      logger.error(
        { event: 'store-trouble', code: error.code, reason: error.message },
        'incidents cannot be put on disk; they wait in memory',
      );
    problem = error.message;
    if (!retrying) void retry();
  }

  async function retry(): Promise<void> {
    retrying = true;
    while (queue.length > 0 && !signal.aborted) {
      await clock.delay(RETRY_MS, signal).catch(() => undefined);
      if (!signal.aborted) drain();
    }
    retrying = false;
  }

  return {
    take(found) {
      queue.push(found);
      if (queue.length > MAX_WAITING) {
        const gone = queue.shift();
        lost++;
        // In whole, one for each incident: the last that was known of it.
        if (gone !== undefined) dropped = [...dropped.filter(({ id }) => id !== gone.incident.id), gone.incident].slice(-MAX_WAITING);
        logger.error(
          { event: 'incident-lost', incident: gone?.incident.id, lost },
          'an incident was lost: the disk has failed for too long',
        );
      }
      // While the store fails, the retry alone knocks: every attempt on a broken disk may take seconds.
      if (problem === null) drain();
    },
    drain,
    problem: () => problem,
    waiting: () => queue.length,
    lost: () => lost,
  };
}
