import { createAggregatedWarning } from '../../platform/aggregated-warning.js';
import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logger.js';
import { BrokerRefusal, type IncomingMessage } from '../../platform/mqtt/index.js';
import type { UplinkCounters } from '../link/counters.js';
import type { Packet } from '../link/flow.js';
import { type CommandDesk, isReplyTopic } from './commands.js';

export interface RepliesOptions {
  readonly base: string;
  /** Decides; left out where the agent takes no commands. */
  readonly commands: CommandDesk | undefined;
  readonly counters: Pick<UplinkCounters, 'refusals'>;
  /** An answer waits. */
  readonly onReply: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Has commands decided on, and keeps their answers until they may go. */
export interface Replies {
  /** @param name of the command, as its topic has it. @throws {RangeError} when it cannot be answered at all. */
  take(name: string, message: IncomingMessage): void;
  next(): Packet | null;
  /** Whoever asked over the link that is gone has given up, or asks again. */
  linkLost(): void;
}

/** Answers that wait, at most: they give way to events, and a flood of commands must not fill the memory. */
const MAX_WAITING = 64;

export function createReplies({ base, commands, counters, onReply, clock, logger }: RepliesOptions): Replies {
  const dropped = createAggregatedWarning(logger, clock, 'reply-dropped', 'commands come faster than answers leave, the oldest is dropped');
  const refused = createAggregatedWarning(logger, clock, 'reply-refused', 'the broker does not let this agent answer there');
  const waiting: Packet['message'][] = [];
  return {
    take(name, message) {
      if (commands === undefined) throw new RangeError(`cmd/${name.slice(0, 40)}: this agent takes no commands`);
      const asked = message.responseTopic;
      if (asked !== null && !isReplyTopic(asked))
        throw new RangeError(`cmd/${name.slice(0, 40)}: a response topic that nothing can be sent to`);
      const correlation = message.correlationData === null ? {} : { correlationData: message.correlationData };
      // Events and acknowledgements go on meanwhile; the reply waits behind events.
      void commands.answer(name, message).then((reply) => {
        waiting.push({ topic: asked ?? `${base}/reply`, payload: JSON.stringify(reply), ...correlation });
        if (waiting.length > MAX_WAITING) {
          waiting.shift();
          dropped(reply.command);
        }
        onReply();
      });
    },
    next() {
      const message = waiting.shift();
      if (message === undefined) return null;
      return {
        message,
        accepted: () => undefined,
        failed: (error) => {
          if (error instanceof BrokerRefusal) {
            counters.refusals++;
            refused(`${message.topic}: ${error.message}`);
          } else logger.debug({ event: 'reply-lost', err: error });
        },
      };
    },
    linkLost() {
      waiting.length = 0;
    },
  };
}
