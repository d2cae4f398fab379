import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileDurably } from '../disk/durable-file.js';
import { makeFolder } from '../disk/make-folder.js';

/** Name of the journal in an agent's data folder, and in the folder of each agent at a receiver. */
export const RECORD_JOURNAL_FILE = 'records.jsonl';
/** Name of what the centre has countersigned, in an agent's data folder. */
export const COUNTERSIGN_JOURNAL_FILE = 'countersigns.jsonl';

/** Records as JSON lines: what remains readable when a database is not, or is locked. Appended only; repeats do no harm. */
export interface RecordJournal {
  readonly path: string;
  /** Puts lines on the disk; a torn last line (a crash) is cut off first. */
  append(lines: readonly string[]): void;
  /** Puts other lines in place of all that are there; a crash leaves the old ones or the new. */
  replace(lines: readonly string[]): Promise<void>;
  /** The last whole line; `null` when there is none. */
  last(): string | null;
  /** All whole lines. */
  lines(): readonly string[];
}

/** Longest line that is looked for at the end, bytes; records have 1 KB. */
const TAIL_BYTES = 64 * 1024;

export function createRecordJournal(path: string): RecordJournal {
  /** What stands after the last line break, and the whole line before it. */
  function tail(): { readonly wholeBytes: number; readonly last: string | null } {
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (bytes === 0) return { wholeBytes: 0, last: null };
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(bytes, TAIL_BYTES));
      const read = readSync(file, buffer, 0, buffer.length, bytes - buffer.length);
      const end = buffer.subarray(0, read).lastIndexOf('\n');
      if (end < 0) return { wholeBytes: bytes - read, last: null };
      const start = end === 0 ? 0 : buffer.lastIndexOf('\n', end - 1) + 1;
      return { wholeBytes: bytes - read + end + 1, last: buffer.subarray(start, end).toString('utf8') };
    } finally {
      closeSync(file);
    }
  }

  return {
    path,
    append(lines) {
      if (lines.length === 0) return;
      makeFolder(dirname(path));
      const { wholeBytes } = tail();
      const file = openSync(path, 'a', 0o640);
      try {
        ftruncateSync(file, wholeBytes);
        writeSync(file, lines.map((line) => `${line}\n`).join(''));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    },
    replace: (lines) => writeFileDurably(path, lines.map((line) => `${line}\n`).join('')),
    last: () => tail().last,
    lines() {
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return [];
      return readFileSync(path, 'utf8')
        .split('\n')
        .slice(0, -1)
        .filter((line) => line !== '');
    },
  };
}
