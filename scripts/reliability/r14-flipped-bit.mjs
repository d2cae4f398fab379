import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { refindEvidence } from '../../dist/evidence/keeping/refind.js';
import { createProofFiles } from '../../dist/evidence/proof/proof-files.js';
import { systemClock } from '../../dist/platform/clock.js';
import { openStore } from '../../dist/store/index.js';
import { ended, makeEvidence, makeIncident, recordingLogger } from '../../dist/testing/delivery-fixtures.js';
import { flipBit, makeProof } from '../../dist/testing/proof-fixtures.js';

const INCIDENTS = 40;
const JOURNAL = 'records.jsonl';

/**
 * What must be there again after a start, by table: what a row goes by, and what of it counts. Transfers begin anew, a case whose row was hit keeps
 * its evidence, and when something was queued is told anew.
 */
const kept = {
  camera: { key: 'id', columns: ['seq'] },
  incident: { key: 'id', columns: ['camera', 'type', 'phase', 'started_at_ms', 'json'] },
  evidence: { key: 'id', columns: ['incident', 'kind', 'sha256', 'bytes'] },
  transfer: { key: 'evidence', columns: [] },
  message: { key: 'ack_key', columns: ['topic', 'payload', 'schema'] },
  event_log: { key: 'payload', columns: ['incident', 'camera', 'seq', 'topic'] },
  record: { key: 'number', columns: ['chain', 'what', 'evidence', 'sha256', 'json'] },
  case_state: { key: 'incident', columns: [] },
  rule_setting: { key: 'rule', columns: ['camera', 'enabled', 'sensitivity'] },
  rule_memory: { key: 'id', columns: ['camera', 'rule', 'json'] },
  rule_count: { key: 'id', columns: ['camera', 'rule', 'json'] },
  lesson: { key: 'incident', columns: ['camera', 'outcome', 'strength', 'learnt_at_ms', 'json'] },
  fall_scale: { key: 'incident', columns: ['camera', 'facade', 'log_ratio', 'sigma'] },
  upload: { key: 'evidence', columns: ['json'] },
  nonce: { key: 'nonce', columns: [] },
};
/** What must never be lost; of the rest it is counted. */
const precious = new Set(['camera', 'incident', 'evidence', 'transfer', 'message', 'event_log', 'record']);

