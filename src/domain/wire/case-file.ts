import { z } from 'zod';
import { caseStateSchema, caseStates } from './case.js';
import { eventSchema, evidenceRefSchema } from './event.js';

/** A case as the reference centre tells it: over HTTP, on the command line, and to webhooks. */

export const CASE_SCHEMA = 'parapet/case/v1';

/** `new` until somebody has looked; the agent is told of all others. */
export const centreStates = ['new', ...caseStates] as const;
export type CentreState = (typeof centreStates)[number];

const isoUtc = z.iso.datetime({ precision: 3 });
const ulid = caseStateSchema.shape.event;

/** A line of a case's history. */
const caseChangeSchema = z.object({
  number: z.int().min(1).describe('counts per case from 1 without gaps'),
  from: z.enum(centreStates).nullable().describe('null where the case was opened'),
  to: z.enum(centreStates).describe('the same as `from` for a mere note'),
  at: isoUtc,
  by: z.string().describe('who: a person, a program, or agent:<site>/<agent>'),
  note: z.string().nullable(),
  evidence: ulid.nullable().describe('the picture that an agent’s answer was judged by'),
  hold: z.boolean().optional().describe('true: its evidence was held at the agent, false: let go; left out where nothing was said of it'),
});

export const caseSchema = z.object({
  schema: z.literal(CASE_SCHEMA),
  id: ulid.describe('that of the event which opened it'),
  site: z.string(),
  agent: z.string(),
  camera: z.string(),
  type: z.string(),
  severity: eventSchema.shape.severity,
  verdict: eventSchema.shape.verdict,
  state: z.enum(centreStates),
  moves: z.array(z.enum(centreStates)).describe('states that it may be moved to'),
  category: z
    .object({ code: z.string(), name: z.string().nullable() })
    .nullable()
    .describe('the city’s own code; null where its table has none for this type'),
  place: z
    .object({ type: z.literal('Point'), coordinates: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]) })
    .nullable()
    .describe('GeoJSON: longitude, latitude in WGS 84; null where nobody has said where the camera stands'),
  address: z.string().nullable(),
  started_at: isoUtc.describe('when the incident began'),
  opened_at: isoUtc,
  changed_at: isoUtc.describe('when its state, or the hold on its evidence, last changed'),
  hold: z.boolean().optional().describe('whether its evidence stays at the agent whatever becomes of the case; older centres leave it out'),
});

/** A file of a case, as far as it has come. */
const caseEvidenceSchema = z.object({
  id: ulid,
  kind: evidenceRefSchema.shape.kind,
  media_type: z.string(),
  bytes: z.int().min(0),
  sha256: z.string(),
  status: z.enum(['verified', 'incoming']).describe('verified: here, its hash found right; incoming: announced, not yet whole'),
});

/** One case with all that belongs to it. */
export const caseFileSchema = caseSchema.extend({
  history: z.array(caseChangeSchema),
  evidence: z.array(caseEvidenceSchema),
  event: z.record(z.string(), z.unknown()).describe('the latest message of its event, as it came'),
});

/** What a webhook gets: CloudEvents 1.0, structured mode, JSON. */
export const caseNoticeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string().describe('<case>-<number of the change>: the same however often it is sent'),
  source: z.string().describe('/parapet/<site>/<agent>'),
  type: z.enum(['parapet.case.opened', 'parapet.case.moved']),
  subject: ulid.describe('id of the case'),
  time: isoUtc,
  datacontenttype: z.literal('application/json'),
  data: z.object({ case: caseSchema, change: caseChangeSchema }),
});

export type CaseMessage = z.infer<typeof caseSchema>;
export type CaseChangeMessage = z.infer<typeof caseChangeSchema>;
export type CaseEvidenceMessage = z.infer<typeof caseEvidenceSchema>;
export type CaseFileMessage = z.infer<typeof caseFileSchema>;
export type CaseNotice = z.infer<typeof caseNoticeSchema>;
