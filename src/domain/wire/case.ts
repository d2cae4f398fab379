import { z } from 'zod';

/** What the centre says of the case that it made of an event. */

export const CASE_STATE_SCHEMA = 'parapet/case-state/v1';

/** In the order in which a case usually goes through them; `false_alarm` may come at any time. */
export const caseStates = ['accepted', 'filed', 'dispatched', 'solved', 'verified', 'closed', 'false_alarm'] as const;

/** `cases/<event>/state` (inbound): the latest state of the case counts, by `at`; repeats do no harm. */
export const caseStateSchema = z.object({
  schema: z.literal(CASE_STATE_SCHEMA),
  event: z
    .string()
    .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'the ULID of an event')
    .describe('id of the event that the case was made of'),
  state: z.enum(caseStates),
  at: z.iso.datetime().describe('when the centre said so, UTC'),
});

export type CaseState = (typeof caseStates)[number];
export type CaseStateMessage = z.infer<typeof caseStateSchema>;
