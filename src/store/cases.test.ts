import { expect, test } from 'vitest';
import type { Incident } from '../domain/incident.js';
import { type CaseState, caseStates, INSPECTION_SCHEMA, type InspectionMessage } from '../domain/wire/case.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { createTestClock } from '../testing/test-clock.js';
import { openStore, REQUEST_TYPE, type Store } from './index.js';

const atMs = Date.UTC(2026, 2, 2);
const clock = createTestClock(atMs);

function open(folder: TestFolder): Store {
  return openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box-01', clock, logger: silentLogger() });
}

/** An incident that is over, with one clip that has been delivered. */
async function delivered(store: Store, folder: TestFolder, differ: Partial<Incident> = {}): Promise<{ incident: Incident; clip: string }> {
  const incident = ended(makeIncident(differ));
  const clip = await makeEvidence(incident, 'clip', folder.of('evidence', `${incident.id}.mp4`), 100);
  store.recordIncident(incident, [{ id: clip.id, kind: 'clip' }]);
  store.recordEvidence(clip);
  store.outbox.transferDone(clip.id);
  for (const { id } of store.outbox.messages(0, 100)) store.outbox.acknowledge([id]);
  return { incident, clip: clip.id };
}

const inspection = (event: string): InspectionMessage => ({
  schema: INSPECTION_SCHEMA,
  event,
  camera: 'tower',
  verdict: 'cannot_tell',
  reason: 'a person must look',
  at: new Date(atMs).toISOString(),
  evidence: null,
});

test.each<[CaseState, 'stays' | 'may go']>(
  caseStates.map((state) => [state, state === 'closed' || state === 'false_alarm' ? 'may go' : 'stays']),
)('evidence of a case that is %s %s', async (state, what) => {
  await using folder = await makeTestFolder();
  const store = open(folder);
  const { incident, clip } = await delivered(store, folder);
  expect(store.evictableEvidence(10).map(({ id }) => id)).toEqual([clip]);
  expect(store.cases.keep(incident.id, state, atMs)).toBe('kept');
  expect(store.evictableEvidence(10).map(({ id }) => id)).toEqual(what === 'stays' ? [] : [clip]);
  if (what === 'stays') {
    expect(() => store.evidenceEvicted(clip, 'age')).toThrow('not evictable');
    expect(store.forget(Number.MAX_SAFE_INTEGER)).toBe(0);
    expect(store.cases.keep(incident.id, 'closed', atMs + 1)).toBe('kept');
  }
  store.evidenceEvicted(clip, 'age');
  expect(store.forget(Number.MAX_SAFE_INTEGER)).toBe(1);
  expect(store.cases.counts()).toEqual({});
  store.close();
});

test('closed cases make room first, though others are older', async () => {
  await using folder = await makeTestFolder();
  const store = open(folder);
  const older = await delivered(store, folder, { startedAtMs: atMs - 9_000 });
  const newer = await delivered(store, folder, { startedAtMs: atMs });
  store.cases.keep(newer.incident.id, 'closed', atMs);
  expect(store.evictableEvidence(10).map(({ id }) => id)).toEqual([older.clip, newer.clip]);
  expect(store.evictableEvidence(10, true).map(({ id }) => id)).toEqual([newer.clip, older.clip]);
  store.close();
});

test('the latest word counts, and an inspection answers one word alone', async () => {
  await using folder = await makeTestFolder();
  let store = open(folder);
  const { incident } = await delivered(store, folder);
  const { cases } = store;
  expect(cases.keep('01KJM3QZ80T7V9C2M4N6P8R0S2', 'solved', atMs)).toBe('unknown');
  expect(cases.keep(incident.id, 'solved', atMs)).toBe('kept');
  expect(cases.keep(incident.id, 'accepted', atMs - 1)).toBe('old');
  expect(cases.keep(incident.id, 'solved', atMs)).toBe('old');
  expect(cases.uninspected()).toMatchObject([{ incidentId: incident.id, state: 'solved', atMs }]);
  expect(cases.keepInspection(atMs - 1, inspection(incident.id))).toBe(false);
  expect(cases.keepInspection(atMs, inspection(incident.id))).toBe(true);
  store.close();
  store = open(folder);
  expect(store.cases.uninspected()).toEqual([]);
  expect(store.cases.inspections()).toEqual([inspection(incident.id)]);
  expect(store.cases.keep(incident.id, 'solved', atMs + 5)).toBe('revised');
  expect(store.cases.inspections()).toEqual([]);
  expect(store.cases.uninspected()).toHaveLength(1);
  expect(store.cases.keep(incident.id, 'verified', atMs + 6)).toBe('kept');
  expect(store.cases.uninspected()).toEqual([]);
  expect(store.cases.counts()).toEqual({ verified: 1 });
  store.close();
});

