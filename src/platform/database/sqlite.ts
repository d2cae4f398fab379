import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '../clock.js';
import { makeFolder } from '../disk/make-folder.js';
import { AgentError, errorMessage } from '../errors.js';
import type { Logger } from '../logger.js';
import { hasGoodHeader, makeRepairedCopy, removeRepairedCopy } from './repaired-copy.js';
import { createRowWalk, keepRowSums, sumOldRows, tableWithWrongRow, teachRowSums } from './row-sums.js';

/** Statements are prepared once for each connection; name the row type that the statement yields. */
export interface Sql {
  run(sql: string, ...values: readonly SqlValue[]): { readonly changes: number; readonly lastId: number };
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined;
  all<Row>(sql: string, ...values: readonly SqlValue[]): Row[];
}

export type SqlValue = string | number | null | Uint8Array;

export interface DurableDatabase {
  /** Runs `work` in one transaction that is on the disk when this returns, and undone when `work` throws. @throws {AgentError} */
  write<T>(work: (sql: Sql) => T): T;
  /** @throws {AgentError} */
  read<T>(work: (sql: Sql) => T): T;
  /**
   * Holds the next so many rows to their sums, and begins anew behind the last. Where one is not as it was written the file is set aside, and what
   * can be is saved from it.
   *
   * @returns false when that was so.
   * @throws {AgentError}
   */
  verify(rows: number): boolean;
  close(): void;
}

export interface DurableDatabaseOptions {
  readonly path: string;
  /**
   * SQL scripts, oldest first; `user_version` counts those that have run. Never edit one that has been released: append. Rows of tables with a
   * column `row_sum` (`INTEGER NOT NULL DEFAULT 0`) are summed, and held to their sums whenever the file is opened: see row-sums.ts.
   */
  readonly migrations: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a damaged file has been set aside. */
  readonly onSetAside?: (why: AgentError) => void;
  /** Called then, when a fresh file has been begun, to save from the damaged one what can be read. */
  readonly onDamaged?: (damaged: Sql, fresh: Sql) => void;
  /**
   * Looks at what neither SQLite's own check nor sums cover: whether the rows of an earlier version's file hold what they must. Says in one line
   * what is wrong; `null` when nothing is. A file with such rows counts as damaged.
   */
  readonly check?: (sql: Sql) => string | null;
  /** Called when no room is left: makes some, or says that it cannot (false). What failed is then tried once more. */
  readonly makeRoom?: () => boolean;
}

/** How long an agent that is just ending may hold the file, milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
/** The write-ahead log is cut back to this after a checkpoint, bytes; without it one large transaction would keep its room for ever. */
const JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024;
const SYNCHRONOUS_FULL = 2;
/** No schema will ever have so many versions: a larger number is damage, and not of a newer program. */
const HIGHEST_VERSION = 99;

/**
 * Opens a SQLite file for one writer so that a committed transaction survives a power cut: WAL with `synchronous` FULL,
 * both asserted (better-sqlite3 is compiled with NORMAL for WAL). The lock is exclusive: a second agent on one file is an
 * error, not a duel.
 *
 * A file that fails its check is set aside as `<path>.damaged-<time>` and a fresh one is begun. After an I/O error
 * the connection is given up, since pages whose sync failed may be marked clean: the next call opens and checks anew.
 *
 * @throws {AgentError} STORE_FAILED, DISK_FULL.
 */
export function openDurableDatabase(options: DurableDatabaseOptions): DurableDatabase {
  let connection: Connection | null = withRoom(options, () => openOrSetAside(options));
  let closed = false;

  function use<T>(work: (connection: Connection) => T): T {
    if (closed) throw new TypeError(`the database ${options.path} has been closed`);
    connection ??= withRoom(options, () => openOrSetAside(options));
    const current = connection;
    try {
      return work(current);
    } catch (error) {
      if (!isSqliteError(error) || isProgrammerError(error)) throw error;
      if (!isHarmless(error)) {
        connection = null;
        current.db.close();
        const line = { event: 'store-reopen', path: options.path, sqlite: error.code };
        options.logger.error(line, `the database gave ${error.code}: it is opened and checked anew`);
      }
      throw storeError(options.path, error);
    }
  }

  return {
    write: (work) => withRoom(options, () => use((current) => current.db.transaction(() => work(current.sql)).immediate())),
    read: (work) => use((current) => work(current.sql)),
    verify: (rows) =>
      use((current) => {
        const wrong = current.walk(rows);
        if (wrong === null) return true;
        connection = null;
        current.db.close();
        connection = withRoom(options, () => setAside(options, damagedRow(options.path, wrong)));
        return false;
      }),
    close() {
      closed = true;
      connection?.db.close();
      connection = null;
    },
  };
}

