import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemClock } from '../../dist/platform/clock.js';
import { checkSignature } from '../../dist/platform/proof/index.js';
import { openStore } from '../../dist/store/index.js';
import { ended, makeEvidence, makeIncident, recordingLogger } from '../../dist/testing/delivery-fixtures.js';
import { makeProof } from '../../dist/testing/proof-fixtures.js';
import { journalOf, problemsIn, sha256Of } from './judge.mjs';
import { createRig, until } from './rig.mjs';

const INCIDENTS = 40;
/**
 * What nothing vouches for: an incident as the console shows it (the event that was sent of it is signed), under what the copy of a delivered
 * event is kept for a centre that asks again, and times that say when something was put into a queue.
 */
const UNVOUCHED =
  /^(incident\.(json|type|camera|phase|started_at_ms|complete_queued)|event_log\.(topic|camera|seq|incident)|\w+\.(created_at_ms|attempts|reason|place))$/;

export const flippedDatabase = {
  id: 'R14',
  title: 'a flipped bit in the database',
  pass: 'found at the start, set aside and reported; or found by the signature of what it is in; or in nothing that counts',
  runs: { full: 500, short: 40 },
  async run({ runs, random, work, facts }) {
    const folder = mkdtempSync(join(work, 'flipped-'));
    try {
      const whole = join(folder, 'whole.sqlite');
      const proof = makeProof();
      await fill(whole, folder, proof);
      const before = dump(whole);
      const bytes = readFileSync(whole);
      const found = { 'set aside at the start': 0, 'found by a signature or hash when it is sent': 0, 'in nothing that is kept': 0 };
      const unnoticed = [];
      const wrong = [];
      for (let run = 0; run < runs; run++) {
        const path = join(folder, `flip-${run}`, 'store.sqlite');
        mkdirSync(join(folder, `flip-${run}`));
        const bit = Math.floor(random() * bytes.length * 8);
        writeFileSync(path, flip(bytes, bit));
        const fate = openFlipped(path, proof, before);
        if (fate in found) found[fate]++;
        else if (fate.startsWith('not noticed')) unnoticed.push(fate);
        else wrong.push(`bit ${bit}: ${fate}`);
        rmSync(join(folder, `flip-${run}`), { recursive: true });
        facts.progress(run + 1, runs);
      }
      for (const [what, count] of Object.entries(found)) facts.note(what, count);
      facts.note('not noticed, by what is altered', JSON.stringify(tally(unnoticed)));
      facts.judge('events, files or records altered unnoticed, or a start that failed', wrong, found['set aside at the start'] > runs / 20);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Incidents with clips, all of which still wait. */
async function fill(path, folder, proof) {
  const store = openStore({ path, site: 'estate', agent: 'box', proof, clock: systemClock, logger: recordingLogger().logger });
  for (let i = 0; i < INCIDENTS; i++) {
    const incident = makeIncident({ cameraId: i % 2 === 0 ? 'tower' : 'gate' });
    store.recordIncident(incident);
    const clip = await makeEvidence(incident, 'clip', join(folder, 'evidence', incident.id, 'clip.mp4'), 500);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
  }
  store.close();
}

/** What becomes of a database with a flipped bit. */
function openFlipped(path, proof, before) {
  const log = recordingLogger();
  let store;
  try {
    store = openStore({ path, site: 'estate', agent: 'box', proof, clock: systemClock, logger: log.logger });
  } catch (error) {
    return `the store cannot be opened: ${error.message}`;
  }
  store.close();
  if (log.lines().some(({ event }) => event === 'store-damaged')) {
    const aside = () => readdirSync(join(path, '..')).filter((name) => name.includes('.damaged-')).length;
    const before = aside();
    openStore({ path, site: 'estate', agent: 'box', proof, clock: systemClock, logger: log.logger }).close();
    if (aside() !== before) return 'set aside at every start';
    return before > 0 ? 'set aside at the start' : 'reported, and not set aside';
  }
  const after = dump(path);
  const altered = Object.keys(before).filter((row) => before[row] !== after[row]);
  const added = Object.keys(after).filter((row) => !(row in before));
  if (altered.length + added.length === 0) return 'in nothing that is kept';
  if (foundLater(altered, after, proof)) return 'found by a signature or hash when it is sent';
  const names = [...new Set(altered.map(shortened))];
  const verdict = names.length > 0 && names.every((name) => UNVOUCHED.test(name)) ? 'not noticed' : 'altered';
  return `${verdict}: ${names.join(', ') || 'a row more'}`;
}

const shortened = (row) => row.split(' ').slice(0, 2).join('.');

/** Whether a receiver or the sender itself finds what was altered: signed payloads, hashes of files. */
function foundLater(altered, after, proof) {
  return altered.every((row) => {
    const [table, column] = row.split(' ');
    if (['message', 'event_log'].includes(table) && column === 'payload') {
      try {
        const checked = checkSignature(JSON.parse(after[row]));
        return checked.state !== 'good' || checked.key !== proof.signer.publicKey;
      } catch {
        return true;
      }
    }
    // The file that is sent has another hash or size, is not there, or is not what its signed record says: then the receiver refuses it.
    return table === 'evidence' && ['sha256', 'bytes', 'path', 'kind', 'media_type', 'from_ms', 'to_ms'].includes(column);
  });
}

/** Every value of every row, by table, column and key. */
function dump(path) {
  const database = new Database(path, { readonly: true });
  const values = {};
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all();
    for (const table of tables) {
      for (const row of database.prepare(`SELECT * FROM ${table}`).all()) {
        const key = Object.values(row)[0];
        for (const [column, value] of Object.entries(row)) values[`${table} ${column} ${key}`] = String(value);
      }
    }
  } finally {
    database.close();
  }
  return values;
}

function tally(list) {
  const counts = {};
  for (const one of list) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function flip(bytes, bit) {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] ^= 1 << (bit & 7);
  return changed;
}

export const flippedClip = {
  id: 'R14c',
  title: 'a flipped bit in a clip that waits to be sent',
  pass: 'found, never sent, recorded in the chain, told to the centre; all others arrive',
  runs: { full: 50, short: 4 },
  async run({ runs, random, work, facts }) {
    const rig = await createRig(work);
    try {
      const recorder = rig.agent({ url: null, incidents: 2 * runs, clipBytes: 30_000 });
      await until('all is recorded', () => recorder.has('done'), 120_000);
      await recorder.kill();
      // The manifests of the last ones are written by the next start.
      const next = rig.agent({ url: null, incidents: 0 });
      await until('it has put right what was cut short', () => next.has('done'));
      await next.kill();
      const clips = recorder.words('evidence');
      const paths = new Map(clipsBelow(join(rig.agentFolder, 'evidence')).map((path) => [sha256Of(readFileSync(path)), path]));
      const altered = new Set(clips.filter((_clip, i) => i % 2 === 0).map(([id]) => id));
      for (const [id, sha256] of clips) {
        if (!altered.has(id)) continue;
        const path = paths.get(sha256);
        const bytes = readFileSync(path);
        writeFileSync(path, flip(bytes, Math.floor(random() * bytes.length * 8)));
      }
      const named = (await problemsIn(rig.agentFolder)).filter((problem) => problem.includes('altered')).length;
      await rig.receiver();
      // Waits for all that was recorded, and so reports the altered ones as lost.
      const { faults } = await rig.settle();
      const lost = new Set(faults.flatMap((fault) => /^evidence (\S+) is lost$/.exec(fault)?.[1] ?? []));
      const told = new Set(
        journalOf(rig.received).flatMap(({ camera, id }) => failedOf(join(rig.received, 'estate/box', camera, id, 'evidence.json'))),
      );
      const wrong = [
        ...(named === altered.size ? [] : [`evidence verify names ${named} of ${altered.size}`]),
        ...[...altered].filter((id) => !lost.has(id)).map((id) => `${id} was sent although it is altered`),
        ...[...altered].filter((id) => !told.has(id)).map((id) => `of ${id} the centre was not told`),
        ...[...lost].filter((id) => !altered.has(id)).map((id) => `${id} is lost, and was not altered`),
      ];
      facts.note('clips, of them altered', `${clips.length}, ${altered.size}`);
      facts.note('named by parapet evidence verify before they were sent', named);
      facts.judge('sent, not told, or lost with them', wrong, altered.size >= runs);
    } finally {
      await rig.dispose();
    }
  },
};

function clipsBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function failedOf(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).failed.map(({ id }) => id) : [];
}
