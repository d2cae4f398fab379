import { z } from 'zod';
import {
  type CommandName,
  type CommandPayload,
  CommandRefusal,
  commandEnvelopeSchema,
  commandNames,
  commandSchemas,
  REPLY_SCHEMA,
  type ReplyMessage,
} from '../../domain/wire/command.js';
import { createAggregatedWarning } from '../../platform/aggregated-warning.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import { parseBoundedJson } from '../../platform/input/bounded-json.js';
import { inputProblems } from '../../platform/input/input-problems.js';
import type { Logger } from '../../platform/logger.js';
import type { IncomingMessage } from '../../platform/mqtt/index.js';
import { createTokenBucket, type TokenBucket } from '../../platform/time/token-bucket.js';
import { checkSignedCommand, checkTime, type NonceBook } from './command-signature.js';

export type CommandResult = Record<string, unknown>;

/** What carries the commands out. They throw {@link CommandRefusal} or {@link AgentError} with a line for the reply. */
export type CommandHandlers = {
  readonly [Name in CommandName]: (payload: CommandPayload<Name>) => CommandResult | Promise<CommandResult>;
};

/** Who may have what done. */
export interface CommandPolicy {
  readonly allow: readonly CommandName[];
  /** The centre's Ed25519 public key, 32 bytes as base64: then every command must be signed. `null`: whoever may publish here may command. */
  readonly key: string | null;
}

export interface CommandCounters {
  /** Commands that came, refused ones included. */
  commands: number;
  /** Commands that were refused or failed. */
  commandsRefused: number;
}

