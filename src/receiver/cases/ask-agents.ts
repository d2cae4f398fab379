import { randomBytes } from 'node:crypto';
import { type CommandName, type ReplyMessage, replySchema } from '../../domain/wire/command.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { OutgoingMessage } from '../../platform/mqtt/index.js';
import type { Signer } from '../../platform/proof/index.js';
import { parsePayload } from '../context.js';
import { Rejected } from '../rejected.js';

export interface AgentAskerOptions {
  /** First part of every topic. */
  readonly prefix: string;
  /** Last part of the topic that answers come on, this receiver's alone. */
  readonly replyName: string;
  /** Signs commands; `null` before the receiver has its key. */
  readonly signer: () => Signer | null;
  /** Resolves when the broker has taken the message; `null` while there is no link. */
  readonly publish: () => ((message: OutgoingMessage) => Promise<unknown>) | null;
  readonly clock: Clock;
}

/** Commands agents and waits for their answers. */
export interface AgentAsker {
  /**
   * @throws {AgentError} AGENT_SILENT when there is no answer within 20 s or no link, AGENT_REFUSED when the answer is no.
   */
  ask(site: string, agent: string, command: CommandName, payload: object): Promise<ReplyMessage>;
  /** An answer has come. @throws {Rejected} */
  takeReply(of: { readonly site: string; readonly agent: string }, correlation: Buffer | null, payload: Uint8Array): void;
}

/** An agent answers within a second; one behind a slow link, within some. Milliseconds. */
const ANSWER_MS = 20_000;
/** Largest answer that is taken, bytes; that of `status` of 100 cameras has 30 KB. */
const MAX_REPLY_BYTES = 256 * 1024;

interface Question {
  readonly site: string;
  readonly agent: string;
  answer(reply: ReplyMessage): void;
}

export function createAgentAsker({ prefix, replyName, signer, publish, clock }: AgentAskerOptions): AgentAsker {
  const questions = new Map<string, Question>();

  async function send(base: string, command: CommandName, payload: object, correlation: string): Promise<void> {
    const link = publish();
    if (link === null) throw new AgentError('AGENT_SILENT', 'the centre is not connected to its broker; try again when it is');
    const topic = `${base}/cmd/${command}`;
    const message = { ...payload, topic, at: new Date(clock.now()).toISOString(), nonce: randomBytes(16).toString('base64url') };
    const signed = signer()?.sign(message) ?? message;
    const responseTopic = `${base}/reply/${replyName}`;
    try {
      await link({ topic, payload: JSON.stringify(signed), responseTopic, correlationData: Buffer.from(correlation) });
    } catch (error) {
      throw new AgentError('AGENT_SILENT', `the broker did not take the command (${errorMessage(error)})`, { cause: error });
    }
  }

  return {
    async ask(site, agent, command, payload) {
      const correlation = randomBytes(16).toString('base64url');
      const over = new AbortController();
      const answered = new Promise<ReplyMessage>((resolve) => questions.set(correlation, { site, agent, answer: resolve }));
      try {
        await send(`${prefix}/${site}/${agent}`, command, payload, correlation);
        const late = clock.delay(ANSWER_MS, over.signal).then(
          () => null,
          () => null,
        );
        const reply = await Promise.race([answered, late]);
        if (reply === null) {
          const message = `${site}/${agent} has not answered within ${ANSWER_MS / 1000} s; it may be away, and does it when it is back`;
          throw new AgentError('AGENT_SILENT', message);
        }
        if (!reply.ok)
          throw new AgentError('AGENT_REFUSED', `${site}/${agent} refuses ${command}: ${reply.error ?? reply.code ?? 'no reason given'}`);
        return reply;
      } finally {
        questions.delete(correlation);
        over.abort();
      }
    },
    takeReply({ site, agent }, correlation, payload) {
      if (payload.length > MAX_REPLY_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_REPLY_BYTES}`);
      const reply = parsePayload(replySchema, payload);
      const question = questions.get(correlation?.toString() ?? '');
      // Late, or to somebody who has ended; of another agent: a guess.
      if (question === undefined || question.site !== site || question.agent !== agent)
        throw new Rejected('an answer that nobody waits for');
      question.answer(reply);
    },
  };
}
