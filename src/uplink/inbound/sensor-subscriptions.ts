import type { Logger } from '../../platform/logger.js';
import { BrokerRefusal, type MqttLink } from '../../platform/mqtt/index.js';
import { sensorFilter } from './inbound.js';

/** Has the broker send what rules listen to, and nothing that they do not listen to any more: a session is kept, with all that it ever subscribed to. */
export interface SensorSubscriptions {
  /** There is a new link, or rules listen to other topics now. Retained messages come once more: whoever listens anew learns how things stand. */
  follow(link: MqttLink): void;
  /** A message came on a topic of somebody else's that no rule listens to: one of a config before this process. */
  stray(topic: string): void;
}

/** Topics that are left because messages came on them, at most: a config names fewer, and a broker that sends what it likes gets no more. */
const MOST_STRAYS = 1_000;

export function createSensorSubscriptions({
  base,
  topics,
  logger,
}: {
  readonly base: string;
  /** Whole topics beside the agent's own that rules listen to now. */
  readonly topics: () => readonly string[];
  readonly logger: Logger;
}): SensorSubscriptions {
  let link: MqttLink | null = null;
  /** Asked for in this process; others the session may have from before. */
  let asked: ReadonlySet<string> = new Set();
  /** Not to be heard any more. Messages may still be on their way; and on a new link it is said once more, since the last one may have lost it. */
  const left = new Set<string>();

  function leave(filter: string): void {
    if (!left.has(filter))
      logger.info({ event: 'sensors-left', filter }, `no rule listens to ${filter} any more: the broker is asked for it no longer`);
    left.add(filter);
    // Of a link that is gone its end tells.
    link?.unsubscribe([filter]).catch((error: unknown) => logger.debug({ event: 'sensors-not-left', filter, err: error }));
  }

  return {
    follow(present) {
      const wanted = new Set([`${base}/${sensorFilter}`, ...topics()]);
      const before = link === present ? asked : new Set([...asked, ...left]);
      link = present;
      asked = wanted;
      for (const filter of before) {
        if (!wanted.has(filter)) leave(filter);
      }
      // One by one: a topic that the broker refuses must not cost the others.
      for (const filter of wanted) {
        left.delete(filter);
        present.subscribe([filter]).catch((error: unknown) => {
          if (error instanceof BrokerRefusal)
            logger.warn(
              { event: 'sensors-unheard', filter, reason: error.message },
              `sensors on ${filter} cannot be heard: ${error.message}`,
            );
        });
      }
    },
    stray(topic) {
      // An agent that ends has no rules any more, and what is said until it is back must be kept for it.
      if (asked.has(topic) || left.has(topic) || left.size >= MOST_STRAYS) return;
      // What the broker held for the session comes before the link is ready: then it is left once more with the first subscriptions.
      leave(topic);
    },
  };
}
