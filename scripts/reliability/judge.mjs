import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { verifyFolder } from '../../dist/cli/evidence/folder.js';
import { createTrustFinder } from '../../dist/cli/evidence/trust.js';

/** What is asked of every fault: all that was said to be recorded is at the centre, once, in order, provably. */

/**
 * @param {object} what
 * @param {readonly import('./programs.mjs').Program[]} what.agents all processes of one agent, in the order in which they ran
 * @param {string} what.agentFolder
 * @param {string} what.received folder of the receiver
 * @param {boolean} [what.inOrder] false where order cannot be kept
 * @returns {Promise<{recorded: number, evidence: number, late: number, faults: string[]}>} `late`: events that came after a later one of their
 *   camera; in `faults` one line for each thing that is wrong
 */
export async function judgeDelivery({ agents, agentFolder, received, inOrder = true }) {
  const faults = [];
  const events = journalOf(received);
  const recorded = agents.flatMap((agent) => agent.words('recorded'));
  const keys = new Set(events.map(({ id, seq }) => `${id} ${seq}`));
  for (const [id, seq] of recorded) if (!keys.has(`${id} ${seq}`)) faults.push(`event ${id} number ${seq} is lost`);
  if (keys.size !== events.length) faults.push(`${events.length - keys.size} events are in the journal twice`);
  faults.push(...orderFaults(inOrder ? events : events.toSorted((a, b) => a.seq - b.seq)));

  const sums = new Map(filesBelow(received).map((path) => [sha256Of(readFileSync(path)), path]));
  const evidence = agents.flatMap((agent) => agent.words('evidence'));
  for (const [id, sha256] of evidence) if (!sums.has(sha256)) faults.push(`evidence ${id} is lost`);

  faults.push(...(await problemsIn(received)).map((problem) => `at the centre: ${problem}`));
  faults.push(...(await problemsIn(agentFolder)).map((problem) => `at the agent: ${problem}`));
  faults.push(...databaseFaults(join(agentFolder, 'store.sqlite')), ...databaseFaults(join(received, '.receiver/index.sqlite')));
  return { recorded: recorded.length, evidence: evidence.length, late: lateOnes(events), faults };
}

/** Events in the order in which the receiver took them in for the first time. */
export function journalOf(received) {
  const path = join(received, 'events.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** The numbers of each camera are 1, 2, 3 … as they came. */
export function orderFaults(events) {
  const faults = [];
  for (const camera of new Set(events.map((event) => event.camera))) {
    const numbers = events.filter((event) => event.camera === camera).map(({ seq }) => seq);
    const wrong = numbers.findIndex((seq, i) => seq !== i + 1);
    if (wrong !== -1) faults.push(`camera ${camera}: number ${numbers[wrong]} came as the ${wrong + 1}th`);
  }
  return faults;
}

function lateOnes(events) {
  const highest = new Map();
  let late = 0;
  for (const { camera, seq } of events) {
    if (seq < (highest.get(camera) ?? 0)) late++;
    highest.set(camera, Math.max(seq, highest.get(camera) ?? 0));
  }
  return late;
}

/** What `parapet evidence verify` finds wrong in a folder. */
export async function problemsIn(path) {
  const problems = [];
  const findings = { problem: (line) => problems.push(line), note: () => undefined };
  await verifyFolder(path, await createTrustFinder(null, path), findings);
  return problems;
}

/** A database that is whole, and was never set aside. */
function databaseFaults(path) {
  const folder = join(path, '..');
  const aside = readdirSync(folder).filter((name) => name.includes('.damaged-') && !/-(wal|shm)$/.test(name));
  const database = new Database(path, { readonly: true });
  try {
    const check = database.pragma('integrity_check', { simple: true });
    return [...(check === 'ok' ? [] : [`${path}: ${check}`]), ...aside.map((name) => `${name} was set aside`)];
  } finally {
    database.close();
  }
}

/** Every file that may be evidence. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(json|jsonl|sqlite|pem)$|-wal$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

export const sha256Of = (bytes) => createHash('sha256').update(bytes).digest('hex');
