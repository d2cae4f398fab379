import { z } from 'zod';
import { signatureSchema } from './signature.js';

/**
 * Commands to an agent, `cmd/<name>`, and their answers, sent to the MQTT 5 response topic with its correlation data, or to `reply` when
 * none was named.
 */

export const REPLY_SCHEMA = 'parapet/reply/v1';

/** Every command. */
export const commandNames = ['ping', 'status', 'snapshot', 'clip', 'verify', 'set', 'reload', 'fetch', 'upload'] as const;
export type CommandName = (typeof commandNames)[number];

/** Why a command was refused or failed; the words stand in the reply's `error`. */
export const refusalCodes = [
  'unknown_command',
  'not_allowed',
  'retained',
  'too_large',
  'invalid',
  'bad_signature',
  'stale',
  'replayed',
  'rate_limited',
  'busy',
  'unknown_camera',
  'unknown_event',
  'not_held',
  'not_available',
  'config_invalid',
  'failed',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Refuses a command: the code for programs, one line for people. */
export class CommandRefusal extends Error {
  override readonly name = 'CommandRefusal';

  constructor(
    readonly code: RefusalCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export const replySchema = z.object({
  schema: z.literal(REPLY_SCHEMA),
  command: z.string(),
  ok: z.boolean(),
  at: z.iso.datetime({ precision: 3 }),
  code: z.enum(refusalCodes).nullable().describe('why it was not done, for programs; null when it was'),
  error: z.string().nullable().describe('why it was not done, one line; null when it was'),
  result: z.record(z.string(), z.unknown()).nullable(),
});

export type ReplyMessage = z.infer<typeof replySchema>;

const ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'a ULID: 26 characters of Crockford base 32');
const camera = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'the id of a camera')
  .describe('id of a camera');
const instant = z.iso.datetime({ offset: true }).describe('ISO 8601 with its offset, such as 2026-03-01T07:41:00Z');
/** A reference of the centre's own. It is told back and kept, and never becomes part of a path. */
const reference = z.string().min(1).max(64).describe('the centre’s own reference; told back and kept with the evidence');

/** What every command may carry besides; an agent that knows the centre's key needs all of it. */
export const commandEnvelopeSchema = z.object({
  topic: z.string().max(512).optional().describe('the whole topic that it is published on: it is signed for no other'),
  at: instant.optional().describe('when the command was given'),
  nonce: z.string().min(8).max(64).optional().describe('random text, never used twice'),
  signature: signatureSchema.optional(),
});

const noPayload = z.strictObject({});
const evidenceTarget = {
  event: ulid
    .optional()
    .describe('keep it as evidence of this event of the same camera, or under this id of the centre’s own; default: a new one'),
  case: reference.optional(),
};

/** What each command takes, beside the envelope. Unknown keys are refused: a typo must not pass for a default. */
export const commandSchemas = {
  ping: noPayload,
  status: noPayload,
  snapshot: z.strictObject({ camera, ...evidenceTarget }),
  clip: z
    .strictObject({ camera, from: instant, to: instant, ...evidenceTarget })
    .refine(({ from, to }) => Date.parse(to) > Date.parse(from), { message: '`to` must lie after `from`', path: ['to'] }),
  verify: z.strictObject({ event: ulid }),
  set: z
    .strictObject({
      camera,
      rule: z.string().min(1).max(64).optional().describe('name of the rule; may be left out where the camera has one'),
      enabled: z.boolean().nullable().optional().describe('null: as the config says'),
      sensitivity: z.enum(['low', 'normal', 'high']).nullable().optional().describe('null: as the config says'),
    })
    .refine(({ enabled, sensitivity }) => enabled !== undefined || sensitivity !== undefined, {
      message: 'name `enabled`, `sensitivity` or both',
    }),
  reload: noPayload,
  fetch: z.strictObject({ event: ulid, evidence: ulid.optional().describe('one piece; default: all of the event') }),
  upload: z.strictObject({
    event: ulid,
    evidence: ulid,
    url: z.string().min(8).max(8_192).describe('where to PUT the file; its host must be in mqtt.evidence.upload.hosts'),
    headers: z
      .record(
        z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/),
        z
          .string()
          .max(8_192)
          .regex(/^[\t\x20-\x7e]*$/),
      )
      .refine((headers) => Object.keys(headers).length <= 32, { message: 'at most 32 headers' })
      .optional()
      .describe('sent with the request, such as authorization'),
    expires: instant.optional().describe('after this the URL is not tried any more; default: a day from now, at most 7'),
  }),
} as const satisfies Record<CommandName, z.ZodType>;

export type CommandPayload<Name extends CommandName> = z.output<(typeof commandSchemas)[Name]>;
