import { z } from 'zod';

/** What the centre says of the case that it made of an event. */

export const CASE_STATE_SCHEMA = 'parapet/case-state/v1';

/** In the order in which a case usually goes through them; `false_alarm` may come at any time. */
export const caseStates = ['accepted', 'filed', 'dispatched', 'solved', 'verified', 'reopened', 'closed', 'false_alarm'] as const;

/** `cases/<event>/state` (inbound): the latest state of the case counts, by `at`; repeats do no harm. */
export const caseStateSchema = z.object({
  schema: z.literal(CASE_STATE_SCHEMA),
  event: z
    .string()
    .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'the ULID of an event')
    .describe('id of the event that the case was made of'),
  state: z.enum(caseStates),
  at: z.iso.datetime().describe('when the centre said so, UTC'),
  hold: z
    .boolean()
    .optional()
    .describe('true: its evidence stays at the agent whatever becomes of the case, until a later word says false; left out: as before'),
});

export type CaseState = (typeof caseStates)[number];
export type CaseStateMessage = z.infer<typeof caseStateSchema>;

export const INSPECTION_SCHEMA = 'parapet/inspection/v1';

/** Whether an incident is still to be seen. */
export const presences = ['still_there', 'gone', 'cannot_tell'] as const;
export type Presence = (typeof presences)[number];

/** `cases/<event>/inspection` (retained until the case is closed): what the agent found when the centre called the case solved. */
export const inspectionSchema = z.object({
  schema: z.literal(INSPECTION_SCHEMA),
  event: caseStateSchema.shape.event,
  camera: z.string(),
  verdict: z.enum(['verified', 'reopened', 'cannot_tell']),
  reason: z.string().describe('one line for people'),
  at: z.iso.datetime({ precision: 3 }),
  evidence: z
    .object({ id: z.string(), bytes: z.int().min(0), sha256: z.string(), at: z.iso.datetime({ precision: 3 }) })
    .nullable()
    .describe('the picture that it was judged by, delivered as evidence of the event; null when there is none'),
  answers: z.iso.datetime().optional().describe('`at` of the `solved` that it answers; older agents leave it out'),
});

export type InspectionMessage = z.infer<typeof inspectionSchema>;

/** Evidence of a case in one of these states is needed: it is not removed before the case is closed. */
export const openCaseStates = ['accepted', 'filed', 'dispatched', 'solved', 'verified', 'reopened'] as const satisfies readonly CaseState[];
