import { type InspectionMessage, inspectionSchema } from '../../domain/wire/case.js';
import type { Clock } from '../../platform/clock.js';
import { AgentError } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { expectSame, parsePayload } from '../context.js';
import { Rejected } from '../rejected.js';
import type { ReceivedTopic } from '../topics.js';
import type { CaseRecord, CaseStore } from './case-store.js';

/** Largest one that is taken, bytes; real ones have 500. */
const MAX_INSPECTION_BYTES = 16 * 1024;

/** What the agent's answer makes of a solved case; `cannot_tell` leaves it to a person. */
const outcomes = { verified: 'verified', reopened: 'reopened', cannot_tell: null } as const satisfies Record<
  InspectionMessage['verdict'],
  unknown
>;

/**
 * Takes what an agent found when it looked again at a case that was called solved. It is retained, so it comes again with every connection;
 * each counts once, and only for the `solved` that it answers.
 *
 * @throws {Rejected}
 */
export async function takeInspection(
  { cases, clock, logger }: { readonly cases: CaseStore; readonly clock: Clock; readonly logger: Logger },
  topic: Extract<ReceivedTopic, { kind: 'inspection' }>,
  payload: Uint8Array,
): Promise<void> {
  // A retained message that has been cleared.
  if (payload.length === 0) return;
  if (payload.length > MAX_INSPECTION_BYTES) throw new Rejected(`${payload.length} bytes, at most ${MAX_INSPECTION_BYTES}`);
  const message = parsePayload(inspectionSchema, payload);
  expectSame('event', topic.event, message.event);
  const record = await cases.get(message.event);
  if (record === null) {
    logger.debug({ event: 'inspection-unknown', case: message.event }, 'an agent looked again at what is no case here');
    return;
  }
  expectSame('agent', `${topic.site}/${topic.agent}`, `${record.site}/${record.agent}`);
  expectSame('camera', record.camera, message.camera);
  if (!answersNow(record, message)) {
    logger.debug({ event: 'inspection-late', case: message.event }, 'an agent answered a state that is past');
    return;
  }
  await apply(cases, record, message, clock.now());
  const line = { event: 'case-inspected', case: message.event, verdict: message.verdict };
  logger.info(line, `${record.site}/${record.agent} looked again at ${message.event}: ${message.verdict}`);
}

function answersNow(record: CaseRecord, { answers }: InspectionMessage): boolean {
  return record.state === 'solved' && (answers === undefined || Date.parse(answers) === record.changedAtMs);
}

async function apply(cases: CaseStore, { site, agent, eventId }: CaseRecord, message: InspectionMessage, nowMs: number): Promise<void> {
  const word = {
    by: `agent:${site}/${agent}`,
    note: message.reason.slice(0, 1000),
    // By our clock: the agent's may be off, and histories are read in order.
    atMs: nowMs,
    evidence: message.evidence?.id.slice(0, 26) ?? null,
    reference: `inspection ${message.at}`,
  };
  const to = outcomes[message.verdict];
  if (to === null) return cases.note(eventId, word);
  try {
    await cases.move(eventId, to, { ...word, from: 'solved' });
  } catch (error) {
    // Somebody was quicker.
    if (!(error instanceof AgentError && error.code === 'CASE_NOT_MOVED')) throw error;
    await cases.note(eventId, word);
  }
}
