import type { Evidence, EvidencePlan } from '../../domain/evidence.js';
import type { Incident } from '../../domain/incident.js';
import { createEvidenceRecorder, type EvidenceRecorderOptions } from '../../evidence/index.js';
import { errorMessage } from '../../platform/errors.js';
import type { Store } from '../../store/index.js';

export interface EvidenceDeskOptions extends Omit<EvidenceRecorderOptions, 'onEvidence' | 'onFailed'> {
  readonly store: Pick<Store, 'recordEvidence' | 'evidenceFailed' | 'unfinishedEvidence'>;
  /** Something new waits for delivery. */
  readonly onQueued: () => void;
  /** A file has been made and recorded. Must not throw. */
  readonly onMade?: (evidence: Evidence) => void;
}

export interface EvidenceFigures {
  readonly made: number;
  readonly failed: number;
  readonly bytes: number;
}

/** Has the evidence of incidents made and recorded, and sees to it that none that was announced is forgotten. */
export interface EvidenceDesk {
  /** What evidence follows from this report of an incident: once in its life. */
  plan(incident: Incident): readonly EvidencePlan[];
  /** Has announced evidence made, in its turn. Never throws. */
  make(incident: Incident, plans: readonly EvidencePlan[], connectionId: string | null): void;
  /** Takes up what was announced but is neither made nor being made: after a restart, or after the disk failed. */
  resume(): void;
  /** Resolves when nothing is being made. */
  idle(): Promise<void>;
  figures(): EvidenceFigures;
}

/**
 * When evidence is made: of a fall at its end, seconds after its beginning. What goes on in the street may last for hours, the recording does not, and
 * the centre wants to see it while it is so.
 */
const planningPhase = ({ throw: details }: Incident): Incident['phase'] => (details === null ? 'new' : 'end');

export function createEvidenceDesk(options: EvidenceDeskOptions): EvidenceDesk {
  const { store, logger, onQueued } = options;
  /** Incidents whose evidence is being made, by id. */
  const underWay = new Map<string, Promise<void>>();
  const figures = { made: 0, failed: 0, bytes: 0 };
  const recorder = createEvidenceRecorder({
    ...options,
    onEvidence: (evidence) => {
      store.recordEvidence(evidence);
      figures.made++;
      figures.bytes += evidence.bytes;
      onQueued();
      options.onMade?.(evidence);
    },
    onFailed: (planId, reason) => {
      store.evidenceFailed(planId, reason);
      figures.failed++;
      onQueued();
    },
  });

  function make(incident: Incident, plans: readonly EvidencePlan[], connectionId: string | null): void {
    if (plans.length === 0 || underWay.has(incident.id)) return;
    const work = recorder
      .record(incident, plans, connectionId)
      // The store could not take it in. It stays announced, and `resume` finds it.
      .catch((error: unknown) => {
        const reason = errorMessage(error);
        logger.error(
          { event: 'evidence-unrecorded', incident: incident.id, reason },
          'evidence could not be recorded; it is made again later',
        );
      })
      .finally(() => underWay.delete(incident.id));
    underWay.set(incident.id, work);
  }

  return {
    plan: (incident) => (incident.phase === planningPhase(incident) ? recorder.plan(incident) : []),
    make,
    resume() {
      for (const { incident, plans } of store.unfinishedEvidence()) make(incident, plans, null);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
    figures: () => ({ ...figures }),
  };
}
