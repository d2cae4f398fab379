import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvidencePlan } from '../domain/evidence.js';
import type { Incident } from '../domain/incident.js';
import type { EventMessage } from '../domain/wire/event.js';
import { checkSignature } from '../platform/proof/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, recordingLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { makeProof } from '../testing/proof-fixtures.js';
import { createTestClock } from '../testing/test-clock.js';
import { openStore, type Store, type StoreOptions } from './store.js';

const proof = makeProof();

describe('a row that is not as it was written', () => {
  let folder: TestFolder;
  let store: Store;
  let log: ReturnType<typeof recordingLogger>;
  beforeEach(async () => {
    folder = await makeTestFolder();
    log = recordingLogger();
    store = open();
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  function open(differ: Partial<StoreOptions> = {}): Store {
    const path = folder.of('store.sqlite');
    return openStore({ path, site: 'estate', agent: 'box', proof, clock: createTestClock(), logger: log.logger, ...differ });
  }
  /** Alters the file as a disk does, and starts anew. */
  function damage(statement: string, differ: Partial<StoreOptions> = {}): void {
    store.close();
    const other = new Database(folder.of('store.sqlite'));
    const { changes } = other.prepare(statement).run();
    other.close();
    expect(changes).toBeGreaterThan(0);
    store = open(differ);
    expect(store.damage()).toMatchObject({ times: 1, last: expect.stringMatching(/is not as it was written.*look at the disk/) });
  }
  const salvaged = (): Record<string, unknown> | undefined => log.lines().find(({ event }) => event === 'store-salvaged');
  const messages = () =>
    store.outbox.messages(0, 100).map(({ id, topic, payload, schema, ackKey }) => ({ id, topic, payload, schema, ackKey }));

  /** Two incidents of a camera with a clip each that waits, one of which is over. */
  async function fill(): Promise<readonly [Incident, Incident, EvidencePlan]> {
    const [over, running] = [makeIncident(), makeIncident()];
    store.recordIncident(over);
    const clip = await makeEvidence(over, 'clip', folder.of('evidence', 'clip.mp4'), 100);
    store.recordIncident(ended(over), [clip, { id: '01J0000000000000000000PLAN', kind: 'snapshot' }]);
    store.recordEvidence(clip);
    store.recordIncident(running);
    return [ended(over), running, { id: clip.id, kind: clip.kind }];
  }

  it.each([
    ['a word', `json = replace(json, 'critical', 'critikal') WHERE phase = 'end'`],
    ['the name of a field', `json = replace(json, 'reasons', 'reasonz') WHERE phase = 'end'`],
    ['JSON that is none any more', `json = substr(json, 2) WHERE phase = 'end'`],
    ['its phase', `phase = 'new' WHERE phase = 'end'`],
    ['its camera', `camera = 'towez' WHERE phase = 'end'`],
    ['its time', `started_at_ms = started_at_ms + 1024 WHERE phase = 'end'`],
    ['whether all was told', `complete_queued = 1 WHERE phase = 'end'`],
    ['its sum', `row_sum = row_sum + 1 WHERE phase = 'end'`],
  ])('an incident is made again from its last event: %s', async (_what, change) => {
    const [over, running] = await fill();
    const before = messages();
    damage(`UPDATE incident SET ${change}`);
    expect(store.incident(over.id)).toEqual(over);
    expect(store.openIncidents()).toEqual([running]);
    expect(messages()).toEqual(before);
    expect(salvaged()).toMatchObject({ incident: 2, evidence: 2, event_log: 3, message: 4, mended: 1, lost: 0 });
    expect(store.recordIncident(ended(running)).seq).toBe(4);
  });

  it('an incident of which there is no event says so itself, as far as it can be read', async () => {
    store.close();
    store = open({ deliver: false });
    const [over, running] = await fill();
    damage(`UPDATE incident SET json = replace(json, 'critical', 'warning') WHERE phase = 'end'`, { deliver: false });
    const reason = { criterion: 'row_damaged', value: 1, threshold: 1, unit: 'rows' };
    expect(store.incident(over.id)).toEqual({ ...over, severity: 'warning', reasons: [...over.reasons, reason] });
    expect(store.incident(running.id)).toEqual(running);
    expect(store.unfinishedEvidence()).toHaveLength(1);
  });

  it('an incident of which there is no event, and that is none any more, is left behind', async () => {
    store.close();
    store = open({ deliver: false });
    const [over] = await fill();
    damage(`UPDATE incident SET json = replace(json, 'reasons', 'reasonz') WHERE phase = 'end'`, { deliver: false });
    expect(store.incident(over.id)).toBeNull();
    expect(salvaged()).toMatchObject({ incident: 1 });
  });

  it.each([
    ['message', `payload = replace(payload, 'critical', 'critikal') WHERE id = 2`],
    ['message', `topic = topic || 'x' WHERE id = 2`],
    ['message', `ack_key = ack_key || 'x' WHERE id = 2`],
    ['message', 'created_at_ms = 0 WHERE id = 2'],
    ['message', 'attempts = 900 WHERE id = 2'],
    ['message', 'retain = 1 WHERE id = 2'],
    ['message', `payload = replace(payload, '"evidence"', '"evidense"') WHERE schema = 'parapet/record/v1'`],
    ['event_log', `payload = replace(payload, 'critical', 'critikal') WHERE id = 2`],
    ['event_log', `camera = 'towez' WHERE id = 2`],
    ['event_log', 'seq = 200 WHERE id = 2'],
    ['event_log', `topic = 'x' WHERE id = 2`],
  ])('a message, or what was one, is known by its signature or its other copy: %s, %s', async (table, change) => {
    await fill();
    const before = messages();
    damage(`UPDATE ${table} SET ${change}`);
    expect(messages()).toEqual(before);
    for (const { payload } of messages()) expect(checkSignature(JSON.parse(payload)).state).toBe('good');
    expect(salvaged()).toMatchObject({ message: 4, event_log: 3, mended: 1, lost: 0 });
    // What the centre has lost can still be had.
    store.outbox.acknowledge(messages().map(({ id }) => id));
    expect(store.outbox.resend('tower', 1, 3)).toEqual({ queued: 3, gone: 0 });
    expect(messages().map(({ payload }) => (JSON.parse(payload) as EventMessage).seq)).toEqual([1, 2, 3]);
  });

  it.each(['parapet/event/v1', 'parapet/record/v1'])(
    'what can be told by nothing is sent again with what was told last: %s',
    async (schema) => {
      await fill();
      const before = messages().map(({ ackKey, payload }) => `${ackKey} ${payload}`);
      damage(`UPDATE message SET payload = '{}', ack_key = 'x' WHERE id = (SELECT min(id) FROM message WHERE schema = '${schema}')`);
      expect(salvaged()).toMatchObject({ message: 3, lost: 1 });
      const after = messages().map(({ ackKey, payload }) => `${ackKey} ${payload}`);
      expect(after.toSorted()).toEqual(before.toSorted());
    },
  );

  it('“evidence complete” is told anew', async () => {
    const [over, , { id }] = await fill();
    store.outbox.transferDone(id);
    store.evidenceFailed('01J0000000000000000000PLAN', 'no picture');
    const before = messages();
    damage(`UPDATE message SET payload = replace(payload, 'no picture', 'my picture') WHERE ack_key = 'evidence-complete/${over.id}'`);
    expect(messages().map(({ ackKey, payload }) => [ackKey, payload])).toEqual(before.map(({ ackKey, payload }) => [ackKey, payload]));
  });

  it.each([0, 2, 900])('a camera goes on behind its last event, whatever its number is now: %i', async (number) => {
    await fill();
    damage(`UPDATE camera SET seq = ${number}`);
    expect(store.recordIncident(makeIncident()).seq).toBe(4);
  });

  it('a camera whose name has changed keeps its number under the old one', async () => {
    await fill();
    damage(`UPDATE camera SET id = 'towez'`);
    expect(store.recordIncident(makeIncident()).seq).toBe(4);
    expect(store.recordIncident(makeIncident({ cameraId: 'gate' })).seq).toBe(1);
  });

  it('evidence that was announced and not made is planned again, and a lost transfer begins anew', async () => {
    const [over, , clip] = await fill();
    damage(`UPDATE evidence SET kind = 'trail' WHERE status = 'planned'`);
    expect(store.unfinishedEvidence()).toEqual([{ incident: over, plans: [{ id: '01J0000000000000000000PLAN', kind: 'snapshot' }] }]);
    store.close();
    log = recordingLogger();
    store = open();
    damage('UPDATE transfer SET next_chunk = 7');
    expect(store.outbox.transfers(10)).toMatchObject([{ evidenceId: clip.id, nextChunk: 0 }]);
  });

  it('evidence of a case stays until the centre says something again', async () => {
    const [over] = await fill();
    store.cases.keep(over.id, 'closed', 5_000);
    damage(`UPDATE case_state SET state = 'filed'`);
    expect(store.cases.counts()).toEqual({ filed: 1 });
    expect(store.undeliveredEvidence(10)).toEqual([]);
    expect(store.cases.keep(over.id, 'closed', 5_000, false)).toBe('kept');
    expect(store.undeliveredEvidence(10)).toHaveLength(1);
  });

  it('what a command has set of one rule is lost alone', () => {
    for (const rule of ['a', 'b', 'c']) store.orders.keepRuleSetting({ cameraId: 'tower', rule, enabled: false, sensitivity: null });
    damage(`UPDATE rule_setting SET enabled = 1 WHERE rule = 'b'`);
    expect(store.orders.ruleSettings().map(({ rule }) => rule)).toEqual(['a', 'c']);
    expect(salvaged()).toMatchObject({ rule_setting: 2, mended: 0, lost: 1 });
  });

  it('is found while the store is open, too', async () => {
    const [over] = await fill();
    expect(store.verify(1_000)).toBe(true);
    damage(`UPDATE incident SET json = replace(json, 'critical', 'critikal') WHERE phase = 'end'`);
    expect(store.verify(1_000)).toBe(true);
    expect(store.incident(over.id)).toEqual(over);
  });

  it('is none after an upgrade: a file of the version before is taken up as it is, and vouched for from then on', async () => {
    const [over, running] = await fill();
    const before = messages();
    store.close();
    const old = new Database(folder.of('store.sqlite'));
    const tables = old.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all();
    for (const table of tables) old.exec(`ALTER TABLE ${table} DROP COLUMN row_sum`);
    old.pragma(`user_version = ${Number(old.pragma('user_version', { simple: true })) - 1}`);
    old.close();
    store = open();
    expect(store.damage()).toEqual({ times: 0, last: null });
    expect([store.incident(over.id), store.openIncidents(), messages()]).toEqual([over, [running], before]);
    damage(`UPDATE incident SET phase = 'new' WHERE phase = 'end'`);
    expect(store.openIncidents()).toEqual([running]);
  });
});
