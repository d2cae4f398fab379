import type { Clock } from '../../platform/clock.js';
import { type DurableDatabase, openDurableDatabase, type SqlValue } from '../../platform/database/sqlite.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import type { CentreDatabase, CentreSql, DatabaseHealth } from './centre-database.js';

export interface SqliteOptions {
  readonly path: string;
  /** SQL scripts, oldest first. */
  readonly migrations: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One SQLite file for one receiver. Transactions run one after the other, in the order in which they were asked for. */
export function createSqliteDatabase({ path, migrations, clock, logger }: SqliteOptions): CentreDatabase {
  let database: DurableDatabase | null = null;
  let queue: Promise<unknown> = Promise.resolve();
  let health: DatabaseHealth = { reachable: true, sinceMs: clock.monotonic(), trouble: null };

  function opened(): DurableDatabase {
    if (database === null) throw new TypeError(`the database ${path} is not open`);
    return database;
  }

  /** The connection has no other user while a transaction is open: statements of the next one wait in the queue. */
  const sql: CentreSql = {
    run: async (text, ...values) => opened().read((plain) => plain.run(text, ...values).changes),
    get: async <Row>(text: string, ...values: readonly SqlValue[]) => opened().read((plain) => plain.get<Row>(text, ...values)),
    all: async <Row>(text: string, ...values: readonly SqlValue[]) => opened().read((plain) => plain.all<Row>(text, ...values)),
    lock: () => Promise.resolve(),
  };

  function next<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.then(settled, settled);
    return result.then(note, (error: unknown) => {
      noteFailure(error);
      if (!(error instanceof Error && error.name === 'SqliteError')) throw error;
      throw new TypeError(`${path} refuses a statement: ${errorMessage(error)}`, { cause: error });
    });
  }

  function note<T>(value: T): T {
    if (!health.reachable) health = { reachable: true, sinceMs: clock.monotonic(), trouble: null };
    return value;
  }

  function noteFailure(error: unknown): void {
    if (error instanceof AgentError && storeCodes.has(error.code) && health.reachable)
      health = { reachable: false, sinceMs: clock.monotonic(), trouble: error.message };
  }

  async function transaction<T>(work: (sql: CentreSql) => Promise<T>): Promise<T> {
    await sql.run('BEGIN IMMEDIATE');
    try {
      const result = await work(sql);
      await sql.run('COMMIT');
      return result;
    } catch (error) {
      await undo();
      throw error;
    }
  }

  /** A full disk or a lost connection has undone it already. */
  async function undo(): Promise<void> {
    try {
      await sql.run('ROLLBACK');
    } catch (error) {
      logger.debug({ event: 'already-undone', reason: errorMessage(error) });
    }
  }

  return {
    shared: false,
    name: path,
    async open() {
      database = openDurableDatabase({ path, migrations, clock, logger });
    },
    write: (work) => next(() => transaction(work)),
    read: (work) => next(() => work(sql)),
    health: () => health,
    async [Symbol.asyncDispose]() {
      await queue;
      database?.close();
      database = null;
    },
  };
}

const storeCodes = new Set(['STORE_FAILED', 'STORE_CORRUPT', 'DISK_FULL']);
const settled = (): void => undefined;
