import { ACK_SCHEMA, ackKeys, goneSchema, RESEND_SCHEMA } from '../domain/wire/delivery.js';
import { expectSame, parseJson, parseValue, type ReceiverContext, Rejected, sha256Of } from './context.js';
import { dueGaps, loseGap } from './gaps.js';
import type { ReceivedTopic } from './topics.js';

/** Asks agents for events that have not come, and takes their word on those that they have no more. */
export interface GapDesk {
  /** An agent says that it has numbers no more. @throws {Rejected} */
  takeGone(topic: Extract<ReceivedTopic, { kind: 'gone' }>, payload: Uint8Array): Promise<void>;
  /** Asks for what is due; call it every second. */
  sweep(): Promise<void>;
}

/** Largest such message, bytes; real ones have 600. */
const MAX_GONE_BYTES = 16 * 1024;
/** Requests in one sweep, at most: after a long outage of a broker every camera of a city may have a gap. */
const GAPS_A_SWEEP = 100;

export function createGapDesk(context: ReceiverContext): GapDesk {
  const { database, counters, clock, logger } = context;
  return {
    async takeGone({ site, agent }, payload) {
      if (payload.length > MAX_GONE_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_GONE_BYTES}`);
      const raw = parseJson(payload);
      const gone = parseValue(goneSchema, raw);
      expectSame('site', site, gone.site);
      expectSame('agent', agent, gone.agent);
      if (gone.last < gone.first) throw new Rejected(`numbers ${gone.first} to ${gone.last} are none`);
      const { camera, first, last, reason } = gone;
      const sha256 = sha256Of(payload);
      const key = ackKeys.gone(camera, first, last);
      await context.keyring.expectSigned({ site, agent, ackKey: key, sha256 }, raw);
      const range = { firstSeq: first, lastSeq: last, reason, text: JSON.stringify(raw) };
      const lost = await database.write((sql) => loseGap(sql, { site, agent, camera }, range, clock.now()));
      counters.gapsLost += lost;
      if (lost > 0) {
        const message = `${site}/${agent}/${camera}: ${lost} events from number ${first} to ${last} are lost: ${reason}`;
        logger.error({ event: 'events-lost', site, agent, camera, first, last, lost }, message);
      }
      context.tell(site, agent, 'ack', { schema: ACK_SCHEMA, key, sha256 });
    },
    async sweep() {
      const due = await database.write((sql) => dueGaps(sql, clock.now(), GAPS_A_SWEEP));
      for (const { site, agent, camera, firstSeq, lastSeq, asks } of due) {
        counters.resends++;
        const line = { event: 'event-gap-asked', site, agent, camera, first: firstSeq, last: lastSeq, asks };
        const numbers = firstSeq === lastSeq ? `event number ${firstSeq} is` : `events number ${firstSeq} to ${lastSeq} are`;
        logger[asks === 1 ? 'warn' : 'info'](line, `${site}/${agent}/${camera}: ${numbers} missing; the agent is asked again`);
        context.tell(site, agent, 'need', { schema: RESEND_SCHEMA, camera, first: firstSeq, last: lastSeq });
      }
    },
  };
}
