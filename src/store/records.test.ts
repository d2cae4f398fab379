import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EvidenceKind } from '../domain/evidence.js';
import type { ChainRecord } from '../domain/wire/proof.js';
import { systemClock } from '../platform/clock.js';
import { checkRecord, checkSignature, follows } from '../platform/proof/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../testing/delivery-fixtures.js';
import { makeProof } from '../testing/proof-fixtures.js';
import { openStore, type Store, type StoreOptions } from './index.js';

describe('the chain of records', () => {
  let folder: TestFolder;
  let store: Store;
  const proof = makeProof();

  function open(over: Partial<StoreOptions> = {}): void {
    const path = folder.of('store.sqlite');
    store = openStore({ path, site: 'estate', agent: 'box', proof, clock: systemClock, logger: silentLogger(), ...over });
  }
  function reopen(over: Partial<StoreOptions> = {}): void {
    store.close();
    open(over);
  }
  beforeEach(async () => {
    folder = await makeTestFolder();
    open();
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  async function record(kinds: readonly EvidenceKind[] = ['clip']): Promise<string[]> {
    const incident = makeIncident();
    store.recordIncident(incident);
    const made = await Promise.all(
      kinds.map((kind) => makeEvidence(incident, kind, folder.of('evidence', incident.id, `${kind}.bin`), 1_000)),
    );
    store.recordIncident(
      ended(incident),
      made.map(({ id, kind }) => ({ id, kind })),
    );
    for (const evidence of made) store.recordEvidence({ ...evidence, streamTime: { start: 7.48, end: 20.92 } });
    return made.map(({ id }) => id);
  }

  /** All records, checked: signed, numbered without gaps, each with the hash of the one before. */
  function chain(): readonly ChainRecord[] {
    const checked = store.records.after(0, 1_000).map(({ json }) => {
      const one = checkRecord(JSON.parse(json));
      if (typeof one === 'string') throw new Error(one);
      return one;
    });
    for (const [i, one] of checked.entries()) {
      const before = checked[i - 1];
      if (before === undefined) expect(one.record).toMatchObject({ number: 1, previous: null });
      else expect(follows(before, one.record)).toBe(true);
    }
    expect(store.records.head()).toEqual(checked.length === 0 ? null : { number: checked.length, sha256: checked.at(-1)?.hash });
    return checked.map((one) => one.record);
  }
  const messages = () => store.outbox.messages(0, 1_000);

  it('has a signed record of every file, with all that is known of it', async () => {
    const [id] = await record();
    await record(['trail', 'snapshot']);
    expect(chain()).toHaveLength(3);
    expect(chain()[0]).toMatchObject({
      what: 'evidence',
      evidence: id,
      site: 'estate',
      agent: 'box',
      version: '0.1.0',
      config: proof.configSha256,
      reason: null,
      file: {
        name: 'clip.bin',
        camera: 'tower',
        kind: 'clip',
        media_type: 'video/mp4',
        bytes: 1_000,
        from: '2026-03-01T07:41:07.480Z',
        to: '2026-03-01T07:41:20.480Z',
        stream_time: { start: 7.48, end: 20.92 },
      },
    });
    expect(
      messages()
        .filter(({ topic }) => topic === 'records')
        .map(({ ackKey }) => ackKey),
    ).toEqual(chain().map((one) => `record/${one.chain}/${one.number}`));
    expect(JSON.parse(store.outbox.transfers(1)[0]?.record ?? '')).toEqual(chain()[0]);
  });

  it('signs every event, and the word that evidence is complete', async () => {
    const [id = ''] = await record();
    store.outbox.transferDone(id);
    const signed = messages().filter(({ topic }) => topic !== 'records');
    expect(signed).toHaveLength(3);
    for (const { payload } of signed) expect(checkSignature(JSON.parse(payload))).toEqual({ state: 'good', key: proof.signer.publicKey });
  });

  it('says what retention removed and what was lost, and forgets neither with the incident', async () => {
    const [kept = '', lost = ''] = await record(['clip', 'trail']);
    store.outbox.transferDone(kept);
    store.outbox.transferFailed(lost, 'the file is gone');
    store.evidenceEvicted(kept, 'age');
    store.evidenceEvicted(lost, 'room');
    expect(chain().map(({ what, evidence, reason, file }) => ({ what, evidence, reason, has: file !== null }))).toEqual([
      { what: 'evidence', evidence: kept, reason: null, has: true },
      { what: 'evidence', evidence: lost, reason: null, has: true },
      { what: 'lost', evidence: lost, reason: 'the file is gone', has: false },
      { what: 'removed', evidence: kept, reason: 'age', has: false },
      { what: 'removed', evidence: lost, reason: 'room', has: false },
    ]);
    store.outbox.acknowledge(messages().map((message) => message.id));
    expect(store.forget(Date.now())).toBe(1);
    expect(chain()).toHaveLength(5);
  });

  it('has no record of what was not recorded', async () => {
    const incident = makeIncident();
    const evidence = await makeEvidence(incident, 'clip', folder.of('x.mp4'), 10);
    expect(() => store.recordEvidence(evidence)).toThrow(RangeError);
    expect(chain()).toEqual([]);
  });

  it('goes on after a restart where it stood', async () => {
    await record();
    reopen();
    await record();
    expect(new Set(chain().map((one) => one.chain)).size).toBe(1);
    expect(chain()).toHaveLength(2);
  });

  it('queues what was made without a broker, once there is one', async () => {
    reopen({ deliver: false });
    await record();
    expect(messages()).toEqual([]);
    reopen();
    expect(messages().map(({ topic }) => topic)).toEqual(['records']);
    reopen();
    expect(messages()).toHaveLength(1);
  });

  it('takes up what was recorded before there was a key: old data stays, and is signed from then on', async () => {
    store.close();
    const plain = { path: folder.of('store.sqlite'), site: 'estate', agent: 'box', clock: systemClock, logger: silentLogger() };
    store = openStore(plain);
    await record(['clip', 'trail']);
    expect(messages().every(({ payload }) => checkSignature(JSON.parse(payload)).state === 'unsigned')).toBe(true);
    expect(store.outbox.transfers(2).map((transfer) => transfer.record)).toEqual([null, null]);
    reopen();
    expect(store.records.signOld()).toEqual({ files: 2, messages: 2 });
    expect(chain().map(({ file }) => file?.stream_time)).toEqual([null, null]);
    expect(messages().every(({ payload }) => checkSignature(JSON.parse(payload)).state === 'good')).toBe(true);
    expect(store.records.signOld()).toEqual({ files: 0, messages: 0 });
  });

  it('survives a damaged database as far as that can be read', async () => {
    for (let i = 0; i < 3; i++) await record();
    const before = chain();
    store.close();
    // The number of free pages in the header: the check finds it wrong, and every row can still be read.
    const file = openSync(folder.of('store.sqlite'), 'r+');
    writeSync(file, Buffer.from([0, 0, 0, 9]), 0, 4, 36);
    closeSync(file);
    open();
    expect(readdirSync(folder.path).some((name) => name.includes('.damaged-'))).toBe(true);
    expect(chain()).toEqual(before);
  });

  it('takes back from its journal what an older copy of the database lacks, and delivers it', async () => {
    await record();
    await record();
    const lines = store.records.after(0, 10).map(({ json }) => checkRecord(JSON.parse(json)));
    store.close();
    const other = folder.of('other.sqlite');
    store = openStore({ path: other, site: 'estate', agent: 'box', proof, clock: systemClock, logger: silentLogger() });
    const good = lines.filter((line) => typeof line !== 'string');
    expect(store.records.adopt(good)).toBe(2);
    expect(store.records.adopt(good)).toBe(0);
    await record();
    expect(chain()).toHaveLength(3);
    expect(messages().filter(({ topic }) => topic === 'records')).toHaveLength(3);
  });
});
