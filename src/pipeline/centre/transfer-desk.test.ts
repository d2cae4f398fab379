import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../config/schema.js';
import type { Evidence } from '../../domain/evidence.js';
import { commandSchemas } from '../../domain/wire/command.js';
import { openStore, type Store } from '../../store/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { agentSnapshot } from '../../testing/snapshot.js';
import { createTestClock, type TestClock } from '../../testing/test-clock.js';
import { createTransferDesk, evidencePolicy, type TransferDesk } from './transfer-desk.js';

const policy = evidencePolicy(
  configSchema.parse({
    mqtt: {
      evidence: { bandwidth: '2 Mbit/s', hold: 'always', hold_over: '50 kB', upload: { hosts: ['media.example'], allow_http: false } },
    },
  }).mqtt,
);

describe('the centre decides how evidence comes to it', () => {
  let folder: TestFolder;
  let clock: TestClock;
  let store: Store;
  let desk: TransferDesk;
  let clip: Evidence;
  let queued: number;

  beforeEach(async () => {
    folder = await makeTestFolder();
    clock = createTestClock(Date.UTC(2026, 2, 1, 12));
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock, logger: silentLogger() });
    queued = 0;
    desk = createTransferDesk({ store, policy: () => policy, onQueued: () => queued++, clock });
    const incident = makeIncident();
    clip = await makeEvidence(incident, 'clip', folder.of('evidence', 'clip.mp4'), 100_000);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  it('reads the config in base units', () => {
    expect(policy).toEqual({
      bytesPerSecond: 250_000,
      hold: { hold: 'always', freeHours: [], holdOverBytes: 50_000 },
      upload: { hosts: ['media.example'], ca: null, allowHttp: false },
    });
  });

  it('sends what is held, and says what will come', () => {
    expect(store.outbox.transfers(1, 50_000)).toEqual([]);
    const piece = { id: clip.id, kind: 'clip', bytes: 100_000, sha256: clip.sha256 };
    expect(desk.fetch({ event: clip.incidentId })).toEqual({ event: clip.incidentId, evidence: [piece] });
    expect(store.outbox.transfers(1, 50_000)).toHaveLength(1);
    expect(queued).toBe(1);
    // Once more changes nothing, and what has been delivered is not listed.
    expect(desk.fetch({ event: clip.incidentId, evidence: clip.id })).toMatchObject({ evidence: [piece] });
    store.outbox.transferDone(clip.id);
    expect(desk.fetch({ event: clip.incidentId })).toMatchObject({ evidence: [] });
  });

  it('refuses to send what it does not know', () => {
    expect(() => desk.fetch({ event: makeIncident().id })).toThrow(expect.objectContaining({ code: 'unknown_event' }));
  });

  it('takes an order to upload, for a day unless it says so, and for a week at most', () => {
    const order = { event: clip.incidentId, evidence: clip.id, url: 'https://media.example/x' };
    expect(desk.upload(order)).toMatchObject({ expires: '2026-03-02T12:00:00.000Z', evidence: { bytes: 100_000 } });
    expect(desk.upload({ ...order, expires: '2026-03-01T14:00:00+01:00' })).toMatchObject({ expires: '2026-03-01T13:00:00.000Z' });
    expect(desk.upload({ ...order, expires: '2027-03-01T12:00:00Z' })).toMatchObject({ expires: '2026-03-08T12:00:00.000Z' });
    store.outbox.transferAnnounced(clip.id);
    expect(store.uploads.due()).toMatchObject({ url: order.url, headers: {} });
  });

  it.each([
    ['an event that it does not know', { event: '01KJM3QZ80T7V9C2M4N6P8R0S2' }, 'unknown_event'],
    ['a file of another event', { evidence: '01KJM3R2M0A1B2C3D4E5F6G7H8' }, 'not_held'],
    ['a host that it may not', { url: 'https://elsewhere.example/x' }, 'not_allowed'],
    ['a URL that is over', { expires: '2026-03-01T11:59:59Z' }, 'invalid'],
    ['a header of its own', { headers: { Host: 'x' } }, 'invalid'],
  ])('refuses an order with %s', (_what, differ, code) => {
    const order = { event: clip.incidentId, evidence: clip.id, url: 'https://media.example/x', ...differ };
    expect(() => desk.upload(order)).toThrow(expect.objectContaining({ code }));
    expect(store.outbox.transfers(1)).toHaveLength(1);
  });

  it.each([
    ['a line break', { authorization: 'x\r\nhost: evil' }],
    ['a name that is none', { 'a b': 'x' }],
    ['too many', Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`x-${i}`, 'x']))],
  ])('takes no headers with %s', (_what, headers) => {
    const order = { event: clip.incidentId, evidence: clip.id, url: 'https://media.example/x' };
    expect(commandSchemas.upload.safeParse({ ...order, headers }).success).toBe(false);
    expect(commandSchemas.upload.safeParse({ ...order, headers: { authorization: 'Bearer x' } }).success).toBe(true);
  });

  it('tells in status what is held', () => {
    const base = agentSnapshot();
    const snapshot = agentSnapshot({
      store: { ...base.store, heldFiles: 3, heldBytes: 1_611_974 },
      evidenceFlow: { hold: 'schedule', holding: true, bytesPerSecond: 250_000, unaskedFiles: 0 },
    });
    expect(desk.status(snapshot)).toEqual({
      ...{ hold: 'schedule', holding: true, held: 3, held_bytes: 1_611_974 },
      bandwidth_bytes_per_s: 250_000,
    });
  });
});

describe('mqtt.evidence', () => {
  it.each([
    [{ hold: 'schedule' }, false],
    [{ hold: 'schedule', free_hours: ['23:00-06:00'] }, true],
    [{ hold: 'schedule', free_hours: ['25:00-06:00'] }, false],
    [{ bandwidth: '1 kbit/s' }, false],
    [{ bandwidth: '512 kbit/s' }, true],
    [{ upload: { hosts: ['https://media.example'] } }, false],
    [{ upload: { hosts: ['media.example/path'] } }, false],
    [{ upload: { hosts: ['[2001:db8::1]:8443', '10.0.0.1:9000'] } }, true],
  ])('%j', (evidence, isValid) => {
    expect(configSchema.safeParse({ mqtt: { evidence } }).success).toBe(isValid);
  });
});
