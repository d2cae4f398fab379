import type { Logger } from '../../platform/logger.js';
import { BrokerRefusal } from '../../platform/mqtt/index.js';
import type { UplinkCounters } from '../link/counters.js';
import type { Packet } from '../link/flow.js';
import { wholeTopic } from '../link/topics.js';

/** Retained payloads by topic, the latest of each, and which of them the present link has not seen. */
export interface RetainedStates {
  /** An empty payload has the broker forget the topic. False when nothing has changed. */
  set(topic: string, payload: string): boolean;
  /** A new link may be another broker: all go out once more. */
  linkUp(): void;
  /** The next that has not gone out; `null` when all have. @param isMeant which topics may go now. */
  next(isMeant: (topic: string) => boolean): Packet | null;
}

export function createRetainedStates({
  base,
  counters,
  logger,
}: {
  readonly base: string;
  readonly counters: Pick<UplinkCounters, 'refusals'>;
  readonly logger: Logger;
}): RetainedStates {
  const payloads = new Map<string, string>();
  const stale = new Set<string>();

  function packetOf(topic: string): Packet {
    return {
      message: { topic: wholeTopic(base, topic), payload: payloads.get(topic) ?? '', retain: true },
      accepted: () => undefined,
      failed: (error) => {
        if (!(error instanceof BrokerRefusal)) return;
        counters.refusals++;
        logger.warn({ event: 'state-refused', topic }, `${topic}: ${error.message}`);
      },
    };
  }

  return {
    set(topic, payload) {
      if (payload !== '' && payloads.get(topic) === payload) return false;
      payloads.set(topic, payload);
      stale.add(topic);
      return true;
    },
    linkUp() {
      for (const topic of payloads.keys()) stale.add(topic);
    },
    next(isMeant) {
      for (const topic of stale) {
        if (!isMeant(topic)) continue;
        stale.delete(topic);
        return packetOf(topic);
      }
      return null;
    },
  };
}