/** A full disk undoes a transaction wholly, so it may be run again. */
function withRoom<T>({ path, makeRoom, logger }: DurableDatabaseOptions, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AgentError && error.code === 'DISK_FULL') || makeRoom?.() !== true) throw error;
    logger.error({ event: 'store-reserve-used', path }, 'no room is left on the disk: what was kept back for the database is given to it');
    return work();
  }
}

interface Connection {
  readonly db: Database.Database;
  readonly sql: Sql;
  readonly walk: (rows: number) => string | null;
}

function openOrSetAside(options: DurableDatabaseOptions): Connection {
  try {
    makeFolderOf(options.path);
    return open(options);
  } catch (error) {
    if (!(error instanceof AgentError && error.code === 'STORE_CORRUPT')) throw error;
    return setAside(options, error);
  }
}

function setAside(options: DurableDatabaseOptions, why: AgentError): Connection {
  const { path, clock, logger } = options;
  const aside = `${path}.damaged-${new Date(clock.now()).toISOString().replaceAll(':', '')}`;
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  logger.error(
    { event: 'store-damaged', code: why.code, path, aside, err: why },
    `${why.message}; it was set aside as ${aside} and a fresh one begun`,
  );
  options.onSetAside?.(why);
  const fresh = open(options);
  salvage(aside, fresh, options);
  return fresh;
}

const damagedRow = (path: string, table: string): AgentError =>
  new AgentError('STORE_CORRUPT', `the database ${path} is damaged (a row of ${table} is not as it was written)`);

function makeFolderOf(path: string): void {
  try {
    makeFolder(dirname(path), 0o750);
  } catch (error) {
    const message = `the folder of the database ${path} cannot be made (${errorMessage(error)}); see that this user may write there`;
    throw new AgentError('STORE_FAILED', message, { cause: error });
  }
}

function open(options: DurableDatabaseOptions): Connection {
  const { path, migrations } = options;
  let db: Database.Database | null = null;
  try {
    if (!hasGoodHeader(path)) throw new AgentError('STORE_CORRUPT', `the database ${path} is damaged (its header)`);
    db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    db.pragma(`journal_size_limit = ${JOURNAL_LIMIT_BYTES}`);
    const check = checkPages(db);
    if (check !== null) throw new AgentError('STORE_CORRUPT', `the database ${path} is damaged (${check})`);
    teachRowSums(db);
    const wrongTable = tableWithWrongRow(db);
    if (wrongTable !== null) throw damagedRow(path, wrongTable);
    const migrated = migrate(db, path, migrations);
    const sql = createSql(db);
    const wrong = (migrated ? options.check?.(sql) : null) ?? null;
    if (wrong !== null) throw new AgentError('STORE_CORRUPT', `the database ${path} is damaged (${wrong})`);
    const mode = db.pragma('journal_mode', { simple: true });
    const synchronous = db.pragma('synchronous', { simple: true });
    if (mode !== 'wal' || synchronous !== SYNCHRONOUS_FULL) {
      const found = `journal_mode ${mode}, synchronous ${synchronous}`;
      throw new AgentError('STORE_FAILED', `the database ${path} cannot be made durable (${found}); move it to a local disk`);
    }
    keepRowSums(db);
    return { db, sql, walk: createRowWalk(db) };
  } catch (error) {
    db?.close();
    throw isSqliteError(error) ? storeError(path, error) : error;
  }
}

/**
 * What SQLite finds wrong, in one line; `null`: nothing. Its quick check leaves out indexes and what rows refer to: a flipped bit there would end
 * each start at the first statement that meets it. Cost: 0.2 s for 200 MB (0.1 s the quick one).
 */
function checkPages(db: Database.Database): string | null {
  const whole = db.pragma('integrity_check(1)', { simple: true });
  if (whole !== 'ok') return String(whole);
  const [orphan] = db.pragma('foreign_key_check') as { readonly table: string; readonly parent: string }[];
  return orphan === undefined ? null : `a row of ${orphan.table} refers to one of ${orphan.parent} that is not there`;
}

/** Names of all tables and columns. */
function shapeOf(db: Database.Database): string {
  const columns = `SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid`;
  return JSON.stringify(db.prepare(columns).raw().all());
}

function shapeAfter(migrations: readonly string[]): string {
  const db = new Database(':memory:');
  try {
    for (const script of migrations) db.exec(script);
    return shapeOf(db);
  } finally {
    db.close();
  }
}

