import type { Evidence } from '../../domain/evidence.js';
import type { Incident } from '../../domain/incident.js';
import { type CaseStateMessage, INSPECTION_SCHEMA, type InspectionMessage, type Presence } from '../../domain/wire/case.js';
import { CommandRefusal } from '../../domain/wire/command.js';
import type { ReferencePictures } from '../../evidence/index.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { Reinspection } from '../../rules/contract.js';
import { REQUEST_TYPE, type Store } from '../../store/index.js';
import type { Uplink } from '../../uplink/index.js';
import type { RequestDesk } from './request-desk.js';

export interface CaseDeskOptions {
  readonly store: Pick<Store, 'incident' | 'cases'>;
  readonly requests: Pick<RequestDesk, 'look'>;
  /** The small pictures of incidents, the present one among them once `requests` has made it. */
  readonly references: Pick<ReferencePictures, 'read'>;
  /** How incidents of a type are looked at again; `undefined` where nothing knows how. */
  readonly reinspectionOf: (type: string) => Reinspection | undefined;
  readonly uplink: Pick<Uplink, 'publishRetained' | 'clearRetained'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** What was found when an incident was looked at again. */
export interface InspectionResult {
  readonly presence: Presence;
  /** One line for people. */
  readonly reason: string;
  /** The picture that goes with it; `null` when there is none to be had. */
  readonly picture: Evidence | null;
}

/** Follows the centre's cases: what they need is kept, and solved ones are looked at again. */
export interface CaseDesk {
  /** Takes up what the agent owes the centre from before its start. @throws {AgentError} when the store cannot be read. */
  start(): void;
  /** The centre has said something of a case. @throws {AgentError} when it cannot be kept. */
  onCase(message: CaseStateMessage): void;
  /** Is the incident still there? @throws {CommandRefusal} when it is not known here. */
  look(event: string): Promise<InspectionResult & { readonly incident: Incident }>;
  /** Resolves when nothing is being looked at. */
  idle(): Promise<void>;
}

const verdicts: Readonly<Record<Presence, InspectionMessage['verdict']>> = {
  still_there: 'reopened',
  gone: 'verified',
  cannot_tell: 'cannot_tell',
};

const topicOf = (event: string): string => `cases/${event}/inspection`;

export function createCaseDesk(options: CaseDeskOptions): CaseDesk {
  const { store, requests, uplink, clock, logger, signal } = options;
  /** One at a time: a hundred cases solved at once must not take the cameras' cores. */
  let turn: Promise<void> = Promise.resolve();

  async function look(event: string): Promise<InspectionResult & { readonly incident: Incident }> {
    const incident = store.incident(event);
    if (incident === null || incident.type === REQUEST_TYPE) {
      throw new CommandRefusal('unknown_event', `there is no event ${event} here; it may have been forgotten (retention.days)`);
    }
    const reinspection = options.reinspectionOf(incident.type);
    let picture: Evidence;
    try {
      picture = await requests.look(incident, reinspection?.place(incident) ?? null);
    } catch (error) {
      if (!(error instanceof CommandRefusal || error instanceof AgentError)) throw error;
      return { incident, presence: 'cannot_tell', reason: `there is no present picture: ${error.message}`, picture: null };
    }
    if (reinspection === undefined) {
      const reason = `nothing here can tell of a ${incident.type} whether it is still there: a person must look`;
      return { incident, presence: 'cannot_tell', reason, picture };
    }
    const { present, incident: before, steady, scene } = await options.references.read(event);
    return { incident, ...reinspection.judge(incident, { capturedAtMs: picture.toMs, picture: present, before, steady, scene }), picture };
  }

  function inspectInTurn(event: string, atMs: number): void {
    turn = turn.then(async () => {
      if (signal.aborted) return;
      try {
        await inspect(event, atMs);
      } catch (error) {
        // The next start takes it up again.
        if (!signal.aborted)
          logger.error(
            { event: 'inspection-failed', incident: event, reason: errorMessage(error) },
            'a solved case could not be inspected',
          );
      }
    });
  }

  async function inspect(event: string, atMs: number): Promise<void> {
    const { incident, presence, reason, picture } = await look(event);
    const message: InspectionMessage = {
      schema: INSPECTION_SCHEMA,
      event,
      camera: incident.cameraId,
      verdict: verdicts[presence],
      reason,
      at: iso(clock.now()),
      evidence: picture === null ? null : { id: picture.id, bytes: picture.bytes, sha256: picture.sha256, at: iso(picture.toMs) },
      answers: iso(atMs),
    };
    if (!store.cases.keepInspection(atMs, message)) return;
    logger.info({ event: 'case-inspected', incident: event, verdict: message.verdict }, `looked again at ${event}: ${message.verdict}`);
    uplink.publishRetained(topicOf(event), message);
  }

  return {
    start() {
      for (const message of store.cases.inspections()) uplink.publishRetained(topicOf(message.event), message);
      for (const { incidentId, atMs } of store.cases.uninspected()) inspectInTurn(incidentId, atMs);
    },
    onCase({ event, state, at, hold }) {
      const atMs = Date.parse(at);
      const outcome = store.cases.keep(event, state, atMs, hold);
      if (outcome === 'old' || outcome === 'unknown') return;
      logger.info({ event: 'case-state', incident: event, state }, `the centre calls ${event} ${state}`);
      // What was found before speaks of a state that is past.
      if (outcome === 'revised') uplink.clearRetained(topicOf(event));
      if (state === 'solved') inspectInTurn(event, atMs);
    },
    look,
    async idle() {
      await turn;
    },
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
