import type { SqlValue } from '../../platform/database/sqlite.js';

/**
 * SQL for both databases, in one text: places are `?`, conflicts are settled by `ON CONFLICT`, new ids come by `RETURNING`,
 * aliases stand in double quotes, and all integers are numbers.
 */
export interface CentreSql {
  /** @returns how many rows were changed. */
  run(sql: string, ...values: readonly SqlValue[]): Promise<number>;
  get<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row | undefined>;
  all<Row>(sql: string, ...values: readonly SqlValue[]): Promise<Row[]>;
  /** Nobody else passes a lock of the same names until this transaction is over. */
  lock(...names: readonly string[]): Promise<void>;
}

/** Where a centre keeps what it has received: one file for one receiver, or one PostgreSQL for several. */
export interface CentreDatabase extends AsyncDisposable {
  /** Whether others may use it at the same time. */
  readonly shared: boolean;
  /** For messages to people: no credentials. */
  readonly name: string;
  /** Makes or upgrades the tables. Call it once, first. @throws {AgentError} STORE_FAILED, DISK_FULL. */
  open(): Promise<void>;
  /**
   * Runs `work` in one transaction that is on the disk when the promise resolves, and undone when `work` throws. Of a
   * database that was away or had to choose between two transactions, `work` is run again: it may do nothing but SQL, or
   * what does no harm when it is done twice.
   *
   * @throws {AgentError} STORE_FAILED, DISK_FULL.
   */
  write<T>(work: (sql: CentreSql) => Promise<T>): Promise<T>;
  /** Each statement for itself. @throws {AgentError} STORE_FAILED. */
  read<T>(work: (sql: CentreSql) => Promise<T>): Promise<T>;
  /** Whether its last answer was one, and since when, monotonic milliseconds. */
  health(): DatabaseHealth;
}

export interface DatabaseHealth {
  readonly reachable: boolean;
  readonly sinceMs: number;
  /** Why it is not, one line; `null` while it is. */
  readonly trouble: string | null;
}
