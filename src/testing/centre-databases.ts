import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { systemClock } from '../platform/clock.js';
import type { Logger } from '../platform/logger.js';
import { type CentreDatabase, createPostgresDatabase, createSqliteDatabase } from '../receiver/database/index.js';
import { makeTestFolder, silentLogger, type TestFolder } from './delivery-fixtures.js';
import { type Postgres, postgresInstalled, startPostgres } from './postgres.js';

/** What a suite gets to make databases with. */
export interface DatabaseKind {
  readonly kind: 'sqlite' | 'postgres';
  /** The PostgreSQL behind it; fails for SQLite. */
  server(): Postgres;
  /** A fresh, empty place for a database. */
  place(): Promise<string>;
  /** Opens what is at a place; it is closed after the test. */
  at(place: string, migrations: readonly string[], logger?: Logger): Promise<CentreDatabase>;
}

/** Runs a suite of tests on every kind of database that a centre may have. */
export function describeCentreDatabases(name: string, suite: (databases: DatabaseKind) => void): void {
  const open: AsyncDisposable[] = [];
  const folders: TestFolder[] = [];

  async function closeAll(): Promise<void> {
    for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
    for (const { path } of folders.splice(0)) await rm(path, { recursive: true, force: true });
  }

  async function opened(database: CentreDatabase): Promise<CentreDatabase> {
    open.push(database);
    await database.open();
    return database;
  }

  describe(`${name} (SQLite)`, () => {
    afterEach(closeAll);
    suite({
      kind: 'sqlite',
      server: () => {
        throw new TypeError('SQLite has no server');
      },
      async place() {
        const folder = await makeTestFolder();
        folders.push(folder);
        return join(folder.path, 'index.sqlite');
      },
      at: (path, migrations, logger = silentLogger()) => opened(createSqliteDatabase({ path, migrations, clock: systemClock, logger })),
    });
  });

  describe.skipIf(!postgresInstalled())(`${name} (PostgreSQL)`, () => {
    let server: Postgres | null = null;
    const running = (): Postgres => {
      if (server === null) throw new TypeError('PostgreSQL does not run');
      return server;
    };
    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });
    afterEach(closeAll);
    suite({
      kind: 'postgres',
      server: running,
      place: async () => running().createDatabase(),
      at: (url, migrations, logger = silentLogger()) =>
        opened(createPostgresDatabase({ url, migrations, patienceMs: 60_000, clock: systemClock, logger })),
    });
  });
}