export const flippedDatabase = {
  id: 'R14',
  title: 'a flipped bit in the database',
  pass: 'found at the start, set aside and reported, and no event, file or record is lost; or in nothing that is kept',
  runs: { full: 500, short: 40 },
  async run({ runs, random, work, facts }) {
    const folder = mkdtempSync(join(work, 'flipped-'));
    try {
      const proof = makeProof();
      const whole = join(folder, 'whole');
      await fill(whole, proof);
      const before = dump(join(whole, 'store.sqlite'));
      const bytes = readFileSync(join(whole, 'store.sqlite'));
      const found = { 'set aside at the start': 0, 'in nothing that is kept': 0 };
      const costs = [];
      const wrong = [];
      for (let run = 0; run < runs; run++) {
        const dataDir = join(folder, `flip-${run}`);
        mkdirSync(dataDir);
        copyFileSync(join(whole, JOURNAL), join(dataDir, JOURNAL));
        const bit = Math.floor(random() * bytes.length * 8);
        writeFileSync(join(dataDir, 'store.sqlite'), flipBit(bytes, bit));
        const { fate, cost } = await startOn(dataDir, join(whole, 'evidence'), proof, before);
        if (fate in found) found[fate]++;
        else wrong.push(`bit ${bit}: ${fate}`);
        wrong.push(...cost.filter((what) => precious.has(what.split('.')[0])).map((what) => `bit ${bit}: ${what} lost`));
        costs.push(...new Set(cost));
        rmSync(dataDir, { recursive: true });
        facts.progress(run + 1, runs);
      }
      for (const [what, count] of Object.entries(found)) facts.note(what, count);
      facts.note('of a table something was lost for good, in so many runs', JSON.stringify(tally(costs)));
      facts.judge(
        'not noticed, events, files or records lost, set aside at every start, or a start that failed',
        wrong,
        found['set aside at the start'] > runs / 4,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Incidents with clips, all of which still wait, and some of whatever else there is. */
async function fill(dataDir, proof) {
  const { store, files } = open(dataDir, join(dataDir, 'evidence'), proof);
  await files.start();
  const nowMs = systemClock.now();
  for (let i = 0; i < INCIDENTS; i++) {
    const incident = makeIncident({ cameraId: i % 2 === 0 ? 'tower' : 'gate' });
    store.recordIncident(incident);
    const clip = await makeEvidence(incident, 'clip', join(dataDir, 'evidence', incident.id, 'clip.mp4'), 500);
    store.recordIncident(ended(incident), [{ id: clip.id, kind: 'clip' }]);
    store.recordEvidence(clip);
    store.cases.keep(incident.id, i % 3 === 0 ? 'closed' : 'filed', nowMs, i % 5 === 0);
    if (i % 4 === 0) store.learnt.keepLesson({ incident, outcome: 'false_alarm', strength: 0.8, learntAtMs: nowMs }, 100);
    if (i % 4 === 1) store.learnt.keepFallScale({ ...scaleOf(incident), seenAtMs: nowMs }, 100);
    if (i % 4 === 2) store.uploads.give(clip.id, { url: 'https://example.org/put', headers: {}, expiresAtMs: nowMs + 3_600_000 });
    store.orders.takeNonce(`nonce-${i}`, nowMs, 0);
  }
  const ofRules = ['queue', 'occupancy'].map((rule) => ({
    cameraId: 'gate',
    rule,
    keptAtMs: nowMs,
    json: '{"inside":7,"people":[3,4,5]}',
  }));
  store.learnt.memories.keep(ofRules);
  store.learnt.counts.keep(ofRules);
  store.orders.keepRuleSetting({ cameraId: 'gate', rule: 'queue', enabled: false, sensitivity: 'high' });
  store.orders.keepRuleSetting({ cameraId: 'gate', rule: 'occupancy', enabled: true, sensitivity: null });
  files.catchUp();
  await files.idle();
  store.close();
}

const scaleOf = ({ id, cameraId }) => ({ incidentId: id, cameraId, facade: 'f1', logRatio: 0.03, sigma: 0.1 });

function open(dataDir, evidenceFolder, proof) {
  const log = recordingLogger();
  const path = join(dataDir, 'store.sqlite');
  const store = openStore({ path, evidenceFolder, site: 'estate', agent: 'box', proof, clock: systemClock, logger: log.logger });
  const files = createProofFiles({ dataDir, records: store.records, signer: proof.signer, logger: log.logger });
  return { store, files, log };
}

/** What becomes of a database with a flipped bit, when an agent starts on it. */
async function startOn(dataDir, evidenceFolder, proof, before) {
  const path = join(dataDir, 'store.sqlite');
  let log;
  try {
    const opened = open(dataDir, evidenceFolder, proof);
    const { store, files } = opened;
    log = opened.log;
    await files.start();
    const known = store.evidencePaths();
    await refindEvidence({
      folder: evidenceFolder,
      isKnown: (file) => known.has(file),
      adopt: (evidence) => store.adoptEvidence(evidence),
      signer: proof.signer,
      logger: log.logger,
      signal: new AbortController().signal,
    });
    await files.idle();
    store.close();
  } catch (error) {
    return { fate: `the agent cannot start: ${error.message}`, cost: [] };
  }
  const cost = losses(before, dump(path));
  if (!log.lines().some(({ event }) => event === 'store-damaged')) {
    return { fate: cost.length === 0 ? 'in nothing that is kept' : `not noticed: ${cost.join(', ')}`, cost: [] };
  }
  const aside = () => readdirSync(dataDir).filter((name) => name.includes('.damaged-')).length;
  if (aside() === 0) return { fate: 'reported, and not set aside', cost };
  const first = aside();
  open(dataDir, evidenceFolder, proof).store.close();
  return { fate: aside() === first ? 'set aside at the start' : 'set aside at every start', cost };
}

/** Tables of which something is not as it was, and what. */
function losses(before, after) {
  return Object.entries(kept).flatMap(([table, { key, columns }]) => {
    const there = new Map(after[table].map((row) => [row[key], row]));
    return before[table].flatMap((row) => {
      const now = there.get(row[key]);
      if (now === undefined) return [table];
      return columns.filter((column) => !isDeepStrictEqual(readOf(column, row), readOf(column, now))).map((column) => `${table}.${column}`);
    });
  });
}

/** JSON counts by what it says. */
const readOf = (column, row) => (column === 'json' ? JSON.parse(row[column]) : row[column]);

function dump(path) {
  const database = new Database(path, { readonly: true });
  try {
    return Object.fromEntries(Object.keys(kept).map((table) => [table, database.prepare(`SELECT * FROM ${table}`).all()]));
  } finally {
    database.close();
  }
}

function tally(list) {
  const counts = {};
  for (const one of list) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}
