import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import {
  type CheckedRecord,
  COUNTERSIGN_JOURNAL_FILE,
  MANIFEST_SUFFIX,
  PUBLIC_KEY_FILE,
  RECORD_JOURNAL_FILE,
} from '../../platform/proof/index.js';
import { type Chain, verifyChain } from './chain.js';
import { verifyCountersigns } from './countersigns.js';
import { verifyEvents } from './events.js';
import { readLines } from './lines.js';
import type { FindTrust, Trust } from './trust.js';
import { type Findings, verifyFile } from './verify.js';

/** Events have folders of their own, called by their ULID. */
const EVENT_FOLDER = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** What a whole folder came to. */
export interface FolderReport {
  /** Pieces of evidence whose bytes are what was signed. */
  readonly files: number;
  readonly records: number;
  readonly events: number;
  /** Keys and ends of the chains that were looked at. */
  readonly chains: readonly { readonly folder: string; readonly trust: Trust | null; readonly head: CheckedRecord | null }[];
}

/** What lies below one journal. */
interface Home {
  readonly shown: string;
  /** An agent's data folder; else that of an agent at a receiver. */
  readonly isAgent: boolean;
  /** Evidence whose manifests are here, with the hash of each as a record. */
  readonly has: ReadonlyMap<string, string>;
  /** Files without a manifest. */
  readonly bare: readonly string[];
}

/** Files of the agent or the receiver that are no evidence. */
const OWN_FILES = new Set(['event.json', 'evidence.json', 'events.jsonl', RECORD_JOURNAL_FILE, 'key.pem', PUBLIC_KEY_FILE]);

/**
 * Checks an agent's data folder, a receiver's, or any folder in them that holds a `records.jsonl` or manifests.
 */
export async function verifyFolder(root: string, findTrust: FindTrust, findings: Findings): Promise<FolderReport> {
  const paths = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const all = new Set(paths);
  const homes = new Set(paths.filter((path) => basename(path) === RECORD_JOURNAL_FILE).map(dirname));
  // The running recordings of an agent are no evidence; nothing is signed there.
  const rings = [...homes].filter((home) => isAgent(home, all)).map((home) => join(home, 'ring') + sep);
  const bare = bareOf(all).filter((path) => !rings.some((ring) => path.startsWith(ring)));
  const report = { files: 0, records: 0, events: 0, chains: [] as FolderReport['chains'][number][] };
  const seen = new Map<string, Map<string, string>>();
  const shownOf = (path: string): string => relative(root, path) || basename(path);

  for (const path of paths.filter((one) => one.endsWith(MANIFEST_SUFFIX))) {
    const file = path.slice(0, -MANIFEST_SUFFIX.length);
    const home = homeOf(homes, file);
    const read = await verifyFile(file, shownOf(file), await findTrust(dirname(file)), findings);
    const here = seen.get(home ?? '') ?? new Map<string, string>();
    seen.set(home ?? '', here);
    if (read === null) continue;
    report.files++;
    const folder = basename(dirname(file));
    if (EVENT_FOLDER.test(folder) && folder !== read.record.event)
      findings.problem(`${shownOf(file)}: it lies in the folder of event ${folder}, and was signed for event ${read.record.event}`);
    if (here.has(read.record.evidence)) findings.problem(`${shownOf(file)}: another file here has the manifest of the same evidence`);
    here.set(read.record.evidence, read.hash);
    if (home === null)
      findings.note(`${shownOf(file)}: its place in the chain cannot be checked: there is no ${RECORD_JOURNAL_FILE} above it`);
  }
  for (const home of homes) {
    const trust = await findTrust(home);
    const ordered = isAgent(home, all);
    const journal = join(home, RECORD_JOURNAL_FILE);
    const chain = await verifyChain(readLines(journal), shownOf(journal), trust, ordered, findings);
    report.records += chain.records.length;
    const endorsed = join(home, COUNTERSIGN_JOURNAL_FILE);
    if (all.has(endorsed)) await verifyCountersigns(readLines(endorsed), shownOf(endorsed), chain, findings);
    report.chains.push({ folder: home, trust, head: chain.head });
    compare(chain, { shown: shownOf(journal), isAgent: ordered, has: seen.get(home) ?? new Map(), bare }, findings);
  }
  report.events = await verifyEvents(root, paths, findTrust, findings);
  for (const path of bare) {
    // Where there is a chain each file must have one; elsewhere it is from before agents had keys.
    if (homeOf(homes, path) === null) findings.note(`${shownOf(path)}: bears no signature: nothing can be said of it`);
    else findings.problem(`${shownOf(path)}: there is no manifest beside it`);
  }
  return report;
}

/** The chain says what there must be; nothing may be here that it does not know, and nothing gone without a record. */
function compare({ records }: Chain, home: Home, findings: Findings): void {
  for (const { record } of records)
    if (record.what === 'dropped')
      findings.problem(`event ${record.event} (record ${record.number}) was lost at the agent: ${record.reason}`);
  const gone = new Map(
    records.filter(({ record }) => record.what === 'removed' || record.what === 'lost').map(({ record }) => [record.evidence, record]),
  );
  const made = records.filter(({ record }) => record.what === 'evidence');
  for (const { record, hash } of made) {
    const what = `${record.file?.name} of event ${record.event} (record ${record.number})`;
    const why = gone.get(record.evidence);
    const here = home.has.get(record.evidence);
    if (here !== undefined && here !== hash) findings.problem(`${what}: its manifest is another one than the chain has`);
    // What an agent removes after delivery must still be at the centre.
    const mayBeGone = home.isAgent && why !== undefined;
    if (why?.what === 'lost') findings.problem(`${what} was lost at the agent: ${why.reason}`);
    else if (here === undefined && !mayBeGone && !home.bare.some((path) => isFileOf(path, record)))
      findings.problem(`${what} is missing: neither it nor its manifest is here`);
  }
  const known = new Set(made.map(({ record }) => record.evidence));
  for (const evidence of home.has.keys())
    if (!known.has(evidence)) findings.problem(`${home.shown}: evidence ${evidence} is here, but no record of it`);
}

/** A file that is here without its manifest is told of as that. */
function isFileOf(path: string, { event, file }: CheckedRecord['record']): boolean {
  return basename(dirname(path)) === event && basename(path) === file?.name;
}

/** An agent's data folder has its public key under another name than a receiver gives it. */
const isAgent = (home: string, paths: ReadonlySet<string>): boolean => paths.has(join(home, PUBLIC_KEY_FILE));

/** Files of evidence that have no manifest. */
function bareOf(paths: ReadonlySet<string>): readonly string[] {
  return [...paths].filter((path) => {
    const isEvidence = EVENT_FOLDER.test(basename(dirname(path))) && !path.endsWith(MANIFEST_SUFFIX) && !OWN_FILES.has(basename(path));
    return isEvidence && !paths.has(path + MANIFEST_SUFFIX) && !basename(path).startsWith('.part.');
  });
}

function homeOf(homes: ReadonlySet<string>, file: string): string | null {
  for (let at = dirname(file); ; at = dirname(at)) {
    if (homes.has(at)) return at;
    if (dirname(at) === at) return null;
  }
}
