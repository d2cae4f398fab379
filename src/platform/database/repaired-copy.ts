import { closeSync, copyFileSync, existsSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';

/** An entry of the schema as its script makes it. Of what SQLite makes by itself there is no text. */
interface Entry {
  readonly type: string;
  readonly name: string;
  readonly tbl_name: string;
  /** Page that it begins on: as the first file has it, unless tables were added to one with rows. */
  readonly rootpage: number;
  readonly sql: string | null;
}

const PAGE_BYTES = 4096;
const HEADER_BYTES = 100;
/** The kind of a page that holds rows of a table. */
const LEAF_PAGE = 13;
/** Fields of the header that are the same in every file of ours, and those that follow from the file: https://www.sqlite.org/fileformat2.html#the_database_header */
const header = {
  start: Buffer.concat([Buffer.from('SQLite format 3\u0000'), Buffer.from([PAGE_BYTES >> 8, 0])]),
  /** File format for writing and reading: 2 with a write-ahead log, else 1. */
  versionsAt: 18,
  /** No bytes reserved in a page; the fractions of a page that keys may take. */
  afterVersions: Buffer.from([0, 64, 32, 32]),
  changesAt: 24,
  pagesAt: 28,
  freeAt: 32,
  /** A schema of format 4; UTF-8. */
  setByFirstTable: [
    [44, 4],
    [56, 1],
  ],
  /** No automatic vacuum. */
  constants: [
    [52, 0],
    [64, 0],
  ],
  /** The count of changes that the number of pages is of. */
  pagesOfAt: 92,
} as const;

/**
 * Copies a damaged file and puts right what is known of it beforehand: the constants of its header, and the texts of its schema. A bit that has flipped there
 * would make every row unreadable.
 *
 * @param path of the file; what stands in a write-ahead log beside it counts.
 * @param migrations as the file was made by; it may lack the last of them.
 * @returns the copy's path, to be removed by whoever has read it.
 * @throws what the file system or SQLite throws: it cannot be put right.
 */
export function makeRepairedCopy(path: string, migrations: readonly string[]): string {
  const copy = `${path}.copy`;
  removeRepairedCopy(copy);
  copyFileSync(path, copy);
  const hasLog = existsSync(`${path}-wal`);
  if (hasLog) copyFileSync(`${path}-wal`, `${copy}-wal`);
  repairHeader(copy, hasLog);
  const schema = withSchema(copy, (db) => repairSchema(db, migrations));
  // What stood in the log is in the file now.
  repairHeader(copy, false);
  emptySchema(copy);
  withSchema(copy, (db) => {
    const insert = db.prepare('INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?)');
    db.transaction(() => {
      for (const { type, name, tbl_name, rootpage, sql } of schema) insert.run(type, name, tbl_name, rootpage, sql);
    })();
  });
  return copy;
}

/**
 * Whether the header's constants are as they must be, in a file that is there and not empty. SQLite says of some of them that the file is of
 * another program, or that it may not be written, which would end every start.
 */
export function hasGoodHeader(path: string): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) < HEADER_BYTES) return true;
  const bytes = readHeader(path);
  const good = Buffer.from(bytes);
  putConstants(good);
  // As long as the first table stands in the write-ahead log alone, they are still 0.
  for (const [at] of header.setByFirstTable) if (bytes.readUInt32BE(at) === 0) good.writeUInt32BE(0, at);
  const versions = [...bytes.subarray(header.versionsAt, header.versionsAt + 2)];
  return good.equals(bytes) && versions.every((version) => version === 1 || version === 2);
}

function readHeader(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(HEADER_BYTES);
    readSync(file, bytes, 0, HEADER_BYTES, 0);
    return bytes;
  } finally {
    closeSync(file);
  }
}

function putConstants(bytes: Buffer): void {
  header.start.copy(bytes);
  header.afterVersions.copy(bytes, header.versionsAt + 2);
  for (const [at, value] of [...header.setByFirstTable, ...header.constants]) bytes.writeUInt32BE(value, at);
}

/** Opens a file so that entries of its schema that cannot be understood are passed over, and may be written. */
function withSchema<T>(path: string, work: (db: Database.Database) => T): T {
  const db = new Database(path);
  try {
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    return work(db);
  } finally {
    db.close();
  }
}

export function removeRepairedCopy(copy: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(copy + suffix, { force: true });
}

function repairHeader(path: string, hasLog: boolean): void {
  const bytes = readHeader(path);
  putConstants(bytes);
  bytes.fill(hasLog ? 2 : 1, header.versionsAt, header.versionsAt + 2);
  // No free pages: only writing asks for them.
  bytes.fill(0, header.freeAt, header.freeAt + 8);
  bytes.writeUInt32BE(Math.ceil(statSync(path).size / PAGE_BYTES), header.pagesAt);
  bytes.copy(bytes, header.pagesOfAt, header.changesAt, header.changesAt + 4);
  const file = openSync(path, 'r+');
  try {
    writeSync(file, bytes, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
}

/** Makes the page where the schema begins an empty one: whatever else of it is damaged hangs on that. */
function emptySchema(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const page = Buffer.alloc(PAGE_BYTES - HEADER_BYTES);
    page[0] = LEAF_PAGE;
    // Where the content of the page's cells begins: at its end, there are none.
    page.writeUInt16BE(PAGE_BYTES, 5);
    writeSync(file, page, 0, page.length, HEADER_BYTES);
  } finally {
    closeSync(file);
  }
}

/** The schema as it must be: what of it can be read, with the texts that it must have, and the rest as a new file has it. */
function repairSchema(db: Database.Database, migrations: readonly string[]): readonly Entry[] {
  const found = readSchema(db);
  const texts = new Set(found.map(textOf));
  const missingOf = (schema: readonly Entry[]): readonly Entry[] => schema.filter((entry) => !texts.has(textOf(entry)));
  // A file of an earlier version has the schema of that.
  const made = migrations.map((_, i) => schemaOf(migrations.slice(0, migrations.length - i)));
  const [schema = []] = made.toSorted((a, b) => missingOf(a).length - missingOf(b).length);
  const known = new Set(schema.map(textOf));
  const wrong = found.filter((entry) => !known.has(textOf(entry)));
  return schema.map((entry) => {
    const same = found.find((one) => textOf(one) === textOf(entry)) ?? wrong.find(({ name }) => name === entry.name);
    // One entry is what a flipped bit hits: then what is missing is what it was, even if its name was hit.
    const rootpage = (same ?? (wrong.length === 1 ? wrong[0] : undefined))?.rootpage ?? entry.rootpage;
    return { ...entry, rootpage };
  });
}

/** As far as it can be read. */
function readSchema(db: Database.Database): readonly Entry[] {
  const found: Entry[] = [];
  try {
    for (const entry of db.prepare<[], Entry>('SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema').iterate()) found.push(entry);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
  }
  return found;
}

const textOf = ({ type, name, tbl_name, sql }: Entry): string => JSON.stringify([type, name, tbl_name, sql]);

function schemaOf(migrations: readonly string[]): readonly Entry[] {
  const db = new Database(':memory:');
  try {
    for (const script of migrations) db.exec(script);
    return db.prepare<[], Entry>('SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema').all();
  } finally {
    db.close();
  }
}
