import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder, recordingLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { systemClock } from '../clock.js';
import { rowFits, rowSum } from './row-sums.js';
import { type DurableDatabase, openDurableDatabase, type Sql } from './sqlite.js';

const first = `
  CREATE TABLE plain (id INTEGER PRIMARY KEY, text TEXT) STRICT;
  CREATE TABLE pair (a TEXT NOT NULL, b TEXT NOT NULL, n INTEGER, r REAL, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
  CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, n INTEGER NOT NULL DEFAULT 0) STRICT;
`;
const second = `
  ALTER TABLE pair ADD COLUMN row_sum INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE counted ADD COLUMN row_sum INTEGER NOT NULL DEFAULT 0;
`;
const third = "ALTER TABLE counted ADD COLUMN later TEXT NOT NULL DEFAULT 'x';";

describe('sums of rows', () => {
  let folder: TestFolder;
  let log: ReturnType<typeof recordingLogger>;
  let saved: unknown[];
  beforeEach(async () => {
    folder = await makeTestFolder();
    log = recordingLogger();
    saved = [];
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const path = (): string => folder.of('store.sqlite');
  function open(migrations = [first, second]): DurableDatabase {
    return openDurableDatabase({
      path: path(),
      migrations,
      clock: systemClock,
      logger: log.logger,
      onDamaged: (damaged) => saved.push(damaged.all('SELECT * FROM counted')),
    });
  }
  /** As a disk does it: without anybody's knowing. */
  function alter(statement: string): void {
    const other = new Database(path());
    other.exec(statement);
    other.close();
  }
  const damages = (): unknown[] => log.lines().filter(({ event }) => event === 'store-damaged');
  const rows = (table: string) => (sql: Sql) => sql.all<Record<string, unknown>>(`SELECT * FROM ${table} ORDER BY 1, 2`);

  function fill(database: DurableDatabase): void {
    database.write((sql) => {
      sql.run("INSERT INTO plain (text) VALUES ('a')");
      for (const b of ['x', 'y']) sql.run('INSERT INTO pair (a, b, n, r) VALUES (?, ?, ?, ?)', 'p', b, null, 0.1);
      sql.run("INSERT INTO pair (a, b, n, r) VALUES ('p', 'x', 7, 2.5) ON CONFLICT (a, b) DO UPDATE SET n = excluded.n");
      sql.run("INSERT OR REPLACE INTO pair (a, b, n, r) VALUES ('p', 'y', 8, 1e300)");
      for (let i = 0; i < 25; i++) sql.run('INSERT INTO counted (text) VALUES (?)', `“${i}”\u0000\\`);
    });
    database.write((sql) => sql.run('UPDATE counted SET n = n + 1 WHERE id > 20'));
  }

  it('go with every row that is written, replaced or changed, and count as no change of their own', () => {
    const database = open();
    fill(database);
    for (const table of ['pair', 'counted']) for (const row of database.read(rows(table))) expect([row, rowFits(row)]).toEqual([row, true]);
    expect(database.read(rows('plain')).map(rowFits)).toEqual([null]);
    expect(database.write((sql) => sql.run("UPDATE counted SET text = 'same' WHERE id < 4")).changes).toBe(3);
    expect(database.write((sql) => sql.run("INSERT INTO counted (text) VALUES ('last')"))).toMatchObject({ changes: 1, lastId: 26 });
    expect(database.write((sql) => sql.get("INSERT INTO pair VALUES ('q', 'z', 1, 1, 0) RETURNING n"))).toEqual({ n: 1 });
    database.close();
    open().close();
    expect(damages()).toEqual([]);
  });

  it.each([
    ["UPDATE counted SET text = text || ' ' WHERE id = 9", 'counted'],
    ['UPDATE counted SET n = 2 WHERE id = 25', 'counted'],
    ["UPDATE pair SET r = 0.30000000000000004 WHERE b = 'x'", 'pair'],
    ["UPDATE pair SET n = NULL WHERE b = 'y'", 'pair'],
    ['UPDATE counted SET row_sum = row_sum + 1 WHERE id = 1', 'counted'],
    ['UPDATE counted SET row_sum = 0 WHERE id = 1', 'counted'],
  ])('tell at the next start of a row that is not as it was written: %s', (statement, table) => {
    const database = open();
    fill(database);
    database.close();
    alter(statement);
    open().close();
    expect(damages()).toMatchObject([{ msg: expect.stringContaining(`a row of ${table} is not as it was written`) }]);
    expect(saved).toMatchObject([{ length: 25 }]);
  });

  it.each([1, 7, 10_000])('are looked at while it is open, %i rows at a time, and damage is set aside', (limit) => {
    const database = open();
    fill(database);
    // 27 rows are summed.
    for (let round = 0; round < 60 / Math.min(limit, 60); round++) expect(database.verify(limit)).toBe(true);
    database.write((sql) => sql.run('UPDATE counted SET row_sum = 1 WHERE id = 19'));
    let calls = 0;
    while (database.verify(limit)) expect(++calls).toBeLessThanOrEqual(27);
    expect(damages()).toHaveLength(1);
    expect(saved).toMatchObject([{ length: 25 }]);
    // It goes on with the fresh one.
    expect(database.verify(limit)).toBe(true);
    database.write((sql) => sql.run("INSERT INTO counted (text) VALUES ('next')"));
    expect(database.read(rows('counted'))).toHaveLength(1);
    database.close();
  });

  it('are made for what an earlier version wrote, and made anew where a table gets a column', () => {
    const old = open([first]);
    fill(old);
    const before = old.read(rows('counted'));
    old.close();
    for (const scripts of [
      [first, second],
      [first, second, third],
    ]) {
      const database = open(scripts);
      for (const row of [...database.read(rows('pair')), ...database.read(rows('counted'))]) expect(rowFits(row)).toBe(true);
      expect(database.read(rows('counted'))).toMatchObject(before);
      database.close();
    }
    expect(damages()).toEqual([]);
  });

  it('vouch for no row of an earlier version that was altered before they were made anew', () => {
    const database = open();
    fill(database);
    database.close();
    alter('UPDATE counted SET n = 5 WHERE id = 3');
    open([first, second, third]).close();
    expect(damages()).toHaveLength(1);
  });

  it('differ by what stands where', () => {
    const different = [
      ['a', 'b'],
      ['ab', ''],
      ['', 'ab'],
      ['b', 'a'],
      [1, 2],
      ['1', 2],
      [12, null],
      [null, 12],
      [1.5, 2],
      [null, null],
    ];
    expect(new Set(different.map(rowSum)).size).toBe(different.length);
  });
});
