import { CASE_STATE_SCHEMA, type CaseStateMessage, caseStateSchema } from '../../domain/wire/case.js';
import { createAggregatedWarning } from '../../platform/aggregated-warning.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { BrokerRefusal, type OutgoingMessage } from '../../platform/mqtt/index.js';
import type { CaseStore, UntoldMove } from './case-store.js';

export interface MoveTellerOptions {
  readonly cases: Pick<CaseStore, 'untold' | 'told' | 'putOff'>;
  /** First part of every topic. */
  readonly prefix: string;
  /** Resolves when the broker has taken the message; `null` while there is no link. */
  readonly publish: () => ((message: OutgoingMessage) => Promise<unknown>) | null;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells agents what became of their events' cases. */
export interface MoveTeller {
  /** Tells what has not been told; call it every second or so, and after a move. It never throws. */
  round(): Promise<void>;
}

/** Moves taken at once: as many as a slow broker takes within the lease. */
const MOVES_A_ROUND = 100;
/** How long they are this receiver's alone, milliseconds; after a link that was lost they are taken up again so much later. */
const LEASE_MS = 10_000;
/** A broker that refuses a topic is asked again after this long, milliseconds: somebody has to change its access list first. */
const REFUSED_WAIT_MS = 60_000;
/**
 * How long the broker keeps the last word on a case, seconds: 30 days. An agent that is away for longer has lost its session, and by default
 * its evidence too; a broker that kept every word for ever would grow by a case a minute in a large city.
 */
const STATE_EXPIRY_S = 30 * 86_400;

/**
 * Each move, and each word on a hold, is published, retained, on `cases/<event>/state`, in the order in which moves were made, and counts as told when the broker has
 * taken it. After a crash it may come twice: agents go by its time.
 */
export function createMoveTeller({ cases, prefix, publish, clock, logger }: MoveTellerOptions): MoveTeller {
  const warn = createAggregatedWarning(logger, clock, 'case-untold', 'an agent could not be told of a case');
  let running: Promise<void> | null = null;

  async function tell(move: UntoldMove): Promise<'told' | 'refused' | 'no link'> {
    const send = publish();
    if (send === null) return 'no link';
    const { site, agent, eventId } = move;
    const topic = `${prefix}/${site}/${agent}/cases/${eventId}/state`;
    try {
      await send({ topic, payload: JSON.stringify(stateMessage(move)), retain: true, expiryS: STATE_EXPIRY_S });
    } catch (error) {
      // The link has ended: the next one takes it up.
      if (!(error instanceof BrokerRefusal)) return 'no link';
      await cases.putOff(move, clock.now() + REFUSED_WAIT_MS);
      warn(`${topic}: ${errorMessage(error)}; let the receiver write there in the broker's access list`);
      return 'refused';
    }
    await cases.told(move);
    return 'told';
  }

  async function all(): Promise<void> {
    try {
      if (publish() === null) return;
      const nowMs = clock.now();
      /** Cases of which a move was refused: later ones must not overtake it. */
      const refused = new Set<string>();
      for (const move of await cases.untold(nowMs, nowMs + LEASE_MS, MOVES_A_ROUND)) {
        if (refused.has(move.eventId)) continue;
        const outcome = await tell(move);
        if (outcome === 'no link') return;
        if (outcome === 'refused') refused.add(move.eventId);
      }
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      warn(error.message);
    }
  }

  return {
    round() {
      running ??= all().finally(() => {
        running = null;
      });
      return running;
    },
  };
}

/** @throws {RangeError} for a state that agents are not told of. */
function stateMessage({ eventId, to, atMs, hold }: UntoldMove): CaseStateMessage {
  if (to === 'new') throw new RangeError('an agent is not told that its event is new');
  const message = { schema: CASE_STATE_SCHEMA, event: eventId, state: to, at: new Date(atMs).toISOString() };
  return caseStateSchema.parse({ ...message, ...(hold === null ? {} : { hold }) });
}
