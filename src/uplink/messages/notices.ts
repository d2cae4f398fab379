import type { Logger } from '../../platform/logger.js';
import { BrokerRefusal } from '../../platform/mqtt/index.js';
import type { UplinkCounters } from '../link/counters.js';
import type { Packet } from '../link/flow.js';

/** What the centre is told once, when there is a link; of one topic only the latest. Lost with the process. */
export interface Notices {
  /** Topic below the base. */
  publish(topic: string, payload: object): void;
  next(): Packet | null;
}

/** Notices that wait, at most: without a link the oldest say least. */
const MAX_WAITING = 256;

export function createNotices({
  base,
  counters,
  logger,
}: {
  readonly base: string;
  readonly counters: Pick<UplinkCounters, 'refusals'>;
  readonly logger: Logger;
}): Notices {
  /** Payloads by topic, oldest first. */
  const waiting = new Map<string, string>();
  return {
    publish(topic, payload) {
      waiting.delete(topic);
      waiting.set(topic, JSON.stringify(payload));
      for (const [oldest] of waiting) {
        if (waiting.size <= MAX_WAITING) break;
        waiting.delete(oldest);
      }
    },
    next() {
      for (const [topic, payload] of waiting) {
        waiting.delete(topic);
        return {
          message: { topic: `${base}/${topic}`, payload },
          accepted: () => undefined,
          failed: (error) => {
            if (error instanceof BrokerRefusal) {
              counters.refusals++;
              logger.warn({ event: 'notice-refused', topic }, `${topic}: ${error.message}`);
            } else if (!waiting.has(topic)) waiting.set(topic, payload);
          },
        };
      }
      return null;
    },
  };
}