test('what commands have set survives a restart, and a nonce is taken once', async () => {
  await using folder = await makeTestFolder();
  let store = open(folder);
  const setting = { cameraId: 'tower', rule: 'thrown_object', enabled: false, sensitivity: null } as const;
  store.orders.keepRuleSetting(setting);
  expect(store.orders.takeNonce('abcdefgh', atMs, atMs - 10)).toBe(true);
  store.close();
  store = open(folder);
  expect(store.orders.ruleSettings()).toEqual([setting]);
  expect(store.orders.takeNonce('abcdefgh', atMs, atMs - 10)).toBe(false);
  expect(store.orders.takeNonce('abcdefgh', atMs, atMs + 1)).toBe(true);
  store.orders.keepRuleSetting({ ...setting, enabled: null });
  expect(store.orders.ruleSettings()).toEqual([]);
  store.close();
});

test('evidence that was asked for is delivered, under an id of its own or beside what was planned', async () => {
  await using folder = await makeTestFolder();
  const store = open(folder);
  const stranger = makeIncident({ id: '01KJM3QZ80T7V9C2M4N6P8R0S2' });
  const asked = await makeEvidence(stranger, 'snapshot', folder.of('evidence', 'asked.jpg'), 50);
  expect(store.requestTarget(stranger.id)).toBeNull();
  store.recordRequested({ ...asked, reference: 'complaint 17' });
  expect(store.requestTarget(stranger.id)).toEqual({ cameraId: 'tower' });
  expect(store.incident(stranger.id)).toMatchObject({ type: REQUEST_TYPE, labels: ['complaint 17'] });
  // No event is made of it, and nobody counts it.
  expect(store.outbox.messages(0, 10).filter(({ topic }) => topic.startsWith('events/'))).toEqual([]);
  expect(store.activeCounts()).toEqual([]);
  expect(store.openIncidents()).toEqual([]);
  expect(store.outbox.transfers(10).map(({ evidenceId, cameraId }) => [evidenceId, cameraId])).toEqual([[asked.id, 'tower']]);
  store.outbox.transferDone(asked.id);
  const completes = (): { event: string; evidence: unknown[] }[] =>
    store.outbox
      .messages(0, 100)
      .filter(({ topic }) => topic.endsWith('/complete'))
      .map(({ payload }) => JSON.parse(payload));
  expect(completes()).toMatchObject([{ event: stranger.id, evidence: [{ id: asked.id }] }]);

  const { incident } = await delivered(store, folder);
  const more = await makeEvidence(incident, 'snapshot', folder.of('evidence', 'more.jpg'), 60);
  expect(() => store.recordRequested({ ...more, cameraId: 'gate', reference: null })).toThrow('belongs to camera tower');
  store.recordRequested({ ...more, reference: null });
  store.outbox.transferDone(more.id);
  expect(completes().filter(({ event }) => event === incident.id)).toMatchObject([{ evidence: [{ kind: 'clip' }, { id: more.id }] }]);
  // Once more, before the centre has acknowledged the last.
  const third = await makeEvidence(incident, 'clip', folder.of('evidence', 'third.mp4'), 70);
  store.recordRequested({ ...third, reference: null });
  store.outbox.transferDone(third.id);
  expect(completes().filter(({ event }) => event === incident.id)).toMatchObject([{ evidence: [{}, {}, { id: third.id }] }]);
  store.close();
});

test('what is held by law stays whatever becomes of its case, until the centre says otherwise', async () => {
  await using folder = await makeTestFolder();
  const store = open(folder);
  const { incident } = await delivered(store, folder);
  const evictable = (): number => store.evictableEvidence(10).length;
  store.cases.keep(incident.id, 'filed', 1, true);
  store.cases.keep(incident.id, 'closed', 2);
  expect(evictable()).toBe(0);
  store.cases.keep(incident.id, 'false_alarm', 3, false);
  expect(evictable()).toBe(1);
  store.cases.keep(incident.id, 'closed', 4, true);
  store.cases.keep(incident.id, 'closed', 3, false);
  expect(evictable(), 'an older word').toBe(0);
  store.close();
});
