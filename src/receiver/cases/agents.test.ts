import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildEvent } from '../../domain/event.js';
import { type CaseStateMessage, INSPECTION_SCHEMA, type InspectionMessage } from '../../domain/wire/case.js';
import type { CentreState } from '../../domain/wire/case-file.js';
import { BrokerRefusal, LinkClosed, type OutgoingMessage } from '../../platform/mqtt/index.js';
import { makeIncident, makeTestFolder, recordingLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { createTestClock, type TestClock } from '../../testing/test-clock.js';
import { type CentreDatabase, createSqliteDatabase } from '../database/index.js';
import { Rejected } from '../rejected.js';
import { migrations } from '../schema.js';
import { createPlainCaseRules } from './case-rules.js';
import type { CaseStore } from './case-store.js';
import { caseOfEvent, createCentreCases } from './centre-cases.js';
import { takeInspection } from './inspections.js';
import { createMoveTeller, type MoveTeller } from './tell-agents.js';

describe('a case and its agent', () => {
  let folder: TestFolder;
  let database: CentreDatabase;
  let clock: TestClock;
  let cases: CaseStore;
  let log: ReturnType<typeof recordingLogger>;
  let seq: number;
  beforeEach(async () => {
    folder = await makeTestFolder();
    clock = createTestClock();
    log = recordingLogger();
    seq = 0;
    database = createSqliteDatabase({ path: folder.of('index.sqlite'), migrations, clock, logger: log.logger });
    await database.open();
    cases = createCentreCases(database, createPlainCaseRules());
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function opened(agent = 'box'): Promise<string> {
    const event = buildEvent(makeIncident(), { site: 'estate', agent }, ++seq, []);
    await database.write((sql) => caseOfEvent(sql, createPlainCaseRules(), event, JSON.stringify(event), clock.now()));
    return event.id;
  }
  async function walk(id: string, ...states: readonly CentreState[]): Promise<void> {
    for (const to of states) await cases.move(id, to, { by: 'anna', note: null, atMs: clock.now() });
  }

  describe('what the agent is told', () => {
    let sent: OutgoingMessage[];
    let link: 'up' | 'down' | Error;
    let teller: MoveTeller;
    beforeEach(() => {
      sent = [];
      link = 'up';
      const send = async (message: OutgoingMessage): Promise<void> => {
        if (link instanceof Error && !message.topic.includes('/mast/')) throw link;
        sent.push(message);
      };
      teller = createMoveTeller({ cases, prefix: 'parapet', publish: () => (link === 'down' ? null : send), clock, logger: log.logger });
    });
    const told = (): string[] => sent.map(({ payload }) => (JSON.parse(payload.toString()) as CaseStateMessage).state);

    it('is every move, once, in order and retained', async () => {
      const id = await opened();
      await walk(id, 'accepted', 'filed');
      await Promise.all([teller.round(), teller.round()]);
      await walk(id, 'false_alarm');
      await teller.round();
      expect(told()).toEqual(['accepted', 'filed', 'false_alarm']);
      expect(sent[0]).toMatchObject({ topic: `parapet/estate/box/cases/${id}/state`, retain: true, expiryS: 2_592_000 });
      expect(JSON.parse(sent[0]?.payload.toString() ?? '')).toEqual({
        schema: 'parapet/case-state/v1',
        event: id,
        state: 'accepted',
        at: new Date(clock.now() + 1).toISOString(),
      });
    });

    it('waits for the broker', async () => {
      await walk(await opened(), 'accepted');
      link = 'down';
      await teller.round();
      link = new LinkClosed('gone in mid-publish');
      await teller.round();
      expect(sent).toEqual([]);
      link = 'up';
      await clock.advance(10_000);
      await teller.round();
      expect(told()).toEqual(['accepted']);
    });

    it('is said again after a minute when the broker refuses it, and others do not wait', async () => {
      await walk(await opened(), 'accepted', 'filed');
      await walk(await opened('mast'), 'accepted');
      link = new BrokerRefusal('publish', 135);
      await teller.round();
      expect(sent.map(({ topic }) => topic.split('/')[2])).toEqual(['mast']);
      expect(log.lines().filter(({ event }) => event === 'case-untold')).toHaveLength(1);
      link = 'up';
      await teller.round();
      expect(sent).toHaveLength(1);
      await clock.advance(60_000);
      await teller.round();
      expect(told()).toEqual(['accepted', 'accepted', 'filed']);
    });
  });

  describe('what the agent answers', () => {
    const answer = (event: string, verdict: InspectionMessage['verdict'], differ: Partial<InspectionMessage> = {}): InspectionMessage => ({
      schema: INSPECTION_SCHEMA,
      event,
      camera: 'tower',
      verdict,
      reason: 'it is gone',
      at: new Date(clock.now()).toISOString(),
      evidence: { id: ulid(), bytes: 4, sha256: 'a'.repeat(64), at: new Date(clock.now()).toISOString() },
      ...differ,
    });
    const take = (message: InspectionMessage, agent = 'box'): Promise<void> =>
      takeInspection(
        { cases, clock, logger: log.logger },
        { kind: 'inspection', site: 'estate', agent, event: message.event },
        Buffer.from(JSON.stringify(message)),
      );

    it.each([
      ['verified', 'verified', 'verified'],
      ['reopened', 'reopened', 'reopened'],
      ['cannot_tell', 'solved', 'solved'],
    ] as const)('%s: the case is %s, and its history says why', async (verdict, state, to) => {
      const id = await opened();
      await walk(id, 'accepted', 'filed', 'dispatched', 'solved');
      const message = answer(id, verdict);
      for (let i = 0; i < 3; i++) await take(message);
      expect(await cases.get(id)).toMatchObject({ state });
      const history = await cases.history(id);
      expect(history).toHaveLength(6);
      expect(history[5]).toMatchObject({ from: 'solved', to, by: 'agent:estate/box', note: 'it is gone', evidence: message.evidence?.id });
    });

    it('counts only for the `solved` that it answers', async () => {
      const id = await opened();
      await take(answer(id, 'verified'));
      await walk(id, 'accepted', 'filed', 'dispatched', 'solved');
      const answers = new Date((await cases.get(id))?.changedAtMs ?? 0).toISOString();
      await walk(id, 'reopened', 'solved');
      await take(answer(id, 'verified', { answers }));
      expect(await cases.get(id)).toMatchObject({ state: 'solved' });
      await take(answer(id, 'verified', { answers: new Date((await cases.get(id))?.changedAtMs ?? 0).toISOString() }));
      expect(await cases.get(id)).toMatchObject({ state: 'verified' });
    });

    it('is refused from another agent, of another camera, and when it is none; a cleared one is nothing', async () => {
      const id = await opened();
      await walk(id, 'accepted', 'filed', 'dispatched', 'solved');
      await expect(take(answer(id, 'verified'), 'other')).rejects.toThrow(Rejected);
      await expect(take(answer(id, 'verified', { camera: 'gate' }))).rejects.toThrow(Rejected);
      await expect(take({ ...answer(id, 'verified'), verdict: 'fine' as never })).rejects.toThrow(Rejected);
      await expect(take(answer(id, 'verified', { reason: 'x'.repeat(20_000) }))).rejects.toThrow('at most 16384');
      const topic = { kind: 'inspection', site: 'estate', agent: 'box', event: id } as const;
      await takeInspection({ cases, clock, logger: log.logger }, topic, new Uint8Array());
      await take(answer(ulid(), 'verified'));
      expect(await cases.get(id)).toMatchObject({ state: 'solved' });
      expect(await cases.history(id)).toHaveLength(5);
    });
  });
});
