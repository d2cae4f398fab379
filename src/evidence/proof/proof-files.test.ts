import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import { checkRecord } from '../../platform/proof/index.js';
import { openStore, type Store } from '../../store/index.js';
import {
  ended,
  makeEvidence,
  makeIncident,
  makeTestFolder,
  recordingLogger,
  silentLogger,
  type TestFolder,
} from '../../testing/delivery-fixtures.js';
import { makeProof } from '../../testing/proof-fixtures.js';
import { createProofFiles, type ProofFiles } from './proof-files.js';

describe('the chain as files', () => {
  let folder: TestFolder;
  let store: Store;
  let files: ProofFiles;
  const proof = makeProof();
  const journal = (): string[] => readFileSync(folder.of('records.jsonl'), 'utf8').split('\n').slice(0, -1);

  async function open(logger = silentLogger()): Promise<void> {
    store = openStore({ path: folder.of('store.sqlite'), site: 'estate', agent: 'box', proof, clock: systemClock, logger });
    files = createProofFiles({ dataDir: folder.path, records: store.records, signer: proof.signer, logger });
    await files.start();
  }
  async function record(): Promise<string> {
    const incident = makeIncident();
    const clip = await makeEvidence(incident, 'clip', join(folder.path, 'evidence', incident.id, 'clip.mp4'), 500);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
    return clip.path;
  }
  async function written(): Promise<void> {
    files.catchUp();
    await files.idle();
  }
  const numbers = (): number[] =>
    journal().map((line) => {
      const one = checkRecord(JSON.parse(line));
      if (typeof one === 'string') throw new Error(one);
      return one.record.number;
    });

  beforeEach(async () => {
    folder = await makeTestFolder();
    await open();
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  it('has a manifest beside each file, and every record in the journal', async () => {
    const paths = [await record(), await record()];
    await written();
    for (const [i, path] of paths.entries()) expect(readFileSync(`${path}.manifest.json`, 'utf8')).toBe(`${journal()[i]}\n`);
    expect(numbers()).toEqual([1, 2]);
  });

  it('writes after a crash what was recorded but not written', async () => {
    await record();
    await written();
    const path = await record();
    // Killed here.
    store.close();
    await open();
    expect(numbers()).toEqual([1, 2]);
    expect(existsSync(`${path}.manifest.json`)).toBe(true);
  });

  it('writes a manifest again that is missing', async () => {
    const path = await record();
    await written();
    store.close();
    rmSync(`${path}.manifest.json`);
    await open();
    expect(existsSync(`${path}.manifest.json`)).toBe(true);
    expect(numbers()).toEqual([1]);
  });

  it('goes on with the same chain after the database was lost', async () => {
    await record();
    await record();
    await written();
    store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(folder.of(`store.sqlite${suffix}`), { force: true });
    const log = recordingLogger();
    await open(log.logger);
    expect(log.lines()).toContainEqual(expect.objectContaining({ event: 'records-adopted', adopted: 2 }));
    await record();
    await written();
    expect(numbers()).toEqual([1, 2, 3]);
    expect(new Set(journal().map((line) => JSON.parse(line).chain)).size).toBe(1);
  });

  it('takes nothing from a journal that another key has signed, and says so', async () => {
    await record();
    await written();
    const forged = makeProof().signer.sign({ ...JSON.parse(journal()[0] ?? ''), number: 1 });
    store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(folder.of(`store.sqlite${suffix}`), { force: true });
    writeFileSync(folder.of('records.jsonl'), `${JSON.stringify(forged)}\n`);
    const log = recordingLogger();
    await open(log.logger);
    expect(store.records.head()).toBeNull();
    expect(log.lines()).toContainEqual(expect.objectContaining({ event: 'journal-differs' }));
  });
});
