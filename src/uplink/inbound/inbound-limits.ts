import type { Clock } from '../../platform/clock.js';
import { createTokenBucket } from '../../platform/time/token-bucket.js';

/** Decides, before anything of a message is looked into, whether it may cost time. */
export interface InboundLimits {
  /** @param topic below the agent's base. */
  admits(topic: string): boolean;
}

/**
 * How many of a kind may come at once, and after what time one more, milliseconds. An honest centre stays far below; whoever can write to these topics and
 * does not mean it well takes 1 in 5 of a slow core at most. What is dropped heals: acknowledgements and requests are repeated, cases are kept by the
 * broker or said again, and commands have limits of their own that are answered. Sensors have none here: each is limited where it is heard, since one that
 * chatters must not silence a fire panel.
 */
const limits = {
  /** As many as this agent can send: 5,000 a second is five times what one receiver commits. */
  ack: { burst: 20_000, everyMs: 0.2 },
  /** Each reads a file's place and queues chunks. */
  need: { burst: 1_000, everyMs: 10 },
  /** Each is a transaction. Retained ones all come at once after a connection. */
  cases: { burst: 20_000, everyMs: 10 },
  /** Far above the commands' own limits: below, they are answered; above, not even that. */
  cmd: { burst: 200, everyMs: 20 },
  other: { burst: 100, everyMs: 100 },
} as const;

type Kind = keyof typeof limits;

export function createInboundLimits(clock: Clock): InboundLimits {
  const buckets = {} as Record<Kind, ReturnType<typeof createTokenBucket>>;
  for (const kind of Object.keys(limits) as Kind[]) buckets[kind] = createTokenBucket(clock, limits[kind].burst, limits[kind].everyMs);
  return {
    admits(topic) {
      const [branch = ''] = topic.split('/', 1);
      return buckets[isKind(branch) ? branch : 'other'].take();
    },
  };
}

const isKind = (branch: string): branch is Kind => Object.hasOwn(limits, branch);
