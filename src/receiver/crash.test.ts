import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyFolder } from '../cli/evidence/folder.js';
import { createTrustFinder } from '../cli/evidence/trust.js';
import { makeTestFolder, type TestFolder, until } from '../testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import { type Program, startProgram } from '../testing/program.js';

let folder: TestFolder;
const running = new Set<Program>();

beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(async () => {
  for (const program of running) await program.kill();
  running.clear();
  await folder[Symbol.asyncDispose]();
});

function run(name: string, ...args: string[]): Program {
  const program = startProgram(name, ...args);
  running.add(program);
  return program;
}

const agent = (orders: { url: string | null; incidents: number; clipBytes: number; delivery?: 'broker' | 'centre' }): Program =>
  run('delivery-agent', JSON.stringify({ folder: folder.path, delivery: 'centre', ...orders }));

function words(programs: readonly Program[], first: string): string[][] {
  return programs.flatMap((program) => program.words(first));
}

/** What `parapet evidence verify` finds wrong in a folder. */
async function problemsIn(path: string): Promise<readonly string[]> {
  const problems: string[] = [];
  const findings = { problem: (line: string) => problems.push(line), note: (line: string) => problems.push(line) };
  const { records } = await verifyFolder(path, await createTrustFinder(null, path), findings);
  return records === 0 ? ['there is no chain'] : problems;
}

/** Instants that differ from kill to kill and are the same in every run. */
const instantMs = (kill: number): number => (kill * 37) % 61;

describe('an agent that is killed while it records', () => {
  it('keeps every event that it had recorded, and numbers without a gap, over 20 kills', async () => {
    const programs: Program[] = [];
    for (let kill = 0; kill < 20; kill++) {
      const recorder = agent({ url: null, incidents: 1_000_000, clipBytes: 0 });
      programs.push(recorder);
      await until('it records', () => recorder.lines.length > 6);
      await delay(instantMs(kill));
      await recorder.kill();
    }
    const database = new Database(folder.of('store.sqlite'));
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    const keys = (database.prepare('SELECT ack_key AS key FROM message ORDER BY id').all() as { key: string }[]).map((row) => row.key);
    database.close();
    const kept = new Set(keys);
    const recorded = words(programs, 'recorded').map(([, id, seq]) => `event/tower/${id}/${seq}`);
    expect(recorded.length).toBeGreaterThan(100);
    expect(recorded.filter((key) => !kept.has(key))).toEqual([]);
    expect(keys.map((key) => Number(key.split('/').at(-1)))).toEqual(keys.map((_key, index) => index + 1));
  });

  it('keeps one chain without a gap, with a manifest for each file that it had recorded, over 20 kills', async () => {
    const programs: Program[] = [];
    for (let kill = 0; kill < 20; kill++) {
      const recorder = agent({ url: null, incidents: 1_000_000, clipBytes: 2_000 });
      programs.push(recorder);
      await until('it records', () => words([recorder], 'evidence').length > 0);
      await delay(instantMs(kill));
      await recorder.kill();
    }
    const last = agent({ url: null, incidents: 0, clipBytes: 0 });
    await until('it has put right what was cut short', () => last.lines.includes('done'));
    await last.kill();
    expect(await problemsIn(folder.path)).toEqual([]);
    const journal = (await readFile(folder.of('records.jsonl'), 'utf8')).trimEnd().split('\n');
    const chained = new Set(journal.map((line) => (JSON.parse(line) as { evidence: string }).evidence));
    const recorded = words(programs, 'evidence');
    expect(recorded.length).toBeGreaterThan(20);
    expect(recorded.filter(([, id]) => !chained.has(id ?? ''))).toEqual([]);
  });
});