/** @returns whether anything was to be done. */
function migrate(db: Database.Database, path: string, migrations: readonly string[]): boolean {
  const version = Number(db.pragma('user_version', { simple: true }));
  const isNone = version < 0 || version > HIGHEST_VERSION;
  if (isNone || (version <= migrations.length && shapeOf(db) !== shapeAfter(migrations.slice(0, version))))
    throw new AgentError('STORE_CORRUPT', `the database ${path} is damaged (it has lost a table or column, or its version)`);
  if (version > migrations.length) {
    const message = `the database ${path} was written by a newer Parapet (schema ${version}); upgrade this one or move the file away`;
    throw new AgentError('STORE_FAILED', message);
  }
  for (const [index, script] of migrations.entries()) {
    if (index < version) continue;
    db.transaction(() => {
      db.exec(script);
      sumOldRows(db);
      db.pragma(`user_version = ${index + 1}`);
    }).immediate();
  }
  return version < migrations.length;
}

function salvage(aside: string, fresh: Connection, options: DurableDatabaseOptions): void {
  if (options.onDamaged === undefined) return;
  let damaged: Database.Database | null = null;
  const readable = withKnownSchema(aside, options);
  try {
    damaged = new Database(readable, { readonly: true });
    const from = createSql(damaged);
    fresh.db.transaction(() => options.onDamaged?.(from, fresh.sql)).immediate();
  } catch (error) {
    options.logger.error({ event: 'store-salvage-failed', aside }, `nothing could be saved from ${aside}: ${errorMessage(error)}`);
  } finally {
    damaged?.close();
    if (readable !== aside) removeRepairedCopy(readable);
  }
}

/** The file itself where its schema is one of ours; else a copy with a schema of ours, if that can be had. */
function withKnownSchema(aside: string, { migrations, logger }: DurableDatabaseOptions): string {
  if (hasKnownSchema(aside, migrations)) return aside;
  try {
    return makeRepairedCopy(aside, migrations);
  } catch (error) {
    logger.warn(
      { event: 'store-unrepaired', aside },
      `what describes ${aside} cannot be put right (${errorMessage(error)}): it is read as it is`,
    );
    removeRepairedCopy(`${aside}.copy`);
    return aside;
  }
}

function hasKnownSchema(path: string, migrations: readonly string[]): boolean {
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { readonly: true });
    return shapeOf(db) === shapeAfter(migrations.slice(0, Number(db.pragma('user_version', { simple: true }))));
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    return false;
  } finally {
    db?.close();
  }
}

function createSql(db: Database.Database): Sql {
  const prepared = new Map<string, Database.Statement<SqlValue[]>>();
  const statement = (text: string): Database.Statement<SqlValue[]> => {
    let found = prepared.get(text);
    if (found === undefined) {
      found = db.prepare<SqlValue[]>(text);
      prepared.set(text, found);
    }
    return found;
  };
  return {
    run(text, ...values) {
      const { changes, lastInsertRowid } = statement(text).run(...values);
      return { changes, lastId: Number(lastInsertRowid) };
    },
    get: <Row>(text: string, ...values: SqlValue[]) => statement(text).get(...values) as Row | undefined,
    all: <Row>(text: string, ...values: SqlValue[]) => statement(text).all(...values) as Row[],
  };
}

interface SqliteError extends Error {
  readonly code: string;
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Database.SqliteError;
}

/** A statement or a constraint that is wrong: a bug here, not a fault of the disk. */
function isProgrammerError(error: SqliteError): boolean {
  return (
    error.code.startsWith('SQLITE_CONSTRAINT') || ['SQLITE_ERROR', 'SQLITE_MISUSE', 'SQLITE_RANGE', 'SQLITE_MISMATCH'].includes(error.code)
  );
}

/** The transaction was undone and the connection is as good as before. */
function isHarmless(error: SqliteError): boolean {
  return ['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_NOMEM', 'SQLITE_TOOBIG'].some((code) => error.code.startsWith(code));
}

/** Whether a database failed because another process has it. */
export const isInUse = ({ cause }: AgentError): boolean => isSqliteError(cause) && cause.code.startsWith('SQLITE_BUSY');

function storeError(path: string, error: SqliteError): AgentError {
  const cause = { cause: error };
  const is = (...codes: string[]): boolean => codes.some((code) => error.code.startsWith(code));
  if (is('SQLITE_CORRUPT', 'SQLITE_NOTADB')) {
    return new AgentError('STORE_CORRUPT', `the database ${path} is damaged (${errorMessage(error)})`, cause);
  }
  if (is('SQLITE_FULL'))
    return new AgentError('DISK_FULL', `the database ${path} cannot grow: no room is left on its disk; make some`, cause);
  const mend = is('SQLITE_BUSY', 'SQLITE_LOCKED')
    ? 'another process uses it; end that one, or name another data_dir'
    : is('SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_PERM', 'SQLITE_AUTH')
      ? 'see that the folder is there and this user may write in it'
      : 'look at the disk: dmesg, smartctl';
  return new AgentError('STORE_FAILED', `the database ${path} cannot be used (${error.code}); ${mend}`, cause);
}