export interface CommandDeskOptions {
  readonly handlers: CommandHandlers;
  readonly policy: CommandPolicy;
  /** Topic above `cmd/<name>`; a signature holds for it alone. */
  readonly base: string;
  /** Nonces that have been used. */
  readonly nonces: NonceBook;
  readonly counters: CommandCounters;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Decides on commands, has them carried out and makes their replies. */
export interface CommandDesk {
  /** Never throws: a refusal is a reply too. @param name as the topic has it, whatever that is. */
  answer(name: string, message: Pick<IncomingMessage, 'payload' | 'retained'>): Promise<ReplyMessage>;
  /** From now on. */
  setPolicy(policy: CommandPolicy): void;
}

/** Largest payload, bytes; a `clip` with everything has 500. */
const MAX_COMMAND_BYTES = 64 * 1024;
/** How many may be under way at once: each of the slow ones holds ffmpeg, and the box belongs to its cameras. */
const MAX_UNDER_WAY = 4;
/** Characters of a name from outside that are told back and logged. */
const SHOWN_NAME = 40;
/** Characters of an error that are told back. */
const SHOWN_ERROR = 500;

/**
 * How many of a kind may come at once, and after what time one more, milliseconds. Cheap ones are limited against floods; those that decode or
 * cut, to some 6 s of one core a minute.
 */
const limits: Readonly<Record<CommandName, { readonly burst: number; readonly everyMs: number }>> = {
  ping: { burst: 20, everyMs: 500 },
  status: { burst: 10, everyMs: 1_000 },
  snapshot: { burst: 6, everyMs: 5_000 },
  clip: { burst: 6, everyMs: 10_000 },
  verify: { burst: 6, everyMs: 10_000 },
  set: { burst: 10, everyMs: 1_000 },
  reload: { burst: 3, everyMs: 10_000 },
  fetch: { burst: 20, everyMs: 1_000 },
  upload: { burst: 20, everyMs: 1_000 },
};

export function createCommandDesk(options: CommandDeskOptions): CommandDesk {
  const { handlers, base, nonces, counters, clock, logger } = options;
  const warn = createAggregatedWarning(logger, clock, 'command-refused', 'a command was refused');
  const buckets = new Map<CommandName, TokenBucket>(
    commandNames.map((name) => [name, createTokenBucket(clock, limits[name].burst, limits[name].everyMs)]),
  );
  let { policy } = options;
  let underWay = 0;

  /** @throws {CommandRefusal} when there is no such command, or it is not to be had here. */
  function admit(name: string, message: Pick<IncomingMessage, 'payload' | 'retained'>): CommandName {
    const known = commandNames.find((one) => one === name);
    if (known === undefined) throw new CommandRefusal('unknown_command', `unknown command; known: ${commandNames.join(', ')}`);
    if (!policy.allow.includes(known))
      throw new CommandRefusal('not_allowed', `${known} is not allowed here; add it to mqtt.commands.allow in the agent's config`);
    // The broker would hand it out at every connection, for ever.
    if (message.retained) throw new CommandRefusal('retained', 'a command must not be retained; publish it without the retain flag');
    if (message.payload.length > MAX_COMMAND_BYTES)
      throw new CommandRefusal('too_large', `${message.payload.length} bytes, at most ${MAX_COMMAND_BYTES}`);
    return known;
  }

  /** @throws {CommandRefusal} */
  function authorise(name: CommandName, { envelope, message }: ParsedCommand): void {
    const nowMs = clock.now();
    const topic = `${base}/cmd/${name}`;
    if (policy.key !== null) checkSignedCommand({ key: policy.key, topic, envelope, message, nonces, nowMs });
    else if (envelope.at !== undefined) checkTime(envelope.at, nowMs);
    const bucket = buckets.get(name);
    if (bucket !== undefined && !bucket.take()) {
      throw new CommandRefusal('rate_limited', `${name} comes too often; try again in ${Math.ceil(bucket.waitMs() / 1000)} s`);
    }
  }

  async function carryOut<Name extends CommandName>(name: Name, raw: Uint8Array): Promise<CommandResult> {
    const parsed = parsePayload(raw);
    const payload = parseWith(commandSchemas[name] as unknown as z.ZodType<CommandPayload<Name>>, parsed.rest);
    authorise(name, parsed);
    if (underWay >= MAX_UNDER_WAY) throw new CommandRefusal('busy', `${underWay} commands are under way; try again in a few seconds`);
    underWay++;
    try {
      return await handlers[name](payload);
    } finally {
      underWay--;
    }
  }

  function refusal(name: string, error: unknown): CommandRefusal {
    if (error instanceof CommandRefusal) return error;
    const why = errorMessage(error);
    if (error instanceof AgentError) return new CommandRefusal('failed', why, { cause: error });
    logger.error({ event: 'command-crashed', command: name, err: error }, `${name} failed: ${why}`);
    return new CommandRefusal('failed', 'it failed by a mistake of the agent; its log has the details', { cause: error });
  }

  return {
    async answer(asked, message) {
      counters.commands++;
      const name = asked.slice(0, SHOWN_NAME);
      const reply = { schema: REPLY_SCHEMA, command: name } as const;
      const startedMs = clock.monotonic();
      try {
        const result = await carryOut(admit(asked, message), message.payload);
        const tookMs = Math.round(clock.monotonic() - startedMs);
        logger.info({ event: 'command-done', command: name, tookMs }, `${name} done`);
        return { ...reply, ok: true, at: isoTime(clock), code: null, error: null, result };
      } catch (error) {
        const { code, message: why } = refusal(name, error);
        counters.commandsRefused++;
        warn(`${name}: ${code}: ${why}`);
        return { ...reply, ok: false, at: isoTime(clock), code, error: why.slice(0, SHOWN_ERROR), result: null };
      }
    },
    setPolicy(next) {
      policy = next;
    },
  };
}

const isoTime = (clock: Clock): string => new Date(clock.now()).toISOString();

interface ParsedCommand {
  readonly envelope: z.output<typeof commandEnvelopeSchema>;
  /** What the command itself takes. */
  readonly rest: object;
  /** Both, as they came. */
  readonly message: object;
}

/** An empty payload says nothing. @throws {CommandRefusal} */
function parsePayload(raw: Uint8Array): ParsedCommand {
  if (raw.length === 0) return { envelope: {}, rest: {}, message: {} };
  let json: unknown;
  try {
    json = parseBoundedJson(raw);
  } catch (error) {
    throw new CommandRefusal('invalid', `the payload is not JSON (${errorMessage(error)})`, { cause: error });
  }
  const message = parseWith(z.record(z.string(), z.unknown()), json);
  const { topic, at, nonce, signature, ...rest } = message;
  return { envelope: parseWith(commandEnvelopeSchema, { topic, at, nonce, signature }), rest, message };
}

function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new CommandRefusal('invalid', inputProblems(result.error));
}

/** Topics where an answer may go: a plain name, not a filter, nothing of the broker's own. MQTT's own limit is 65,535 bytes. */
export function isReplyTopic(topic: string): boolean {
  return topic.length > 0 && topic.length <= 512 && !topic.startsWith('$') && !/[+#\0]/.test(topic);
}
