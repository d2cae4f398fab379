import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../domain/evidence.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { createTestClock, type TestClock } from '../testing/test-clock.js';
import { openStore, type Store } from './index.js';

describe('what is held, wanted and uploaded', () => {
  let folder: TestFolder;
  let clock: TestClock;
  let store: Store;

  beforeEach(async () => {
    folder = await makeTestFolder();
    clock = createTestClock();
    open();
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });
  const open = (): void => {
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock, logger: silentLogger() });
  };
  const reopen = (): void => {
    store.close();
    open();
  };

  async function record(bytes: number): Promise<Evidence> {
    const incident = makeIncident();
    const clip = await makeEvidence(incident, 'clip', folder.of('evidence', incident.id), bytes);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
    return clip;
  }
  const ids = (transfers: readonly { readonly evidenceId: string }[]): string[] => transfers.map(({ evidenceId }) => evidenceId);

  it('holds what is larger than a size, and lets through what is wanted first, over restarts too', async () => {
    const [small, first, second] = [await record(100), await record(1_000), await record(2_000)];
    expect(ids(store.outbox.transfers(10))).toEqual([small.id, first.id, second.id]);
    expect(ids(store.outbox.transfers(10, 100))).toEqual([small.id]);
    expect(ids(store.outbox.transfers(10, 1_000))).toEqual([small.id, first.id]);
    expect(store.outbox.held(100)).toEqual({ files: 2, bytes: 3_000 });
    expect(store.outbox.held(null)).toEqual({ files: 0, bytes: 0 });
    expect(ids(store.outbox.unannounced(10, 100))).toEqual([first.id, second.id]);
    expect(store.outbox.unannounced(10, null)).toEqual([]);

    expect(ids(store.outbox.want(second.incidentId, null))).toEqual([second.id]);
    reopen();
    expect(ids(store.outbox.transfers(10, 100))).toEqual([second.id, small.id]);
    expect(ids(store.outbox.transfers(1, 100))).toEqual([second.id]);
    expect(ids(store.outbox.transfers(10))).toEqual([second.id, small.id, first.id]);
    expect(store.outbox.mayGo(second.id, 0)).toBe(true);
    expect(store.outbox.mayGo(first.id, 0)).toBe(false);
    expect(store.outbox.mayGo(first.id, null)).toBe(true);
    expect(ids(store.outbox.unannounced(10, 100))).toEqual([first.id]);
    expect(store.outbox.want(first.incidentId, second.id)).toEqual([]);
    expect(store.outbox.want('nothing', null)).toEqual([]);
  });

  it('is announced once, until it is to be announced again', async () => {
    const clip = await record(1_000);
    store.outbox.transferAnnounced(clip.id);
    reopen();
    expect(store.outbox.unannounced(10, 0)).toEqual([]);
    expect(store.outbox.announceAgain(clip.id)).toBe(true);
    expect(ids(store.outbox.unannounced(10, 0))).toEqual([clip.id]);
    expect(store.outbox.announceAgain('nothing')).toBe(false);
  });

  it('names what nobody has asked for, and tells the centre when it is given up', async () => {
    const [held, wanted, uploaded, untold] = [await record(1_000), await record(1_000), await record(1_000), await record(1_000)];
    for (const { id } of [held, wanted]) store.outbox.transferAnnounced(id);
    store.outbox.want(wanted.incidentId, null);
    store.uploads.give(uploaded.id, { url: 'https://media.example/x', headers: {}, expiresAtMs: clock.now() + 60_000 });
    store.outbox.transferAnnounced(uploaded.id);
    const unasked = (beforeMs: number): string[] => store.unaskedEvidence(10, beforeMs).map(({ id }) => id);
    expect(unasked(Number.POSITIVE_INFINITY)).toEqual([held.id]);
    expect(unasked(held.toMs)).toEqual([]);
    store.evidenceGivenUp(held.id, 'held, and not asked for: removed for its age');
    expect(unasked(Number.POSITIVE_INFINITY)).toEqual([]);
    const complete = store.outbox.message(`evidence-complete/${held.incidentId}`);
    expect(JSON.parse(complete?.payload ?? '')).toMatchObject({
      evidence: [],
      failed: [{ id: held.id, reason: expect.stringContaining('age') }],
    });
    expect(ids(store.outbox.transfers(10, 0))).toEqual([wanted.id]);
    expect(ids(store.outbox.unannounced(10, 0))).toEqual([untold.id]);
  });

  it('takes a file that is to be uploaded away from MQTT, until its order is closed', async () => {
    const clip = await record(1_000);
    const order = { url: 'https://media.example/x', headers: { authorization: 'Bearer x' }, expiresAtMs: clock.now() + 60_000 };
    expect(store.uploads.find(clip.incidentId, clip.id)).toMatchObject({ evidenceId: clip.id, bytes: 1_000, sha256: clip.sha256 });
    expect(store.uploads.find('another', clip.id)).toBeNull();
    store.uploads.give(clip.id, order);
    expect(store.outbox.transfers(10)).toEqual([]);
    expect(store.outbox.mayGo(clip.id, null)).toBe(false);
    // Not before the centre knows of it.
    expect(store.uploads.due()).toBeNull();
    expect(ids(store.outbox.unannounced(10, null))).toEqual([clip.id]);
    store.outbox.transferAnnounced(clip.id);
    reopen();
    expect(store.uploads.due()).toMatchObject({ ...order, evidenceId: clip.id, path: clip.path, attempts: 0 });

    store.uploads.retryIn(clip.id, 5_000);
    expect(store.uploads.due()).toBeNull();
    expect(store.uploads.untilDueMs()).toBe(5_000);
    await clock.advance(5_000);
    expect(store.uploads.due()).toMatchObject({ attempts: 1 });
    store.uploads.close(clip.id);
    expect(store.uploads.due()).toBeNull();
    expect(ids(store.outbox.transfers(10))).toEqual([clip.id]);
  });

  it('does not wait for a day because the clock was put back by one', async () => {
    const clip = await record(1_000);
    store.uploads.give(clip.id, { url: 'https://media.example/x', headers: {}, expiresAtMs: clock.now() + 60_000 });
    store.outbox.transferAnnounced(clip.id);
    store.uploads.retryIn(clip.id, 5_000);
    clock.setWall(clock.now() - 86_400_000);
    expect(store.uploads.due()).toMatchObject({ evidenceId: clip.id });
  });

  it('forgets an order whose file the centre has acknowledged after a try, and takes one for a file that it has had before', async () => {
    const clip = await record(1_000);
    const order = { url: 'https://media.example/x', headers: {}, expiresAtMs: clock.now() + 60_000 };
    store.uploads.give(clip.id, order);
    store.outbox.transferAnnounced(clip.id);
    store.uploads.retryIn(clip.id, 0);
    store.outbox.transferDone(clip.id);
    expect(store.uploads.due()).toBeNull();
    store.uploads.give(clip.id, order);
    expect(store.uploads.due()).toMatchObject({ evidenceId: clip.id });
    expect(store.outbox.transfers(10)).toEqual([]);
  });

  it('carries out an order that it had not begun with when the centre acknowledged the file, which came by another way', async () => {
    const clip = await record(1_000);
    store.uploads.give(clip.id, { url: 'https://media.example/x', headers: {}, expiresAtMs: clock.now() + 60_000 });
    store.outbox.transferDone(clip.id);
    expect(store.uploads.due()).toMatchObject({ evidenceId: clip.id, path: clip.path });
    const lost = await record(1_000);
    store.uploads.give(lost.id, { url: 'https://media.example/y', headers: {}, expiresAtMs: clock.now() + 60_000 });
    store.uploads.close(clip.id);
    store.outbox.transferFailed(lost.id, 'it was altered');
    expect(store.uploads.due()).toBeNull();
  });
});
