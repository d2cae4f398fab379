import { describe, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.js';
import { describeCentreDatabases } from '../../testing/centre-databases.js';
import { recordingLogger, silentLogger, until } from '../../testing/delivery-fixtures.js';
import { numberPlaces, placesFor, postgresScript } from './dialect.js';
import { createPostgresDatabase, createSqliteDatabase, databaseName } from './index.js';

const tables = [
  'CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, size INTEGER, bits BLOB) STRICT;',
  'CREATE INDEX item_size ON item (size);',
];

describeCentreDatabases('the database of a centre', (databases) => {
  const fresh = async () => databases.at(await databases.place(), tables);

  test('keeps what was written, numbers as numbers and bytes as bytes', async () => {
    const database = await fresh();
    const large = Number.MAX_SAFE_INTEGER;
    const row = await database.write((sql) =>
      sql.get<{ id: number }>('INSERT INTO item (name, size, bits) VALUES (?, ?, ?) RETURNING id', 'ä', large, new Uint8Array([0, 255])),
    );
    expect(row).toEqual({ id: 1 });
    const found = await database.read((sql) =>
      sql.all<{ id: number; size: number; bits: Uint8Array; itemCount: number }>(
        'SELECT id, size, bits, (SELECT count(*) FROM item) AS "itemCount" FROM item WHERE name = ?',
        'ä',
      ),
    );
    expect(found).toEqual([{ id: 1, size: large, bits: Buffer.from([0, 255]), itemCount: 1 }]);
  });

  test('takes any text', async () => {
    const database = await fresh();
    for (const text of ['', 'a\u0000b', '\ud800', '😀', "'; DROP TABLE item; --"]) {
      await database.write((sql) => sql.run('INSERT INTO item (name) VALUES (?)', text));
    }
    expect(await database.read((sql) => sql.all('SELECT name FROM item'))).toHaveLength(5);
  });

  test('says how many rows were changed, and settles conflicts', async () => {
    const database = await fresh();
    const insert = 'INSERT INTO item (name) VALUES (?) ON CONFLICT DO NOTHING';
    const changes = await database.write(async (sql) => [
      await sql.run(insert, 'a'),
      await sql.run(insert, 'a'),
      await sql.run('DELETE FROM item'),
    ]);
    expect(changes).toEqual([1, 0, 1]);
  });

  test('undoes a transaction that throws, and goes on', async () => {
    const database = await fresh();
    const failing = database.write(async (sql) => {
      await sql.run('INSERT INTO item (name) VALUES (?)', 'a');
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(new RangeError('no'));
    await expect(database.write((sql) => sql.run('INSERT INTO nothing VALUES (1)'))).rejects.toThrow(/nothing/);
    expect(await database.read((sql) => sql.all('SELECT name FROM item'))).toEqual([]);
    expect(database.health().reachable).toBe(true);
  });

  test('loses no update when many count at once', async () => {
    const database = await fresh();
    await database.write((sql) => sql.run('INSERT INTO item (name, size) VALUES (?, 0)', 'n'));
    const add = () =>
      database.write(async (sql) => {
        await sql.lock('item', 'n');
        const row = await sql.get<{ size: number }>('SELECT size FROM item WHERE name = ?', 'n');
        await sql.run('UPDATE item SET size = ? WHERE name = ?', (row?.size ?? 0) + 1, 'n');
      });
    await Promise.all(Array.from({ length: 50 }, add));
    expect(await database.read((sql) => sql.get('SELECT size FROM item'))).toEqual({ size: 50 });
  });

  test('takes up later versions of the tables, and refuses a database that is newer than the program', async () => {
    const place = await databases.place();
    const first = await databases.at(place, tables.slice(0, 1));
    await first.write((sql) => sql.run('INSERT INTO item (name) VALUES (?)', 'kept'));
    await first[Symbol.asyncDispose]();
    const second = await databases.at(place, tables);
    expect(await second.read((sql) => sql.all('SELECT name FROM item'))).toEqual([{ name: 'kept' }]);
    await second[Symbol.asyncDispose]();
    await expect(databases.at(place, tables.slice(0, 1))).rejects.toThrow(/newer Parapet \(schema 2\)/);
  });

  if (databases.kind === 'sqlite') return;

  test('ten that open an empty database at once make its tables once', async () => {
    const place = await databases.place();
    await Promise.all(Array.from({ length: 10 }, () => databases.at(place, tables)));
  });

  test('holds on while the server is away, and says so', async () => {
    const log = recordingLogger();
    const database = await databases.at(await databases.place(), tables, log.logger);
    const insert = (name: string) => database.write((sql) => sql.run('INSERT INTO item (name) VALUES (?) ON CONFLICT DO NOTHING', name));
    await insert('before');
    await databases.server().kill();
    const during = insert('during');
    // A process that had to wait for its turn runs its timers before it reads its sockets: no fixed time tells it that the server is gone.
    await until('it has noticed', () => !database.health().reachable);
    await databases.server().start();
    await during;
    expect(database.health()).toMatchObject({ reachable: true, trouble: null });
    expect(await database.read((sql) => sql.all('SELECT name FROM item ORDER BY name'))).toEqual([{ name: 'before' }, { name: 'during' }]);
    const events = log.lines().map((line) => line['event']);
    expect(events).toContain('database-away');
    expect(events).toContain('database-back');
  });
});

describe('a PostgreSQL that cannot be used', () => {
  test.each([
    ['nobody listens', 'postgres://u:secret@127.0.0.1:9/d', /the database postgres:\/\/127\.0\.0\.1:9\/d does not answer .*ECONNREFUSED/],
    ['no such host', 'postgres://u:secret@nowhere.invalid/d', /postgres:\/\/nowhere\.invalid\/d does not answer/],
  ])('%s: one line without the password', async (_what, url, message) => {
    await using database = createPostgresDatabase({ url, migrations: tables, patienceMs: 50, clock: systemClock, logger: silentLogger() });
    const failure = await database.open().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_FAILED', message: expect.stringMatching(message) });
    expect(String(failure)).not.toContain('secret');
  });
});

describe('a SQLite file', () => {
  test('is not used before it is open', async () => {
    await using database = createSqliteDatabase({ path: '/nowhere', migrations: tables, clock: systemClock, logger: silentLogger() });
    await expect(database.read((sql) => sql.all('SELECT 1'))).rejects.toThrow(TypeError);
  });
});

describe('the dialect', () => {
  test.each([
    ['a = ? AND b = ?', 'a = $1 AND b = $2'],
    ['SELECT 1', 'SELECT 1'],
  ])('%s', (sql, expected) => {
    expect(numberPlaces(sql)).toBe(expected);
  });
  test('tables', () => {
    expect(postgresScript('CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER, b BLOB) STRICT;')).toBe(
      'CREATE TABLE a (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n BIGINT, b BYTEA);',
    );
  });
  test('lists', () => {
    expect(placesFor([1, 2, 3])).toBe('?, ?, ?');
    expect(() => placesFor([])).toThrow(RangeError);
  });
  test('names', () => {
    expect(databaseName('postgres://u:p@h:1/d?sslmode=verify-full&password=x')).toBe('postgres://h:1/d');
  });
});
