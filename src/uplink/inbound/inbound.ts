import { z } from 'zod';
import { type CaseStateMessage, caseStateSchema } from '../../domain/wire/case.js';
import {
  ACK_SCHEMA,
  type AckMessage,
  ackSchema,
  NEED_SCHEMA,
  type NeedMessage,
  needSchema,
  type ResendMessage,
  resendSchema,
} from '../../domain/wire/delivery.js';
import {
  COUNTERSIGN_SCHEMA,
  type CountersignMessage,
  countersignSchema,
  type RefusalMessage,
  refusalSchema,
} from '../../domain/wire/proof.js';
import { errorMessage } from '../../platform/errors.js';
import { parseBoundedJson } from '../../platform/input/bounded-json.js';
import { inputProblems } from '../../platform/input/input-problems.js';
import type { IncomingMessage } from '../../platform/mqtt/index.js';

export type Inbound =
  | { readonly kind: 'ack'; readonly ack: AckMessage }
  | { readonly kind: 'refusal'; readonly refusal: RefusalMessage }
  /** `message` as it came: its signature is over all of it. */
  | { readonly kind: 'countersign'; readonly countersign: CountersignMessage; readonly message: object }
  | { readonly kind: 'need'; readonly need: NeedMessage }
  | { readonly kind: 'resend'; readonly resend: ResendMessage }
  | { readonly kind: 'case'; readonly state: CaseStateMessage }
  | { readonly kind: 'command'; readonly name: string };

/** Largest message that is taken from the centre, bytes: a `need` of 10,000 five-digit numbers has 60 KB. */
export const MAX_INBOUND_BYTES = 64 * 1024;

/** Filters that an agent subscribes to, below its base topic. */
export const inboundFilters = ['ack', 'need', 'cmd/+'] as const;
/** What the centre says of cases. Apart, since a broker whose access list does not know it must not cost the connection. */
export const caseFilter = 'cases/+/state';
/** What devices in the street say. Apart for the same reason. */
export const sensorFilter = 'sensors/+';

/** Taken, refused, or countersigned: on one topic, so that a broker's access list needs no further line. */
const answerSchema = z.discriminatedUnion('schema', [ackSchema, refusalSchema, countersignSchema]);
/** Pieces of a file, or events. */
const lackSchema = z.discriminatedUnion('schema', [needSchema, resendSchema]);

/** @throws {RangeError} with one line that says why the message is not understood. */
export function parseInbound(base: string, message: IncomingMessage): Inbound {
  const topic = message.topic.startsWith(`${base}/`) ? message.topic.slice(base.length + 1) : message.topic;
  const command = /^cmd\/([^/]+)$/.exec(topic)?.[1];
  // A command is refused with a reply, for its size too.
  if (command !== undefined) return { kind: 'command', name: command };
  if (message.payload.length > MAX_INBOUND_BYTES)
    throw new RangeError(`${topic.slice(0, 100)}: ${message.payload.length} bytes, at most ${MAX_INBOUND_BYTES}`);
  if (topic === 'ack') return parseAnswer(topic, message.payload);
  if (topic === 'need') return parseLack(topic, message.payload);
  const event = /^cases\/([^/]+)\/state$/.exec(topic)?.[1];
  if (event !== undefined) return { kind: 'case', state: parseCase(topic, event, message.payload) };
  throw new RangeError(`${topic.slice(0, 100)}: unknown topic`);
}

function parseAnswer(topic: string, payload: Uint8Array): Inbound {
  const answer = parse(answerSchema, topic, payload);
  if (answer.schema === ACK_SCHEMA) return { kind: 'ack', ack: answer };
  if (answer.schema !== COUNTERSIGN_SCHEMA) return { kind: 'refusal', refusal: answer };
  return { kind: 'countersign', countersign: answer, message: parseBoundedJson(payload) as object };
}

function parseLack(topic: string, payload: Uint8Array): Inbound {
  const lack = parse(lackSchema, topic, payload);
  return lack.schema === NEED_SCHEMA ? { kind: 'need', need: lack } : { kind: 'resend', resend: lack };
}

function parseCase(topic: string, event: string, payload: Uint8Array): CaseStateMessage {
  const state = parse(caseStateSchema, topic, payload);
  if (state.event !== event) throw new RangeError(`${topic.slice(0, 100)}: speaks of another event, ${state.event}`);
  return state;
}

function parse<T>(schema: z.ZodType<T>, topic: string, payload: Uint8Array): T {
  let json: unknown;
  try {
    json = parseBoundedJson(payload);
  } catch (error) {
    throw new RangeError(`${topic}: not JSON (${errorMessage(error)})`, { cause: error });
  }
  const result = schema.safeParse(json);
  if (!result.success) throw new RangeError(`${topic}: ${inputProblems(result.error)}`);
  return result.data;
}
