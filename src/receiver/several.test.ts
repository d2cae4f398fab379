import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyFolder } from '../cli/evidence/folder.js';
import { createTrustFinder } from '../cli/evidence/trust.js';
import { makeTestFolder, type TestFolder, until } from '../testing/delivery-fixtures.js';
import { type Mosquitto, mosquittoInstalled, startMosquitto } from '../testing/mosquitto.js';
import { type Postgres, postgresInstalled, startPostgres } from '../testing/postgres.js';
import { type Program, startProgram } from '../testing/program.js';

const installed = [mosquittoInstalled(), postgresInstalled()].every(Boolean);

/** Instants that differ from kill to kill and are the same in every run. */
const instantMs = (kill: number): number => (kill * 37) % 61;

describe.skipIf(!installed)('two receivers that share one subscription and one PostgreSQL', () => {
  let folder: TestFolder;
  let broker: Mosquitto;
  let postgres: Postgres;
  let url: string;
  let database: pg.Client;
  const programs: Program[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(async () => {
    await postgres?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    folder = await makeTestFolder();
    broker = await startMosquitto();
    url = postgres.createDatabase();
    database = new pg.Client({ connectionString: url });
    // The server is stopped in one of the tests.
    database.on('error', () => undefined);
    await database.connect();
  });
  afterEach(async () => {
    for (const program of programs.splice(0)) await program.kill();
    await database.end();
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  function start(name: string, ...args: string[]): Program {
    const program = startProgram(name, ...args);
    programs.push(program);
    return program;
  }
  const receiver = async (clientId: string): Promise<Program> => {
    const store = { url, password: null, connections: 6 };
    const several = { clientId, store, shareGroup: 'centre', connections: 3 };
    const program = start('delivery-receiver', broker.url, folder.of('received'), JSON.stringify(several));
    await until('it runs', () => program.lines.includes('ready'));
    return program;
  };
  const agent = (incidents: number, clipBytes: number): Program =>
    start('delivery-agent', JSON.stringify({ folder: folder.of('agent'), url: broker.url, delivery: 'centre', incidents, clipBytes }));
  const rows = async <Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> => (await database.query<Row>(sql)).rows;

  /** Every event once, every file once and whole, one chain, and no gap left open. */
  async function expectAllOnce(sender: Program, incidents: number): Promise<void> {
    const events = await rows<{ id: string; seq: string }>('SELECT id, seq FROM event ORDER BY seq');
    expect(events.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: incidents * 2 }, (_, i) => i + 1));
    const recorded = sender.words('recorded').map(([, id, seq]) => `${id} ${seq}`);
    expect(events.map(({ id, seq }) => `${id} ${seq}`)).toEqual(recorded);
    expect(await rows('SELECT * FROM gap')).toEqual([]);
    expect(await rows<{ state: string; count: string }>('SELECT state, count(*) FROM evidence GROUP BY state')).toEqual([
      { state: 'verified', count: String(incidents) },
    ]);
    expect(await rows<{ count: string }>('SELECT count(*) FROM case_file')).toEqual([{ count: String(incidents) }]);
    const sums = new Map(sender.words('evidence').map(([, id, sha256]) => [id, sha256]));
    for (const { id, event, file } of await rows<{ id: string; event: string; file: string }>('SELECT id, event, file FROM evidence')) {
      const content = await readFile(join(folder.of('received'), 'estate', 'box', 'tower', event, file));
      expect(createHash('sha256').update(content).digest('hex')).toBe(sums.get(id));
    }
    const problems: string[] = [];
    const findings = { problem: (line: string) => problems.push(line), note: (line: string) => problems.push(line) };
    await verifyFolder(folder.of('received'), await createTrustFinder(null, folder.of('received')), findings);
    expect(problems).toEqual([]);
  }

  /** What the agent said is empty is so: all has been acknowledged after it was committed. */
  async function drained(sender: Program): Promise<void> {
    await until('all is recorded', () => sender.lines.includes('done'));
    const from = sender.lines.length;
    await until('the outbox is empty', () => sender.lines.slice(from).includes('empty'));
  }

  test('take each message once, whoever gets it, and put files together that came through both', async () => {
    const receivers = [await receiver('centre-a'), await receiver('centre-b')];
    const sender = agent(25, 100_000);
    await drained(sender);
    await expectAllOnce(sender, 25);
    for (const one of receivers) expect(one.words('event').length).toBeGreaterThan(0);
    const reported = receivers.flatMap((one) => one.words('event').map(([, id, seq]) => `${id} ${seq}`));
    expect(new Set(reported).size).toBe(reported.length);
    const files = receivers.flatMap((one) => one.words('evidence').map(([, id]) => id));
    expect(files).toHaveLength(25);
    expect(new Set(files).size).toBe(25);
  });

  test('lose nothing when one after the other is killed in mid-batch, four times', async () => {
    let running = [await receiver('centre-a'), await receiver('centre-b')];
    const sender = agent(20, 60_000);
    for (let kill = 0; kill < 4; kill++) {
      await delay(50 + 3 * instantMs(kill));
      const victim = kill % 2;
      await running[victim]?.kill();
      const again = await receiver(victim === 0 ? 'centre-a' : 'centre-b');
      running = running.map((one, i) => (i === victim ? again : one));
    }
    await drained(sender);
    await expectAllOnce(sender, 20);
  });

  test('wait for a database that crashes under them, twice', async () => {
    await receiver('centre-a');
    await receiver('centre-b');
    const sender = agent(20, 30_000);
    for (let crash = 0; crash < 2; crash++) {
      await delay(200 + 5 * instantMs(crash));
      await postgres.kill();
      await delay(200);
      await postgres.start();
    }
    await drained(sender);
    database = new pg.Client({ connectionString: url });
    await database.connect();
    await expectAllOnce(sender, 20);
  });
});
