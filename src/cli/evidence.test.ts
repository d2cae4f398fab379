import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProofFiles } from '../evidence/index.js';
import { systemClock } from '../platform/clock.js';
import { connectMqtt } from '../platform/mqtt/index.js';
import { openSigningKey, publicKeyPem, type Signer } from '../platform/proof/index.js';
import { createReceiver } from '../receiver/index.js';
import { openStore } from '../store/index.js';
import { ended, makeEvidence, makeIncident, makeTestFolder, silentLogger, type TestFolder, until } from '../testing/delivery-fixtures.js';
import { mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import { flipBit, makeSigner } from '../testing/proof-fixtures.js';
import { createTestContext } from '../testing/text-sink.js';
import { createUplink } from '../uplink/index.js';
import { loadCommands } from './commands.js';
import { runProgram } from './program.js';

/** An agent that has made, delivered, removed; and the receiver that took it all from a real broker, forgeries beside it. */
describe.skipIf(!mosquittoInstalled())('parapet evidence', () => {
  let origin: TestFolder;
  let signer: Signer;
  let refusals: { readonly receiver: number; readonly agent: number };

  beforeAll(async () => {
    origin = await makeTestFolder();
    await using broker = await startMosquitto();
    const logger = silentLogger();
    const dataDir = origin.of('agent');
    signer = await openSigningKey(dataDir, logger);
    const proof = { signer, version: '0.1.0', configSha256: 'c'.repeat(64) };
    const store = openStore({ path: join(dataDir, 'parapet.sqlite'), site: 'estate', agent: 'box', proof, clock: systemClock, logger });
    const files = createProofFiles({ dataDir, records: store.records, signer, logger });
    await files.start();
    await using receiver = createReceiver({
      mqtt: { url: broker.url },
      prefix: 'parapet',
      dataDir: origin.of('centre'),
      clock: systemClock,
      logger,
    });
    await receiver.start();
    await until('the receiver listens', () => receiver.state().connected);
    await using uplink = createUplink({
      mqtt: { url: broker.url },
      identity: { site: 'estate', agent: 'box', version: '0.1.0', prefix: 'parapet' },
      outbox: store.outbox,
      delivery: 'centre',
      chunkBytes: 1_024,
      maxInFlight: 20,
      clock: systemClock,
      logger,
    });
    uplink.start();
    const recording = join(dataDir, 'ring', 'tower', '01M7YM3Q1EGP6V9JA5NR5TC9R4');
    mkdirSync(recording, { recursive: true });
    writeFileSync(join(recording, '000000.ts'), 'a running recording, which nobody signs');
    const clips: string[] = [];
    for (let i = 0; i < 4; i++) {
      const incident = makeIncident();
      const folder = join(dataDir, 'evidence', '2026-03-01', incident.id);
      const made = [
        await makeEvidence(incident, 'clip', join(folder, 'clip.mp4'), 3_000 + i),
        await makeEvidence(incident, 'trail', join(folder, 'trail.jpg'), 1_500 + i),
      ];
      store.recordIncident(incident);
      store.recordIncident(
        ended(incident),
        made.map(({ id, kind }) => ({ id, kind })),
      );
      for (const one of made) store.recordEvidence(one);
      clips.push(made[0]?.id ?? '');
      uplink.wake();
    }
    await until('all of it has been delivered', () => store.outbox.depth().messages + store.outbox.depth().transfers === 0);

    // Another who may publish in this agent's name.
    const link = await connectMqtt({
      mqtt: { url: broker.url, clientId: 'forger' },
      clock: systemClock,
      cleanStart: true,
      onMessage: () => undefined,
    });
    const line = readFileSync(origin.of('centre', 'events.jsonl'), 'utf8').split('\n')[0] ?? '{}';
    const forged = makeSigner().sign({ ...JSON.parse(line), seq: 900 });
    const altered = { ...JSON.parse(line), seq: 901 };
    for (const event of [forged, altered]) {
      await link.publish({ topic: 'parapet/estate/box/events/tower/thrown_object', payload: JSON.stringify(event) });
    }
    await until('the agent has been told', () => uplink.counters.refusedByCentre === 2);
    await link.end();

    files.catchUp();
    await files.idle();
    // What retention does with the oldest clip.
    const [gone = ''] = clips;
    const path = store.evictableEvidence(10).find(({ id }) => id === gone)?.path ?? '';
    rmSync(path);
    rmSync(`${path}.manifest.json`);
    store.evidenceEvicted(gone, 'age');
    uplink.wake();
    await until('that has been told too', () => receiver.counters.records === 9);
    files.catchUp();
    await files.idle();
    refusals = { receiver: receiver.counters.refused, agent: uplink.counters.refusedByCentre };
    await uplink[Symbol.asyncDispose]();
    store.close();
  });
  afterAll(async () => {
    await origin[Symbol.asyncDispose]();
  });

  async function parapet(...args: string[]) {
    const context = createTestContext(origin.path, {});
    const exit = await runProgram(await loadCommands(args), context, args);
    return { exit, out: context.stdout.text(), err: context.stderr.text() };
  }
  const verify = (path: string, ...more: string[]) => parapet('evidence', 'verify', path, ...more);

  /** A copy of a folder to spoil, and what the verifier says of it then. */
  let copies = 0;
  async function spoiled(which: 'agent' | 'centre', spoil: (folder: string) => void, ...more: string[]) {
    const folder = origin.of(`copy-${++copies}`);
    cpSync(origin.of(which), folder, { recursive: true });
    spoil(folder);
    const result = await verify(folder, ...more);
    rmSync(folder, { recursive: true });
    return result;
  }
  const filesOf = (folder: string, ending: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(ending))
      .sort()
      .map((name) => join(folder, name));
  const oneOf = (folder: string, ending: string): string => filesOf(folder, ending)[0] ?? '';
  const journalOf = (folder: string): string => oneOf(folder, 'records.jsonl');
  function editJournal(folder: string, edit: (lines: string[]) => string[]): void {
    const lines = readFileSync(journalOf(folder), 'utf8').trimEnd().split('\n');
    writeFileSync(
      journalOf(folder),
      edit(lines)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }

  it('finds both ends intact, and says where the chain ends', async () => {
    const agent = await verify('agent');
    expect(agent.out).toMatch(
      /^7 files, 9 records, 0 events\nestate\/box: signed with sha256:[0-9a-f]{64} \(found in .*agent\.pub\); the chain ends at record 9, [0-9a-f]{64}\nintact\n$/,
    );
    const centre = await verify('centre');
    expect(centre.out).toMatch(/^8 files, 9 records, 8 events\n.*key\.pem.*\nintact\n$/);
    expect([agent.exit, agent.err, centre.exit, centre.err]).toEqual([0, '', 0, '']);
    expect(centre.out.match(/record 9, \w+/)?.[0]).toBe(agent.out.match(/record 9, \w+/)?.[0]);
  });

  it('lets the agent and the people at the centre know what was refused', () => {
    expect(refusals).toEqual({ receiver: 2, agent: 2 });
  });

  it.each(['agent', 'centre'] as const)('finds any one bit of a clip changed (%s)', async (which) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3_000 * 8 - 1), async (at) => {
        const { exit, out } = await spoiled(which, (folder) => {
          const clip = oneOf(folder, 'clip.mp4');
          writeFileSync(clip, flipBit(readFileSync(clip), at));
        });
        expect(out).toMatch(/✗ .*clip\.mp4: the file is altered: its SHA-256 is [0-9a-f]{64}, signed was [0-9a-f]{64}\n/);
        expect(out).toContain('not intact: 1 found\n');
        expect(exit).toBe(1);
      }),
      { numRuns: 15 },
    );
  });

  it('finds any one bit of a manifest changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        const { exit, out } = await spoiled('agent', (folder) => {
          const manifest = oneOf(folder, 'trail.jpg.manifest.json');
          const bytes = readFileSync(manifest);
          // The last byte is the line break, which is no part of the JSON.
          writeFileSync(manifest, flipBit(bytes, at % ((bytes.length - 1) * 8)));
        });
        expect(out).toMatch(/✗ .*trail\.jpg\.manifest\.json: the manifest is altered or not the agent's: /);
        expect(exit).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  it('finds any one bit of the journal changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        const { exit, out } = await spoiled('agent', (folder) => {
          const bytes = readFileSync(journalOf(folder));
          writeFileSync(journalOf(folder), flipBit(bytes, at % ((bytes.length - 1) * 8)));
        });
        expect(out).toMatch(/not intact: \d+ found/);
        expect(exit).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  const forger = makeSigner();
  it.each<['agent' | 'centre', string, (folder: string) => void, RegExp]>([
    ['agent', 'a record removed', (f) => editJournal(f, (l) => l.toSpliced(4, 1)), /record 5 is missing from the chain/],
    ['centre', 'a record removed', (f) => editJournal(f, (l) => l.toSpliced(4, 1)), /record 5 is missing from the chain/],
    ['agent', 'the first records removed', (f) => editJournal(f, (l) => l.slice(3)), /records 1 to 3 are missing/],
    [
      'agent',
      'two records changed places',
      (f) => editJournal(f, (l) => [...l.slice(0, 2), l[3] ?? '', l[2] ?? '', ...l.slice(4)]),
      /record 3 stands after record 4/,
    ],
    [
      'agent',
      'the chain signed anew by another',
      (f) => editJournal(f, (l) => l.map((one) => JSON.stringify(forger.sign(JSON.parse(one))))),
      /signed with another key/,
    ],
    [
      'agent',
      'one record signed by another',
      (f) => editJournal(f, (l) => l.with(2, JSON.stringify(forger.sign(JSON.parse(l[2] ?? ''))))),
      /signed with another key/,
    ],
    ['agent', 'the end of the chain cut off', (f) => editJournal(f, (l) => l.slice(0, 5)), /is here, but no record of it/],
    [
      'agent',
      'the removal’s record cut off',
      (f) => editJournal(f, (l) => l.slice(0, 8)),
      /clip\.mp4 of event .* is missing: neither it nor its manifest is here/,
    ],
    ['agent', 'a record of the same number beside another', (f) => editJournal(f, (l) => [...l, l[8] ?? '']), /^9 records|intact/],
    ['agent', 'a clip removed', (f) => rmSync(oneOf(f, 'clip.mp4')), /clip\.mp4: the file is missing, its manifest is here/],
    [
      'centre',
      'a clip removed with its manifest',
      (f) => ['clip.mp4', 'clip.mp4.manifest.json'].map((name) => rmSync(oneOf(f, name))),
      /is missing: neither it nor its manifest/,
    ],
    ['agent', 'a manifest removed', (f) => rmSync(oneOf(f, 'clip.mp4.manifest.json')), /clip\.mp4: there is no manifest beside it/],
    ['agent', 'a file cut short', (f) => writeFileSync(oneOf(f, 'trail.jpg'), 'x'), /the file has 1 bytes, 150\d were signed/],
    ['agent', 'a file and manifest of another event', (f) => swapFolders(f), /lies in the folder of event \w+, and was signed for event/],
    [
      'agent',
      'a manifest that the agent signed but that is not in its chain',
      (f) => replace(f),
      /its manifest is another one than the chain has/,
    ],
    [
      'agent',
      'a manifest signed by another',
      (f) => resign(oneOf(f, 'trail.jpg.manifest.json')),
      /manifest is altered or not the agent's: it is signed with another key/,
    ],
    ['centre', 'an event altered', (f) => alterLine(f, (e) => ({ ...e, severity: 'info' })), /events\.jsonl:2: the event is altered/],
    [
      'centre',
      'an event without its signature',
      (f) => alterLine(f, ({ signature: _, ...e }) => e),
      /events\.jsonl:2: the event bears no signature/,
    ],
    ['centre', 'an event signed by another', (f) => alterLine(f, (e) => forger.sign(e)), /events\.jsonl:2: it is signed with another key/],
    ['centre', 'an event removed', (f) => alterLine(f, () => null), /the events after number 1 and before 3 are missing/],
    [
      'centre',
      'an event.json altered',
      (f) => writeFileSync(oneOf(f, 'event.json'), readFileSync(oneOf(f, 'event.json'), 'utf8').replace('0.97', '0.98')),
      /event\.json: the event is altered/,
    ],
  ])('finds at the %s %s', async (which, _, spoil, said) => {
    const { exit, out } = await spoiled(which, spoil);
    expect(out).toMatch(said);
    // A repeated line is what a crash leaves, and no forgery.
    expect(exit).toBe(out.includes('not intact') ? 1 : 0);
    if (!String(said).includes('|intact')) expect(exit).toBe(1);
  });

  function swapFolders(folder: string): void {
    const [a = '', b = ''] = filesOf(folder, 'trail.jpg').map(dirname);
    renameSync(a, `${a}-aside`);
    renameSync(b, a);
    renameSync(`${a}-aside`, b);
  }
  function replace(folder: string): void {
    const path = oneOf(folder, 'trail.jpg.manifest.json');
    writeFileSync(path, JSON.stringify(signer.sign({ ...JSON.parse(readFileSync(path, 'utf8')), at: '2026-03-02T00:00:00.000Z' })));
  }
  function resign(path: string): void {
    writeFileSync(path, `${JSON.stringify(forger.sign(JSON.parse(readFileSync(path, 'utf8'))))}\n`);
  }
  function alterLine(folder: string, change: (event: Record<string, unknown>) => object | null): void {
    const path = join(folder, 'events.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const changed = change(JSON.parse(lines[1] ?? '{}'));
    writeFileSync(
      path,
      lines
        .toSpliced(1, 1, ...(changed === null ? [] : [JSON.stringify(changed)]))
        .join('\n')
        .concat('\n'),
    );
  }

  it('tells a forger who signs everything anew and puts his key beside it, by the fingerprint alone', async () => {
    const forge = (folder: string): void => {
      editJournal(folder, (lines) => {
        for (const path of filesOf(folder, '.manifest.json')) resign(path);
        writeFileSync(join(folder, 'agent.pub'), publicKeyPem(forger.publicKey));
        return lines;
      });
    };
    const { exit, out } = await spoiled('agent', forge, '--key', signer.fingerprint);
    expect(out).toContain(`signed with another key, ${forger.fingerprint}, not with ${signer.fingerprint}`);
    expect(exit).toBe(1);
  });

  describe('a single file', () => {
    it('is intact beside its manifest, by the key above it, a PEM file, or a fingerprint', async () => {
      const clip = oneOf(origin.of('centre'), 'clip.mp4');
      const alone = origin.of('alone');
      mkdirSync(alone);
      cpSync(clip, join(alone, 'clip.mp4'));
      cpSync(`${clip}.manifest.json`, join(alone, 'clip.mp4.manifest.json'));
      expect(await verify(clip)).toMatchObject({
        exit: 0,
        out: expect.stringMatching(/^clip of event \w{26}, estate\/box\/tower, 2026-.*\nrecord \d of chain .*\nintact\n$/),
      });
      for (const key of [signer.fingerprint, 'agent/agent.pub', signer.fingerprint.toUpperCase().replace('SHA256', 'sha256')])
        expect(await verify('alone/clip.mp4', '--key', key)).toMatchObject({ exit: 0 });
      expect(await verify('alone/clip.mp4.manifest.json', '--key', signer.fingerprint)).toMatchObject({ exit: 0 });
      const unknown = await verify('alone/clip.mp4');
      expect(unknown.out).toContain(`it is signed with ${signer.fingerprint}, and there is no key to compare that with`);
      expect(unknown.exit).toBe(1);
    });

    it.each([
      ['a path that is not there', ['nowhere'], 'nowhere: no such file or folder'],
      ['a key that is none', ['agent', '--key', 'nokey'], '--key nokey: neither a file nor a fingerprint'],
      ['a file that is no key', ['agent', '--key', 'centre/events.jsonl'], 'no public key in PEM'],
    ])('%s is told in one line', async (_, args, message) => {
      const { exit, err } = await verify(...(args as [string]));
      expect(err).toContain(message);
      expect(exit).toBeGreaterThan(0);
    });

    it('a folder where nothing is signed is not intact', async () => {
      mkdirSync(origin.of('bare', '01KJM3QZ80T7V9C2M4N6P8R0S2'), { recursive: true });
      writeFileSync(origin.of('bare', '01KJM3QZ80T7V9C2M4N6P8R0S2', 'clip.mp4'), 'x');
      const { exit, out, err } = await verify('bare');
      expect(out).toContain('nothing here is signed');
      expect(err).toContain('bears no signature: nothing can be said of it');
      expect(exit).toBe(1);
    });
  });

  it('prints the fingerprint that openssl gives, as receiver.keys takes it', async () => {
    const set = ['--set', 'data_dir=agent', '--set', 'site=estate', '--set', 'agent=box'];
    const { exit, out } = await parapet('evidence', 'key', ...set);
    expect([exit, out]).toEqual([0, `estate/box=${signer.fingerprint}\n`]);
    const der = execFileSync('openssl', ['pkey', '-pubin', '-in', origin.of('agent', 'agent.pub'), '-outform', 'DER']);
    const digest = execFileSync('openssl', ['dgst', '-sha256'], { input: der, encoding: 'utf8' });
    expect(`sha256:${digest.trim().split(' ').at(-1)}`).toBe(signer.fingerprint);
    expect(await parapet('evidence', 'key', '--set', 'data_dir=none')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('there is no key yet'),
    });
  });

  it('can be checked by hand, as docs/evidence.md says', () => {
    const page = readFileSync(new URL('../../docs/evidence.md', import.meta.url), 'utf8');
    const script = /```sh by-hand\n(.*?)```/s.exec(page)?.[1];
    const clip = oneOf(origin.of('centre'), 'clip.mp4');
    const folder = origin.of('by-hand');
    cpSync(dirname(clip), folder, { recursive: true });
    cpSync(origin.of('agent', 'agent.pub'), join(folder, 'agent.pub'));
    const run = () => spawnSync('bash', ['-euo', 'pipefail', '-c', script ?? 'false'], { cwd: folder, encoding: 'utf8' });
    expect(run()).toMatchObject({ status: 0, stdout: `Signature Verified Successfully\n${basename(clip)}: OK\n` });
    const manifest = join(folder, 'clip.mp4.manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"kind":"clip"', '"kind":"crop"'));
    expect(run()).toMatchObject({ status: 1, stdout: expect.stringContaining('Signature Verification Failure') });
  });
});
