import { createHash } from 'node:crypto';
import pg from 'pg';
import { createAggregatedWarning } from '../../platform/aggregated-warning.js';
import type { Clock } from '../../platform/clock.js';
import type { SqlValue } from '../../platform/database/sqlite.js';
import { AgentError, errorMessage } from '../../platform/errors.js';
import type { Logger } from '../../platform/logger.js';
import { redactUrls } from '../../platform/redact.js';
import type { CentreDatabase, CentreSql, DatabaseHealth } from './centre-database.js';
import { numberPlaces, postgresScript } from './dialect.js';
import { postgresError, postgresTrouble } from './postgres-error.js';

export interface PostgresOptions {
  /** `postgres://user:password@host:5432/database?sslmode=verify-full` */
  readonly url: string;
  /** Beats the one in `url`. */
  readonly password?: string | null;
  /** Connections at once, at most; default 8. */
  readonly connections?: number;
  /** SQL scripts in SQLite's words, oldest first; `parapet_schema` counts those that have run. */
  readonly migrations: readonly string[];
  /** How long a transaction is tried again while the server is away, milliseconds; default 10 s. */
  readonly patienceMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
}

const DEFAULT_CONNECTIONS = 8;
/**
 * Long enough for a server that is restarted, milliseconds; then the message is given back to the broker, which keeps more
 * of them than a receiver can hold in its hands.
 */
const DEFAULT_PATIENCE_MS = 10_000;
const FIRST_RETRY_MS = 25;
const MAX_RETRY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** A server that is frozen, or a network that swallows: the connection is given up. A transaction here takes milliseconds. */
const QUERY_TIMEOUT_MS = 30_000;
/** A receiver that froze in mid-transaction must not hold its locks for ever. */
const IDLE_IN_TRANSACTION_MS = 60_000;
const INT8 = 20;
const NUMERIC = 1700;

