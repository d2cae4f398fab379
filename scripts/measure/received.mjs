import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a receiver has in its folder: every line of its journal, and each event with its evidence, hashed again here.
 *
 * @param {string} folder of `parapet receive --data`
 */
export function readReceived(folder) {
  const journal = join(folder, 'events.jsonl');
  const messages = existsSync(journal) ? readLines(journal) : [];
  const ends = messages.filter(({ phase }) => phase === 'end');
  return { messages, incidents: ends.map((event) => readIncident(join(folder, event.site, event.agent, event.camera, event.id), event)) };
}

/** Kinds that a throw's `end` announces. */
const expectedKinds = ['clip', 'snapshot', 'track', 'trail'];

function readIncident(folder, event) {
  const complete = join(folder, 'evidence.json');
  const said = existsSync(complete) ? JSON.parse(readFileSync(complete, 'utf8')) : null;
  const files = filesIn(folder).map((name) => ({ path: join(folder, name), sha256: sha256Of(join(folder, name)) }));
  const evidence = (said?.evidence ?? []).map((piece) => ({
    ...piece,
    path: files.find(({ sha256 }) => sha256 === piece.sha256)?.path ?? null,
  }));
  const kinds = evidence.map(({ kind }) => kind).sort();
  const whole = said !== null && said.failed.length === 0 && kinds.join() === expectedKinds.join();
  return { event, folder, evidence, complete: whole && evidence.every(({ path }) => path !== null) };
}

/** Files of a folder and of all below it, by relative path. @param {string} folder */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1));
}

/** One JSON object a line. @param {string} path */
export function readLines(path) {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** Lower-case hex. @param {string} path */
export function sha256Of(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