describe.skipIf(!mosquittoInstalled())('processes that are killed while they deliver', () => {
  let broker: Mosquitto;
  beforeEach(async () => {
    broker = await startMosquitto();
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  async function expectAllOnce(agents: readonly Program[], receivers: readonly Program[]): Promise<void> {
    const journal = (await readFile(folder.of('received', 'events.jsonl'), 'utf8')).trimEnd().split('\n');
    const received = journal.map((line) => JSON.parse(line) as { id: string; seq: number; phase: string });
    const seqs = received.map((event) => event.seq).sort((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
    const ids = new Set(received.map((event) => `${event.id} ${event.seq}`));
    expect(words(agents, 'recorded').filter(([, id, seq]) => !ids.has(`${id} ${seq}`))).toEqual([]);
    const paths = new Map(words(receivers, 'evidence').map(([, id, path]) => [id, path]));
    for (const [, id, sha256] of words(agents, 'evidence')) {
      const content = await readFile(paths.get(id) ?? `evidence ${id} was never reported`);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
    await until('the chain has arrived', async () => (await problemsIn(folder.of('received'))).length === 0);
  }

  it.each(['centre', 'broker'] as const)(
    'the agent, in mid-transfer, six times, delivery: %s',
    async (delivery) => {
      const receiver = run('delivery-receiver', broker.url, folder.of('received'));
      await until('the receiver is there', () => broker.log().includes('SUBSCRIBE'));
      const agents: Program[] = [];
      for (let kill = 0; kill < 6; kill++) {
        const sender = agent({ url: broker.url, incidents: 2, clipBytes: 1_500_000, delivery });
        agents.push(sender);
        await until('it sends chunks', () => sender.lines.includes('done') && words([receiver], 'evidence').length >= kill);
        await delay(instantMs(kill));
        await sender.kill();
      }
      const last = agent({ url: broker.url, incidents: 0, clipBytes: 0, delivery });
      agents.push(last);
      await until('the outbox is empty', () => last.lines.includes('empty'));
      await until('evidence is in place', () => words([receiver], 'evidence').length >= words(agents, 'evidence').length);
      await expectAllOnce(agents, [receiver]);
    },
    90_000,
  );

  it.each([
    ['one connection', {}],
    ['four connections, whose events are committed together', { shareGroup: 'centre', connections: 4 }],
  ])(
    'the receiver, six times, with %s',
    async (_what, several) => {
      const runReceiver = (): Program => run('delivery-receiver', broker.url, folder.of('received'), JSON.stringify(several));
      const receivers: Program[] = [];
      const sender = agent({ url: broker.url, incidents: 30, clipBytes: 200_000 });
      for (let kill = 0; kill < 6; kill++) {
        const receiver = runReceiver();
        receivers.push(receiver);
        await until('it runs', () => receiver.lines.includes('ready'));
        await delay(20 + 2 * instantMs(kill));
        await receiver.kill();
      }
      const last = runReceiver();
      receivers.push(last);
      await until('the outbox is empty', () => sender.lines.includes('empty'));
      await last.kill();
      expect(await problemsIn(folder.of('received'))).toEqual([]);
      const journal = (await readFile(folder.of('received', 'events.jsonl'), 'utf8')).trimEnd().split('\n');
      expect(journal).toHaveLength(60);
      const index = new Database(folder.of('received', '.receiver', 'index.sqlite'));
      expect(index.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(index.prepare(`SELECT count(*) AS n FROM evidence WHERE state = 'verified'`).get()).toEqual({ n: 30 });
      // A receiver killed between the file's place and its report has not reported it: look at the files themselves.
      const rows = index.prepare('SELECT id, camera, event, file FROM evidence').all() as {
        id: string;
        camera: string;
        event: string;
        file: string;
      }[];
      index.close();
      const sums = new Map(words([sender], 'evidence').map(([, id, sha256]) => [id, sha256]));
      for (const row of rows) {
        const content = await readFile(folder.of('received', 'estate', 'box', row.camera, row.event, row.file));
        expect(createHash('sha256').update(content).digest('hex')).toBe(sums.get(row.id));
      }
      await sender.kill();
    },
    90_000,
  );
});
