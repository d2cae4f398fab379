import { z } from 'zod';
import { caseStateSchema, inspectionSchema } from '../wire/case.js';
import { type CommandName, commandEnvelopeSchema, commandNames, commandSchemas, replySchema } from '../wire/command.js';
import { ackSchema, goneSchema, needSchema, resendSchema } from '../wire/delivery.js';
import { eventSchema } from '../wire/event.js';
import { completeSchema, evidenceCompleteSchema, manifestSchema } from '../wire/evidence.js';
import { onvifEventSchema } from '../wire/onvif.js';
import { patrolSchema } from '../wire/patrol.js';
import { countersignSchema, keySchema, recordSchema, refusalSchema } from '../wire/proof.js';
import {
  activeSchema,
  cameraStateSchema,
  figuresSchema,
  metricsSchema,
  ruleStateSchema,
  statusSchema,
  trialSchema,
} from '../wire/status.js';
import { uploadSchema } from '../wire/upload.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A message that goes over MQTT. */
export interface MessageEntry {
  /** For people, without its article. */
  readonly title: string;
  /** `schema` of the payload, such as `parapet/event/v1`; `null` where it names none. */
  readonly schema: string | null;
  /** Media type of the payload. */
  readonly contentType: string;
  /** JSON Schema (draft 7) of the payload; `null`: raw bytes. */
  readonly jsonSchema: (() => JsonSchema) | null;
  /** What the code itself takes a payload apart with; `null` for bytes, and for commands, which are taken apart in two. */
  readonly zod: z.ZodType | null;
}

type NamedSchema = z.ZodObject<{ schema: z.ZodLiteral<string> }>;

/** Fields may be added to a message at any time, so a reader must take those that it does not know: hence the input side. */
const draft7 = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
};

const json = (title: string, schema: NamedSchema): MessageEntry => ({
  title,
  schema: schema.shape.schema.value,
  contentType: 'application/json',
  jsonSchema: () => draft7(schema),
  zod: schema,
});
const bytes = (title: string, contentType: string): MessageEntry => ({ title, schema: null, contentType, jsonSchema: null, zod: null });
const foreign = (title: string, schema: z.ZodType): MessageEntry => ({
  title,
  schema: null,
  contentType: 'application/json',
  jsonSchema: () => draft7(schema),
  zod: schema,
});

/** A command's payload is what it takes itself and, beside it, what any may carry. */
const command = (name: CommandName): MessageEntry => ({
  title: `Command ${name}`,
  schema: null,
  contentType: 'application/json',
  jsonSchema: () => {
    const [own, envelope] = [draft7(commandSchemas[name]), draft7(commandEnvelopeSchema)];
    return { ...own, properties: { ...(own['properties'] as object), ...(envelope['properties'] as object) } };
  },
  zod: null,
});

/** A device's own form: only that its fields can be named is asked. A bare word or number is taken as well, as `value`. */
const sensorReadingSchema = z.record(z.string(), z.unknown());

/** What Home Assistant's own documentation defines: only that much is promised here. */
const discoverySchema = z.looseObject({
  unique_id: z.string(),
  name: z.string(),
  device: z.looseObject({ identifiers: z.array(z.string()) }),
  origin: z.looseObject({ name: z.string() }),
});

/** Every message by name, one line each: `parapet schema`, docs/asyncapi.yaml and the tests of the documentation are made from it. */
export const messages = {
  event: json('Event', eventSchema),
  manifest: json('Evidence manifest', manifestSchema),
  chunk: bytes('Piece of an evidence file', 'application/octet-stream'),
  complete: json('Evidence file complete', completeSchema),
  'evidence-complete': json('All evidence of an event complete', evidenceCompleteSchema),
  ack: json('Acknowledgement by the centre', ackSchema),
  need: json('Request for missing chunks', needSchema),
  upload: json('How an upload gets on', uploadSchema),
  resend: json('Request for missing events', resendSchema),
  gone: json('Events that are gone', goneSchema),
  key: json('Public key of the agent', keySchema),
  record: json('Record of the chain of evidence', recordSchema),
  refusal: json('Refusal by the centre', refusalSchema),
  countersign: json('Countersignature of the chain', countersignSchema),
  'case-state': json('State of a case', caseStateSchema),
  inspection: json('Inspection of a solved case', inspectionSchema),
  patrol: json('Round of a patrol', patrolSchema),
  'sensor-reading': foreign('Reading of a sensor', sensorReadingSchema),
  reply: json('Answer to a command', replySchema),
  status: json('Status of the agent', statusSchema),
  'camera-state': json('State of a camera', cameraStateSchema),
  'rule-state': json('State of a rule', ruleStateSchema),
  active: json('Open incidents', activeSchema),
  metrics: json('Figures', metricsSchema),
  figures: json('Figures of a rule', figuresSchema),
  trial: foreign('Trial by parapet doctor', trialSchema),
  trail: bytes('Picture of the last fall', 'image/jpeg'),
  snapshot: bytes('Picture of the last incident', 'image/jpeg'),
  'onvif-event': foreign('Event in ONVIF’s words', onvifEventSchema),
  discovery: foreign('Discovery by Home Assistant', discoverySchema),
  ...(Object.fromEntries(commandNames.map((name) => [`command-${name}`, command(name)])) as Record<`command-${CommandName}`, MessageEntry>),
} as const satisfies Readonly<Record<string, MessageEntry>>;

export type MessageName = keyof typeof messages;
