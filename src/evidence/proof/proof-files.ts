import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../../platform/disk/durable-file.js';
import { errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import {
  type CheckedRecord,
  COUNTERSIGN_JOURNAL_FILE,
  checkRecord,
  createRecordJournal,
  follows,
  latestCheckpoint,
  MANIFEST_SUFFIX,
  RECORD_JOURNAL_FILE,
  type Signer,
  sameKey,
} from '../../platform/proof/index.js';

/** A record of the agent's chain, and the file that it is the manifest of while that is on the disk. */
export interface KeptRecord {
  readonly number: number;
  readonly json: string;
  /** Absolute. */
  readonly path: string | null;
}

/** The chain as its keeper, the store, gives it. Its calls throw AgentError when the disk or the database fails. */
export interface RecordSource {
  after(after: number, limit: number): readonly KeptRecord[];
  manifests(): readonly KeptRecord[];
  head(): { readonly number: number; readonly sha256: string } | null;
  hasHoles(): boolean;
  prune(options: { readonly beforeMs: number; readonly atLeast: number }): number;
  countersignatures(): readonly string[];
  adopt(records: readonly CheckedRecord[]): number;
  signOld(): { readonly files: number; readonly messages: number };
}

export interface ProofFilesOptions {
  /** Absolute; the journal of records lies in it. */
  readonly dataDir: string;
  readonly records: RecordSource;
  readonly signer: Pick<Signer, 'publicKey'>;
  readonly logger: Logger;
}

/**
 * The chain as files, for whoever checks it without the database: `records.jsonl` in the data folder, and beside each piece of evidence its
 * manifest. The database is what counts; the files follow it.
 */
export interface ProofFiles {
  /**
   * Takes up what the database has lost and the journal still has, has signed what was recorded before there was a key, and writes what a
   * crash left out. Call it before anything is recorded: at the start, and at once when damage to the database was found.
   *
   * @throws {AgentError} when the database fails.
   */
  start(): Promise<void>;
  /** New records may be there. Never throws: what the disk does not take now is written with the next. */
  catchUp(): void;
  /**
   * Closes the part of the chain from before a moment by a signed checkpoint and forgets it, in the journal too, where it is worth while.
   *
   * @param beforeMs UTC milliseconds since 1970.
   * @param atLeast fewer records are not worth a checkpoint.
   * @throws {AgentError} when the database fails.
   */
  prune(beforeMs: number, atLeast?: number): void;
  /** The centre has countersigned something. Never throws. */
  countersigned(): void;
  /** Resolves when nothing is being written. */
  idle(): Promise<void>;
}

/** Fewer records are not worth a checkpoint: at 20 incidents a day some six days' worth. */
const LEAST_PRUNED = 1_000;
/** Records read at once. */
const BATCH = 100;

export function createProofFiles({ dataDir, records, signer, logger }: ProofFilesOptions): ProofFiles {
  const journal = createRecordJournal(join(dataDir, RECORD_JOURNAL_FILE));
  let written = 0;
  let working: Promise<void> = Promise.resolve();

  async function follow(): Promise<void> {
    for (let batch = records.after(written, BATCH); batch.length > 0; batch = records.after(written, BATCH)) {
      for (const record of batch) await writeManifest(record);
      journal.append(batch.map(({ json }) => json));
      written = batch.at(-1)?.number ?? written;
    }
  }

  /** A file that retention was quicker to remove needs none. */
  async function writeManifest({ path, json }: KeptRecord): Promise<void> {
    if (path !== null && existsSync(path)) await writeFileDurably(path + MANIFEST_SUFFIX, `${json}\n`);
  }

  /** Where the journal goes on from: its last record, when that is the database's own. */
  function reconcile(): void {
    const last = lastOfJournal();
    if (last === null) return;
    const head = records.head();
    if (head === null || last.record.number > head.number) adopt(head);
    const [own] = records.after(last.record.number - 1, 1);
    if (own?.json === last.text) {
      written = last.record.number;
      return;
    }
    written = records.head()?.number ?? 0;
    const line = { event: 'journal-differs', path: journal.path, number: last.record.number };
    logger.error(line, `${journal.path} is not the journal of this database; new records are added, parapet evidence verify says more`);
  }

  function lastOfJournal(): CheckedRecord | null {
    const line = journal.last();
    const last = line === null ? null : parseRecord(line);
    if (typeof last === 'string') {
      logger.error({ event: 'journal-damaged', path: journal.path }, `the last line of ${journal.path} cannot be used: ${last}`);
      return null;
    }
    return last;
  }

  /** After the loss of a database, or its replacement by an old copy: a second chain would look like a forgery. */
  function adopt(known: { readonly number: number; readonly sha256: string } | null): void {
    const own = ownRecords();
    const closed = latestCheckpoint(own);
    const kept = new Map(closed?.closes.kept.map(({ number, sha256 }) => [number, sha256]));
    // What a checkpoint closes cannot be followed record by record: it says itself which of them stay, and what comes next.
    const head =
      closed !== null && (known?.number ?? 0) < closed.closes.through ? { number: closed.closes.through, sha256: closed.sha256 } : known;
    const lost: CheckedRecord[] = [];
    for (const read of own) {
      const before = lost.at(-1);
      if (before === undefined && head !== null && read.record.number <= head.number) continue;
      const fits =
        before !== undefined
          ? follows(before, read.record)
          : read.record.previous === (head?.sha256 ?? null) && read.record.number === (head?.number ?? 0) + 1;
      if (fits) lost.push(read);
      else if (before?.hash !== read.hash) break;
    }
    if (lost.length === 0) return;
    const stay = own.filter(({ record, hash }) => head !== known && kept.get(record.number) === hash);
    const adopted = records.adopt([...stay, ...lost]);
    logger.warn({ event: 'records-adopted', adopted }, `${adopted} records that the database had lost were taken up from ${journal.path}`);
  }

  /** Of the journal, in its order: those that this agent has signed. */
  function ownRecords(): readonly CheckedRecord[] {
    return journal.lines().flatMap((line) => {
      const read = parseRecord(line);
      return typeof read === 'string' || !sameKey(read.key, signer.publicKey) ? [] : [read];
    });
  }

  /** Everything that the database still has, and nothing else. */
  async function rewrite(): Promise<void> {
    const lines: string[] = [];
    let after = 0;
    for (let batch = records.after(after, BATCH); batch.length > 0; batch = records.after(after, BATCH)) {
      lines.push(...batch.map(({ json }) => json));
      after = batch.at(-1)?.number ?? after;
    }
    await journal.replace(lines);
    written = Math.max(written, after);
  }

  const endorsements = createRecordJournal(join(dataDir, COUNTERSIGN_JOURNAL_FILE));

  function inTurn(work: () => Promise<void>): void {
    working = working.then(work).catch((error: unknown) => {
      logger.error(
        { event: 'manifest-unwritten', reason: errorMessage(error) },
        'manifests could not be written; they follow with the next',
      );
    });
  }

  /** Damage may have taken records out of the middle: the journal has them. What follows in the chain holds their hashes, so none can be slipped in. */
  function fillHoles(): void {
    if (!records.hasHoles()) return;
    const known = ownRecords();
    const head = records.head();
    const chain = known.find(({ record, hash }) => record.number === head?.number && hash === head.sha256)?.record.chain;
    const filled = records.adopt(known.filter(({ record }) => record.chain === chain));
    if (filled > 0)
      logger.warn(
        { event: 'records-adopted', adopted: filled },
        `${filled} records that damage had taken were taken up from ${journal.path}`,
      );
  }

  return {
    async start() {
      reconcile();
      fillHoles();
      const { files, messages } = records.signOld();
      if (files + messages > 0)
        logger.info({ event: 'old-signed', files, messages }, 'what was recorded before there was a key is signed now');
      for (const record of records.manifests()) {
        if (record.path !== null && !existsSync(record.path + MANIFEST_SUFFIX)) await writeManifest(record);
      }
      this.catchUp();
      await working;
    },
    catchUp() {
      inTurn(follow);
    },
    prune(beforeMs, atLeast = LEAST_PRUNED) {
      const gone = records.prune({ beforeMs, atLeast });
      if (gone === 0) return;
      logger.info({ event: 'records-closed', gone }, `${gone} old records of the chain were closed by a checkpoint and are gone`);
      inTurn(follow);
      inTurn(rewrite);
    },
    countersigned() {
      inTurn(() => endorsements.replace(records.countersignatures()));
    },
    idle: () => working,
  };
}

function parseRecord(line: string): CheckedRecord | string {
  try {
    return checkRecord(JSON.parse(line));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return 'it is not JSON';
  }
}
