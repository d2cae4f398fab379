import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COUNTERSIGN_SCHEMA, type CountersignMessage } from '../../domain/wire/proof.js';
import { openSigningKey, type Signer } from '../../platform/proof/index.js';
import { openStore, type Store } from '../../store/index.js';
import { runCli } from '../../testing/cli-process.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { makeSigner } from '../../testing/proof-fixtures.js';
import { createTestClock } from '../../testing/test-clock.js';
import { createProofFiles, type ProofFiles } from './proof-files.js';

const dayMs = 86_400_000;

describe('a chain whose beginning is closed', () => {
  let folder: TestFolder;
  let signer: Signer;
  let store: Store;
  let files: ProofFiles;
  const clock = createTestClock();

  async function open(): Promise<void> {
    const proof = { signer, version: '1.0.0', configSha256: '0'.repeat(64) };
    store = openStore({ path: folder.of('parapet.sqlite'), site: 's', agent: 'a', proof, clock, logger: silentLogger() });
    files = createProofFiles({ dataDir: folder.path, records: store.records, signer, logger: silentLogger() });
    await files.start();
  }

  beforeEach(async () => {
    folder = await makeTestFolder();
    signer = await openSigningKey(folder.path, silentLogger());
    await open();
  });
  afterEach(async () => {
    store.close();
    await folder[Symbol.asyncDispose]();
  });

  /** A file that is made, delivered and, but for `keep`, removed again. */
  async function oneFile(keep = false): Promise<string> {
    const incident = makeIncident();
    store.recordIncident(incident);
    const path = folder.of('evidence', '2026-03-01', incident.id, 'clip.mp4');
    const evidence = await makeEvidence(incident, 'clip', path, 300);
    store.recordIncident(ended(incident), [{ id: evidence.id, kind: 'clip' }]);
    store.recordEvidence(evidence);
    files.catchUp();
    await files.idle();
    store.outbox.transferDone(evidence.id);
    if (!keep) {
      rmSync(join(path, '..'), { recursive: true });
      store.evidenceEvicted(evidence.id, 'age');
    }
    return path;
  }

  /** As when the centre has acknowledged everything. */
  function deliver(): void {
    store.outbox.acknowledge(store.outbox.messages(0, 100_000).map(({ id }) => id));
  }

  const verify = async () => {
    files.catchUp();
    await files.idle();
    return await runCli(['evidence', 'verify', folder.path]);
  };
  const close = (): number => store.records.prune({ beforeMs: clock.now() - dayMs, atLeast: 1 });
  const shorten = async (): Promise<void> => {
    files.prune(clock.now() - dayMs, 1);
    await files.idle();
  };
  const numbers = (): readonly number[] => store.records.after(0, 10_000).map(({ number }) => number);

  it('is provable as before, in the journal too, and says what it closed', async () => {
    const kept = await oneFile(true);
    for (let i = 0; i < 8; i++) await oneFile();
    deliver();
    await clock.advance(2 * dayMs);
    await oneFile();
    await shorten();
    // The file's own record, the young ones, and the checkpoint.
    expect(numbers()).toEqual([1, 18, 19, 20]);
    const all = await verify();
    expect(all.stderr, all.stdout).toContain(
      'records 1 to 17 are closed by a signed checkpoint: 9 files made, 8 removed, 0 lost, 0 events dropped',
    );
    expect(all.code, all.stdout).toBe(0);
    // The file that stays is provable still.
    writeFileSync(kept, 'altered');
    expect((await verify()).code).toBe(1);
  });

  it('closes nothing that is young, or waits for delivery, or is too little', async () => {
    for (let i = 0; i < 3; i++) await oneFile();
    expect(close(), 'young').toBe(0);
    await clock.advance(2 * dayMs);
    expect(close(), 'undelivered').toBe(0);
    deliver();
    expect(store.records.prune({ beforeMs: clock.now(), atLeast: 7 }), 'too little').toBe(0);
    expect(close()).toBe(6);
    expect(close(), 'the checkpoint is young').toBe(0);
  });

  it('stays within bounds, checkpoint after checkpoint, and counts on', async () => {
    const sizes: number[] = [];
    for (let day = 0; day < 6; day++) {
      for (let i = 0; i < 10; i++) await oneFile();
      deliver();
      await clock.advance(2 * dayMs);
      await shorten();
      sizes.push(statSync(folder.of('records.jsonl')).size);
    }
    expect(Math.max(...sizes)).toBeLessThan(2.5 * (sizes[0] ?? 0));
    expect(numbers().length).toBeLessThan(4);
    const all = await verify();
    expect(all.stderr).toMatch(/records 1 to 1\d\d are closed by a signed checkpoint: 60 files made, 60 removed/);
    expect(all.code, all.stdout).toBe(0);
  });

  it('is taken up from the journal after the loss of the database', async () => {
    await oneFile(true);
    for (let i = 0; i < 5; i++) await oneFile();
    deliver();
    await clock.advance(2 * dayMs);
    await shorten();
    await oneFile();
    files.catchUp();
    await files.idle();
    const before = numbers();
    store.close();
    for (const name of readdirSync(folder.path).filter((one) => one.startsWith('parapet.sqlite'))) rmSync(folder.of(name));
    await open();
    expect(numbers()).toEqual(before);
    expect((await verify()).stdout).not.toContain('✗');
    await oneFile();
    expect((await verify()).code).toBe(0);
  });

  it.each([
    [
      'a record after the checkpoint’s end is gone',
      (lines: string[]) => lines.splice(1, 1),
      /missing from the chain|does not hold the hash/,
    ],
    ['a record that it keeps is gone', (lines: string[]) => lines.splice(0, 1), /record 1 is missing, which the checkpoint keeps/],
    [
      'its own numbers are altered',
      (lines: string[]) => {
        const at = lines.findIndex((line) => line.includes('"checkpoint":{'));
        lines[at] = (lines[at] ?? '').replace('"removed":5', '"removed":4');
      },
      /the record is altered/,
    ],
  ] as const)('does not hide that %s', async (_, alter, expected) => {
    await oneFile(true);
    for (let i = 0; i < 5; i++) await oneFile();
    deliver();
    await clock.advance(2 * dayMs);
    await shorten();
    await oneFile();
    const copy = folder.of('copy');
    cpSync(folder.of('evidence'), join(copy, 'evidence'), { recursive: true });
    cpSync(folder.of('agent.pub'), join(copy, 'agent.pub'));
    const lines = readFileSync(folder.of('records.jsonl'), 'utf8').trimEnd().split('\n');
    alter(lines);
    writeFileSync(join(copy, 'records.jsonl'), `${lines.join('\n')}\n`);
    const found = await runCli(['evidence', 'verify', copy]);
    expect(found.stdout).toMatch(expected);
    expect(found.code).toBe(1);
  });

  describe('countersigned by the centre', () => {
    const centre = makeSigner();
    function countersign(by: Signer, over: Partial<CountersignMessage> = {}): CountersignMessage {
      const head = store.records.head() ?? { number: 0, sha256: '' };
      const { chain } = JSON.parse(store.records.after(head.number - 1, 1)[0]?.json ?? '{}') as { chain: string };
      const said = {
        schema: COUNTERSIGN_SCHEMA,
        site: 's',
        agent: 'a',
        chain,
        ...head,
        at: new Date(clock.now()).toISOString(),
        ...over,
      } as const;
      return by.sign(said);
    }

    it('keeps what fits, once, by one key', async () => {
      await oneFile();
      const message = countersign(centre);
      expect(store.records.countersigned(countersign(centre, { sha256: 'f'.repeat(64) }))).toBe('differs');
      expect(store.records.countersigned(countersign(centre, { number: 99 }))).toBe('unknown');
      expect(store.records.countersigned(message)).toBe('kept');
      expect(store.records.countersigned(message)).toBe('old');
      expect(store.records.countersigned(countersign(makeSigner()))).toBe('other_key');
      expect(store.records.countersignatures()).toEqual([JSON.stringify(message)]);
    });

    it('shows an end that was cut off, and says how far it goes where all is well', async () => {
      for (let i = 0; i < 3; i++) await oneFile();
      store.records.countersigned(countersign(centre));
      files.countersigned();
      const well = await verify();
      expect(well.stderr, well.stdout).toMatch(/countersigned up to record 6 on \d{4}-\d\d-\d\d by sha256:/);
      expect(well.code, well.stdout).toBe(0);
      const lines = readFileSync(folder.of('records.jsonl'), 'utf8').trimEnd().split('\n');
      writeFileSync(folder.of('records.jsonl'), `${lines.slice(0, 4).join('\n')}\n`);
      const cut = await runCli(['evidence', 'verify', folder.path]);
      expect(cut.stdout).toContain('the centre has countersigned record 6; the chain here ends at 4: its end was cut off');
      expect(cut.code).toBe(1);
      appendFileSync(folder.of('countersigns.jsonl'), `${JSON.stringify({ ...countersign(centre), number: 2 })}\n`);
      expect((await runCli(['evidence', 'verify', folder.path])).stdout).toMatch(/countersigns\.jsonl:2: the countersignature is altered/);
    });
  });
});
