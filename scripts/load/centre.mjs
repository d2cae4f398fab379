import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { sha256Of } from '../measure/received.mjs';
import { end, startProgram, until } from '../measure/rig.mjs';

/** Where the centre can keep what comes. */
export const stores = ['sqlite'];

/**
 * The centre: `parapet receive`, once or several times, over one store.
 *
 * @param {{url: string, folder: string, receivers: number, store: 'sqlite'}} options
 */
export async function startCentre({ url, folder, receivers }) {
  if (receivers !== 1) throw new Error('several receivers need --store postgres');
  const dataDir = join(folder, 'received');
  const log = join(folder, 'receiver.log');
  const children = [startProgram(['receive', '--mqtt', url, '--data', dataDir], log)];
  await until('the receiver takes messages', () => existsSync(log) && readFileSync(log, 'utf8').includes('receiving from'));
  return {
    pids: { receiver: children.map(({ pid }) => pid) },
    /** Where a file that came lies. */
    pathOf: ({ site, agent, camera, event, file }) => join(dataDir, site, agent, camera, event, file),
    /** Ends the receivers orderly and says what they have. */
    async endAndRead() {
      for (const child of children) await end(child, 'SIGTERM');
      return readSqlite(dataDir);
    },
    async kill() {
      for (const child of children) await end(child, 'SIGKILL');
    },
  };
}

/** Events and verified files in the receiver's index, and the lines of its journal. */
function readSqlite(dataDir) {
  const db = new Database(join(dataDir, '.receiver/index.sqlite'), { readonly: true });
  try {
    return {
      events: db.prepare('SELECT site, agent, camera, id, seq, sha256 FROM event').all(),
      files: db.prepare(`SELECT site, agent, camera, event, id, kind, bytes, sha256, file FROM evidence WHERE state = 'verified'`).all(),
      records: db.prepare('SELECT count(*) AS count FROM record').get().count,
      completions: db.prepare('SELECT count(*) AS count FROM completion').get().count,
    };
  } finally {
    db.close();
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
