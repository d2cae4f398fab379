import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTestFolder, recordingLogger, type TestFolder } from '../../testing/delivery-fixtures.js';
import { flipBit } from '../../testing/proof-fixtures.js';
import { createRandom } from '../../testing/random.js';
import { systemClock } from '../clock.js';
import { type DurableDatabase, openDurableDatabase } from './sqlite.js';

const names = Array.from({ length: 6 }, (_, i) => `table_${i}`);
/** So long that the tables' descriptions take more than the first page. */
const COLUMN = 'x'.repeat(900);
const migrations = [
  names.map((name) => `CREATE TABLE ${name} (id TEXT PRIMARY KEY, ${COLUMN} TEXT, n INTEGER NOT NULL) STRICT;`).join('\n'),
  names
    .map((name) => `ALTER TABLE ${name} ADD COLUMN row_sum INTEGER NOT NULL DEFAULT 0; CREATE INDEX ${name}_n ON ${name} (n);`)
    .join('\n'),
];
const HEADER_BYTES = 100;
const PAGE_BYTES = 4096;
/** Without these SQLite says that the file is another program's, may not be written, or has another encoding. */
const VITAL_BYTES = [17, 18, 19, 21, 47, 55, 59, 62];
/** A version that is a little higher is that of a newer program, which a person is told. */
const VERSION_BYTE = 63;

describe('a database whose description of itself is damaged', () => {
  let folder: TestFolder;
  beforeEach(async () => {
    folder = await makeTestFolder();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  /** What there is in each table, of a file that was set aside if it was. */
  function rowsAt(path: string): { readonly rows: unknown; readonly aside: boolean } {
    const log = recordingLogger();
    let rows: unknown = null;
    const readAll = (sql: Parameters<Parameters<DurableDatabase['read']>[0]>[0]): unknown =>
      names.map((name) => sql.all(`SELECT id, ${COLUMN} AS text, n FROM ${name} ORDER BY id`));
    const database = openDurableDatabase({
      ...{ path, migrations, clock: systemClock, logger: log.logger },
      onDamaged: (damaged) => {
        rows = readAll(damaged);
      },
    });
    const aside = log.lines().some(({ event }) => event === 'store-damaged');
    rows ??= aside ? null : database.read(readAll);
    database.close();
    return { rows, aside };
  }

  function fill(path: string): Buffer {
    // As an upgraded box has it: the second version's tables were added to rows.
    const fillWith = (scripts: readonly string[], from: number): void => {
      const database = openDurableDatabase({ path, migrations: scripts, clock: systemClock, logger: recordingLogger().logger });
      database.write((sql) => {
        for (const name of names)
          for (let i = from; i < from + 3; i++) sql.run(`INSERT INTO ${name} (id, ${COLUMN}, n) VALUES (?, ?, ?)`, `${name}-${i}`, 'x', i);
      });
      database.close();
    };
    fillWith(migrations.slice(0, 1), 0);
    fillWith(migrations, 3);
    return readFileSync(path);
  }

  it('is read as it was, whichever bit of it has flipped', () => {
    const whole = fill(folder.of('whole.sqlite'));
    const { rows } = rowsAt(folder.of('whole.sqlite'));
    const text = whole.toString('latin1');
    const random = createRandom(1);
    const anyBit = (byte: number): number => 8 * byte + Math.floor(random() * 8);
    const describing = [...text.matchAll(/CREATE (TABLE|INDEX) .*?\)/g)].flatMap(({ index, 0: { length } }) => [
      index + 3,
      index + 9,
      index + length - 8,
    ]);
    expect(describing.length).toBeGreaterThan(3 * names.length);
    const bytes = [
      ...Array.from({ length: HEADER_BYTES }, (_, i) => i).filter(
        (byte) => byte !== VERSION_BYTE && (byte % 4 === 0 || VITAL_BYTES.includes(byte)),
      ),
      ...Array.from({ length: 12 }, (_, i) => HEADER_BYTES + i),
      ...describing.filter((_, i) => i % 2 === 0),
    ];
    const outcomes = bytes.map((byte) => {
      const path = folder.of(`flip-${byte}.sqlite`);
      writeFileSync(path, flipBit(whole, anyBit(byte)));
      const found = rowsAt(path);
      expect(found.rows, `byte ${byte}${byte < PAGE_BYTES ? '' : ` (${text.slice(byte - 5, byte + 5)})`}`).toEqual(rows);
      return found.aside;
    });
    expect(outcomes.filter((aside) => aside).length).toBeGreaterThan(bytes.length / 3);
    expect(text.lastIndexOf('CREATE TABLE')).toBeGreaterThan(PAGE_BYTES);
  });

  it.each([null, 19, 45])('is read with what stands in its log alone, as a crash leaves it: flipped byte %s', (byte) => {
    const path = folder.of('running.sqlite');
    const running = openDurableDatabase({ path, migrations, clock: systemClock, logger: recordingLogger().logger });
    running.write((sql) => sql.run("INSERT INTO table_3 (id, n) VALUES ('last', 1)"));
    const left = folder.of('left.sqlite');
    const main = readFileSync(path);
    writeFileSync(left, byte === null ? main : flipBit(main, 8 * byte + 5));
    copyFileSync(`${path}-wal`, `${left}-wal`);
    running.close();
    const { rows, aside } = rowsAt(left);
    expect(aside).toBe(byte !== null);
    expect(rows).toEqual(names.map((name) => (name === 'table_3' ? [{ id: 'last', text: null, n: 1 }] : [])));
  });
});
