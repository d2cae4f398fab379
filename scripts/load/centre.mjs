import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { startPostgres } from '../../dist/testing/postgres.js';
import { sha256Of } from '../measure/received.mjs';
import { end, startProgram, until } from '../measure/rig.mjs';

/** Where the centre can keep what comes. */
export const stores = ['sqlite', 'postgres'];

/** Group of the shared subscription, and connections of each receiver in it. */
const GROUP = 'centre';
const CONNECTIONS = 8;

/**
 * The centre: `parapet receive`, once or several times, over one store and one folder.
 *
 * @param {{url: string, folder: string, receivers: number, store: 'sqlite' | 'postgres'}} options
 */
export async function startCentre({ url, folder, receivers, store }) {
  const dataDir = join(folder, 'received');
  const server = store === 'postgres' ? await startPostgres() : null;
  const database = server?.createDatabase() ?? null;
  const children = [];
  const shared = { 'receiver.store.url': database, 'receiver.share_group': GROUP, 'receiver.connections': CONNECTIONS };
  const set = Object.entries(database === null ? {} : shared).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const start = async (index) => {
    const log = join(folder, `receiver-${index + 1}.log`);
    children[index] = startProgram(['receive', '--mqtt', url, '--data', dataDir, '--client-id', `receiver-${index + 1}`, ...set], log);
    await until('the receiver takes messages', () => readFileSync(log, 'utf8').includes('receiving from'));
  };
  try {
    for (let index = 0; index < receivers; index++) await start(index);
  } catch (error) {
    await stop();
    throw error;
  }

  async function stop() {
    for (const child of children) await end(child, 'SIGKILL');
    await server?.[Symbol.asyncDispose]();
  }

  return {
    /** Process ids by name. */
    pids: () => ({
      ...Object.fromEntries(children.map(({ pid }, index) => [receivers === 1 ? 'receiver' : `receiver ${index + 1}`, [pid]])),
      ...(server === null ? {} : { postgres: [server.pid()] }),
    }),
    /** Where a file that came lies. */
    pathOf: ({ site, agent, camera, event, file }) => join(dataDir, site, agent, camera, event, file),
    /** Ends the receivers orderly and says what they have. */
    async endAndRead() {
      for (const child of children) await end(child, 'SIGTERM');
      return database === null ? readSqlite(join(dataDir, '.receiver/index.sqlite')) : await readPostgres(database);
    },
    kill: stop,
  };
}

const EVENTS = 'SELECT site, agent, camera, id, seq, sha256 FROM event';
const FILES = `SELECT site, agent, camera, event, id, kind, bytes, sha256, file FROM evidence WHERE state = 'verified'`;
const RECORDS = 'SELECT count(*) AS count FROM record';

function readSqlite(path) {
  const db = new Database(path, { readonly: true });
  try {
    const { count: records } = db.prepare(RECORDS).get();
    return { events: db.prepare(EVENTS).all(), files: db.prepare(FILES).all(), records, bytes: statSync(path).size };
  } finally {
    db.close();
  }
}

async function readPostgres(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const rows = async (sql) => (await client.query(sql)).rows;
    const [{ count }] = await rows(RECORDS);
    const [{ bytes }] = await rows('SELECT pg_database_size(current_database()) AS bytes');
    return { events: await rows(EVENTS), files: await rows(FILES), records: Number(count), bytes: Number(bytes) };
  } finally {
    await client.end();
  }
}

/**
 * Compares what agents made with what the centre has, files by their content on its disk.
 *
 * @param {readonly object[]} made lines of the agents' ledgers
 * @param {{events: readonly object[], files: readonly object[]}} has
 * @param {(file: object) => string} pathOf where a file lies at the centre
 */
export function compare(made, has, pathOf) {
  const eventKey = ({ site, agent, camera, id, seq, sha256 }) => [site, agent, camera, id, seq, sha256].join(' ');
  const fileKey = ({ site, agent, camera, event, id, kind, bytes, sha256 }) =>
    [site, agent, camera, event, id, kind, bytes, sha256].join(' ');
  const events = compareKeys(made.filter(({ what }) => what === 'event').map(eventKey), has.events.map(eventKey));
  const files = compareKeys(made.filter(({ what }) => what === 'file').map(fileKey), has.files.map(fileKey));
  const altered = has.files.filter((file) => !existsSync(pathOf(file)) || sha256Of(pathOf(file)) !== file.sha256);
  return { events, files: { ...files, altered: altered.length } };
}

/** @param {readonly string[]} made @param {readonly string[]} has */
function compareKeys(made, has) {
  const there = new Set(has);
  const expected = new Set(made);
  return {
    made: made.length,
    lost: made.filter((key) => !there.has(key)).length,
    twice: has.length - there.size,
    strange: [...there].filter((key) => !expected.has(key)).length,
  };
}
