import type { Clock } from '../platform/clock.js';
import { createTokenBucket, type TokenBucket } from '../platform/time/token-bucket.js';

/** Keeps one agent, or somebody who forges many, from taking the time of all. */
export interface SenderLimits {
  /** Whether a message of this sender may be looked into. */
  admits(sender: string): boolean;
  /** A message of this sender was not believed: of such ones only a few a second are looked into. */
  doubt(sender: string): void;
}

/**
 * Messages of one agent: as many at once as a long outage leaves behind (10,000 events and 2 GB of evidence are 30,000), and after what time one
 * more, milliseconds: 1,000 a second is 128 MB/s of evidence. What is dropped is not acknowledged, and comes again where `delivery` is `centre`.
 */
const MESSAGES = { burst: 100_000, everyMs: 1 } as const;
/** Messages that were rejected. Each costs a signature's check and a line of 500 characters at most; honest agents send none. */
const REJECTED = { burst: 1_000, everyMs: 100 } as const;
/** Agents that are remembered; of more, those that have been silent longest are forgotten. */
const MAX_SENDERS = 20_000;

interface Sender {
  readonly messages: TokenBucket;
  readonly rejected: TokenBucket;
}

export function createSenderLimits(clock: Clock): SenderLimits {
  /** In the order in which they were last heard. */
  const senders = new Map<string, Sender>();

  function of(name: string): Sender {
    const sender = senders.get(name) ?? {
      messages: createTokenBucket(clock, MESSAGES.burst, MESSAGES.everyMs),
      rejected: createTokenBucket(clock, REJECTED.burst, REJECTED.everyMs),
    };
    senders.delete(name);
    senders.set(name, sender);
    const [oldest] = senders.keys();
    if (senders.size > MAX_SENDERS && oldest !== undefined) senders.delete(oldest);
    return sender;
  }

  return {
    admits(name) {
      const { messages, rejected } = of(name);
      return rejected.waitMs() === 0 && messages.take();
    },
    doubt(name) {
      of(name).rejected.take();
    },
  };
}