/** One PostgreSQL for any number of receivers. */
export function createPostgresDatabase(options: PostgresOptions): CentreDatabase {
  const { clock, logger, migrations, signal, patienceMs = DEFAULT_PATIENCE_MS } = options;
  const name = databaseName(options.url);
  const away = createAggregatedWarning(
    logger,
    clock,
    'database-away',
    `the database ${name} is away; nothing is acknowledged until it is back`,
  );
  let health: DatabaseHealth = { reachable: true, sinceMs: clock.monotonic(), trouble: null };
  const pool = new pg.Pool({
    connectionString: options.url,
    ...(options.password === undefined || options.password === null ? {} : { password: options.password }),
    max: options.connections ?? DEFAULT_CONNECTIONS,
    application_name: 'parapet-receive',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    statement_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') => (oid === INT8 || oid === NUMERIC ? Number : defaultParser(oid, format)),
    },
  });
  // A connection that ends while nobody uses it: the next one who needs it gets another.
  pool.on('error', (error) => logger.debug({ event: 'database-connection-lost', reason: errorMessage(error) }));

  async function using<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | undefined;
    // Without a listener the end of a connection in use would end the process.
    const onError = (error: Error): void => {
      broken ??= error;
    };
    client.on('error', onError);
    try {
      return await work(client);
    } catch (error) {
      // After a time-out its answer may still come, to the next question: never use such a connection again.
      if (postgresTrouble(error) === 'away') broken ??= error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  async function transaction<T>(client: pg.PoolClient, work: (sql: CentreSql) => Promise<T>): Promise<T> {
    await client.query('BEGIN');
    try {
      const result = await work(sqlOver(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      if (postgresTrouble(error) !== 'away') await client.query('ROLLBACK');
      throw error;
    }
  }

  async function persist<T>(attempt: () => Promise<T>): Promise<T> {
    const untilMs = clock.monotonic() + patienceMs;
    for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, MAX_RETRY_MS)) {
      try {
        const result = await attempt();
        back();
        return result;
      } catch (error) {
        const trouble = postgresTrouble(error);
        const failure = postgresError(error, name);
        if (trouble === 'away') lost(failure);
        if ((trouble !== 'away' && trouble !== 'again') || error instanceof AgentError) throw failure;
        if (clock.monotonic() + waitMs > untilMs || signal?.aborted === true) throw failure;
        await clock.delay(waitMs);
      }
    }
  }

  function lost(error: unknown): void {
    const trouble = errorMessage(error);
    if (health.reachable) health = { reachable: false, sinceMs: clock.monotonic(), trouble };
    away(trouble);
  }

  function back(): void {
    if (health.reachable) return;
    const seconds = ((clock.monotonic() - health.sinceMs) / 1000).toFixed(1);
    health = { reachable: true, sinceMs: clock.monotonic(), trouble: null };
    logger.info({ event: 'database-back' }, `the database ${name} is back after ${seconds} s`);
  }

  async function migrate(client: pg.PoolClient): Promise<void> {
    await transaction(client, async (sql) => {
      await sql.lock('parapet', 'schema');
      await sql.run('CREATE TABLE IF NOT EXISTS parapet_schema (version BIGINT NOT NULL)');
      const version = (await sql.get<{ version: number }>('SELECT version FROM parapet_schema'))?.version ?? 0;
      if (version > migrations.length) {
        const message = `the database ${name} was written by a newer Parapet (schema ${version}); upgrade this one or give it another database`;
        throw new AgentError('STORE_FAILED', message);
      }
      for (const script of migrations.slice(version)) await client.query(postgresScript(script));
      await sql.run('DELETE FROM parapet_schema');
      await sql.run('INSERT INTO parapet_schema (version) VALUES (?)', migrations.length);
    });
  }

  async function warnIfNotDurable(client: pg.PoolClient): Promise<void> {
    const settings = await client.query<{ fsync: string; commit: string }>(
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit`,
    );
    const [{ fsync, commit } = { fsync: 'on', commit: 'on' }] = settings.rows;
    if (fsync !== 'off' && commit !== 'off') return;
    const which = fsync === 'off' ? 'fsync' : 'synchronous_commit';
    const message = `the database ${name} acknowledges what is not on its disk yet (${which} is off): a power cut there loses events; set it to on`;
    logger.error({ event: 'database-not-durable', setting: which }, message);
  }

  return {
    shared: true,
    name,
    open: () =>
      persist(() =>
        using(async (client) => {
          await migrate(client);
          await warnIfNotDurable(client);
        }),
      ),
    write: (work) => persist(() => using((client) => transaction(client, work))),
    read: (work) => persist(() => using((client) => work(sqlOver(client)))),
    health: () => health,
    [Symbol.asyncDispose]: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

const defaultParser = pg.types.getTypeParser as (oid: number, format?: 'text' | 'binary') => (value: string) => unknown;

function sqlOver(client: pg.PoolClient): CentreSql {
  const query = async <Row extends pg.QueryResultRow>(text: string, values: readonly SqlValue[]): Promise<pg.QueryResult<Row>> =>
    // A name has the server plan a statement once for each connection.
    client.query<Row>({ name: statementName(text), text: numberPlaces(text), values: values.map(storable) });
  return {
    run: async (text, ...values) => (await query(text, values)).rowCount ?? 0,
    get: async <Row>(text: string, ...values: readonly SqlValue[]) => (await query(text, values)).rows[0] as Row | undefined,
    all: async <Row>(text: string, ...values: readonly SqlValue[]) => (await query(text, values)).rows as Row[],
    async lock(...names) {
      const digest = createHash('sha256').update(names.join('\0')).digest();
      await query('SELECT pg_advisory_xact_lock(?)', [digest.readBigInt64BE(0).toString()]);
    },
  };
}

/** PostgreSQL keeps no U+0000 in texts; JSON has it escaped, and names of ours have none. */
function storable(value: SqlValue): SqlValue {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
}

function statementName(text: string): string {
  return createHash('sha1').update(text).digest('hex').slice(0, 24);
}

/** @example databaseName('postgres://parapet:secret@db.city/parapet') // 'postgres://db.city/parapet' */
export function databaseName(url: string): string {
  return redactUrls(url).replace('***@', '').replace(/\?.*$/s, '');
}
